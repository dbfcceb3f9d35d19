"""Runs a program as one whole process and says what it took."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass
class Taken:
    wall: float
    cpu: float
    # Peak resident MiB.
    memory: float
    # CPU without start-up, where the program says it.
    work: float | None = None

    def __str__(self):
        return f"{self.cpu:.3f} s CPU, {self.wall:.3f} s, {self.memory:.0f} MiB"


class Failure(Exception):
    """A program ended with an error; the text says which and what it printed."""


def compiled(name, folder, libraries=()):
    """The C program `name` of this folder, compiled into `folder`."""
    compiler = next((word for word in ("cc", "clang", "gcc") if shutil.which(word)), None)
    if compiler is None:
        raise Failure("no C compiler: install clang or gcc")
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    flags = [f"-l{library}" for library in libraries]
    subprocess.run([compiler, "-O2", HERE / f"{name}.c", "-o", program, *flags], check=True)
    return program


class Runner:
    def __init__(self, folder, threads, limit):
        self.measure = compiled("measure", folder)
        self.record, self.limit = folder / "record", limit
        self.environment = dict(os.environ, BENCHMARK_THREADS=str(threads), PYTHONWARNINGS="ignore")
        for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
            self.environment[f"{name}_NUM_THREADS"] = "1"
        self.environment["ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"] = "1"

    def run(self, command, warm=2):
        """Runs a command once `warm` GiB of memory were taken and given back."""
        process = subprocess.Popen(
            [self.measure, self.record, str(warm), *map(str, command)], env=self.environment, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            printed, errors = process.communicate(timeout=self.limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Failure(f"{command[0]}: not done after {self.limit} s") from None
        if process.returncode != 0:
            raise Failure(f"{' '.join(map(str, command))}: status {process.returncode}\n{errors[-2000:]}")
        _, wall, user, system, peak = self.record.read_text().split()
        try:
            work = float(printed.split()[-1])
        except (IndexError, ValueError):
            work = None
        return Taken(float(wall), float(user) + float(system), int(peak) / 1024, work)


def floor(program, runs, moved, read, written):
    """CPU seconds of decoding, encoding and moving bytes, and the speed of memcpy in GB/s."""
    command = [program, str(runs), str(moved), "-r", *read, "-w", *written]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [float(word) for word in printed.split()]


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def say(*words):
    print(*words, file=sys.stderr, flush=True)
