"""The whole comparison: interleaved runs of medprep and the peers, the floor, the outputs, the tables."""

import gzip
import json
import os
import statistics
from pathlib import Path

from . import compare, data, report
from .running import Failure, Runner, compiled, floor, fresh, say
from .work import BARE, JOBS, SCRIPTS

BENCHMARKS = Path(__file__).resolve().parents[1]
# Seconds. Above, what a run finds in caches and memory is a small share of it.
SHORT = 5


class Comparison:
    def __init__(self, options):
        self.options, self.folder = options, options.work
        self.cores = os.cpu_count()
        self.runner = Runner(self.folder / "programs", self.cores, options.limit)
        self.floor = compiled("floor", self.folder / "programs", ["isal"])
        self.bare = compiled("bare", self.folder / "programs", ["isal"])
        # Outputs as `bare` reads them.
        self.plain = fresh(self.folder / "plain")
        self.runs, self.floors, self.checks = {}, {}, {}
        self.load = [os.getloadavg()[0]]

    def start(self):
        if not (self.options.data / "source.txt").exists():
            say(f"making the scans in {self.options.data}")
            data.make(self.options.data)
        for job in JOBS:
            if not self.options.only or job.name in self.options.only:
                self.measure(job)
        self.load.append(os.getloadavg()[0])
        return report.Report(self)

    def measure(self, job):
        names = ["medprep", *[peer.name for peer in job.peers if self.takes_part(peer)]]
        other = 1 if job.cores else self.cores
        if job.name in ("J2", "J5") and self.cores > 1:
            names.insert(1, f"medprep, {other} thread{'s' if other > 1 else ''}")
        if job.allowed is not None:
            names.append(BARE)
        for run in range(self.options.runs):
            for name in names:
                try:
                    taken = self.run(job, name)
                except Failure as failure:
                    say(f"{job.name} {name}: {failure}")
                    continue
                self.runs.setdefault((job.name, name), []).append(taken)
                say(f"{job.name} {name} {run}: {taken}")
        if job.allowed is not None:
            read = compare.scans(self.input(job))
            written = compare.scans(self.output(job, "medprep"))
            self.floors[job.name] = floor(self.floor, self.options.runs, job.bytes, read, written)
        self.check(job, names)

    def run(self, job, name):
        """One run, and once the same before it, uncounted, unless it is known to take long."""
        before = self.runs.get((job.name, name))
        warm = job.warm
        if not before or before[-1].wall < SHORT:
            self.runner.run(self.command(job, name), warm)
            warm = 0
        return self.runner.run(self.command(job, name), warm)

    def takes_part(self, peer):
        return not self.options.peers or peer.name in self.options.peers

    def input(self, job):
        return self.options.data / job.folder

    def output(self, job, name):
        return self.folder / "out" / job.name / name.replace(", ", "-").replace(" ", "-")

    def command(self, job, name):
        source, target = self.input(job), fresh(self.output(job, name))
        if name.startswith("medprep"):
            threads = self.cores if job.cores else 1
            if name != "medprep":
                threads = 1 if job.cores else self.cores
            return self.medprep(BENCHMARKS / "Jobs" / f"{job.name}.json", source, target, threads)
        if name == BARE:
            return self.nothing(job, target)
        if job.folder in ("t1", "t1-raw", "ct"):
            source = next(iter(sorted(source.iterdir())))
            target = target / source.name
        if job.name == "J4":
            target = target / "sub.nii.gz"
        if name == "niimath":
            niimath = Path(self.options.python).parent / "niimath"
            change = "-max -1000 -min 1000 -resize 0.75 0.75 2 2 -add 1000 -div 2000".split()
            return [niimath, "-dt", "float", source, *change, target, "-odt", "float"]
        return [self.options.python, BENCHMARKS / "Peers" / SCRIPTS[name], job.name, source, target]

    def nothing(self, job, target):
        """Reads what the job reads and writes what medprep wrote."""
        plain = self.plain / job.name
        written = []
        for scan in compare.scans(self.output(job, "medprep")):
            content = plain / scan.name.removesuffix(".gz")
            if not content.exists():
                plain.mkdir(parents=True, exist_ok=True)
                content.write_bytes(gzip.decompress(scan.read_bytes()) if scan.suffix == ".gz" else scan.read_bytes())
            written += [target / scan.name, content]
        return [self.bare, "-r", *compare.scans(self.input(job)), "-w", *written]

    def medprep(self, pipeline, source, target, threads):
        options = ["--out", target, "--jobs", threads, "--quiet", "--overwrite"]
        return [self.options.medprep, "run", pipeline, source, *options]

    def check(self, job, names):
        for name in names[1:]:
            if name.startswith("medprep"):
                same = compare.same_bytes(self.output(job, "medprep"), self.output(job, name))
                self.checks[job.name, name] = "same bytes" if same else "OTHER BYTES"
        for peer in job.peers:
            if peer.name not in names or (job.name, peer.name) not in self.runs:
                continue
            self.checks[job.name, peer.name] = self.compared(job, peer)

    def compared(self, job, peer):
        """What the table says of a peer's output."""
        if peer.tolerance is None:
            return "not compared"
        ours = self.output(job, "medprep")
        if peer.compat:
            ours = fresh(self.output(job, f"medprep as {peer.name}"))
            self.runner.run(self.medprep(self.variant(job, peer), self.input(job), ours, self.cores))
        try:
            largest, alone = compare.difference(
                ours, self.output(job, peer.name), job.masked, peer.skip_last_plane)
        except ValueError as error:
            say(f"{job.name} {peer.name}: {error}")
            return "OTHER GRID"
        verdict = "" if largest <= peer.tolerance else f"ABOVE {peer.tolerance:g}: "
        text = f"{verdict}at most {largest:.1e}"
        return text + (f", {alone:.2%} of the voxels only here" if alone > 5e-5 else "")

    def variant(self, job, peer):
        """The job's pipeline on the peer's grid."""
        pipeline = json.loads((BENCHMARKS / "Jobs" / f"{job.name}.json").read_text())
        for step in pipeline["steps"]:
            if step["op"] == "resample":
                step["compat"] = peer.compat
        path = self.folder / f"{job.name}-{peer.compat}.json"
        path.write_text(json.dumps(pipeline))
        return path

    def median(self, job, name, what="cpu"):
        values = [getattr(taken, what) for taken in self.runs.get((job.name, name), [])]
        values = [value for value in values if value is not None]
        return statistics.median(values) if values else None
