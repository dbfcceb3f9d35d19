"""What every peer's script is called with, and the CPU time of its work without start-up and imports."""

import os
import sys
import time

THREADS = int(os.environ["BENCHMARK_THREADS"])
_start = 0.0


def begin():
    """Called behind the imports."""
    global _start
    _start = time.process_time()


def main(jobs):
    """with_PEER.py JOB INPUT OUTPUT; prints the CPU seconds of the work."""
    name, source, target = sys.argv[1:]
    jobs[name](source, target)
    print(time.process_time() - _start)


def folder(one, source, target):
    """A folder by as many processes as there are threads; imports are paid once, for workers are forked."""
    import multiprocessing

    names = sorted(name for name in os.listdir(source) if name.endswith(".nii.gz"))
    pairs = [(os.path.join(source, name), os.path.join(target, name)) for name in names]
    os.environ["BENCHMARK_THREADS"] = "1"
    with multiprocessing.get_context("fork").Pool(THREADS) as pool:
        pool.starmap(one, pairs, chunksize=1)
