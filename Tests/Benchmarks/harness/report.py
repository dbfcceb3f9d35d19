"""The tables: RESULTS.md, and the rows for the README."""

import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

from .work import BARE, JOBS, PACKAGES


def number(value, places=2):
    return "–" if value is None else f"{value:.{places}f}"


class Report:
    def __init__(self, comparison):
        self.comparison, self.options = comparison, comparison.options
        self.jobs = [job for job in JOBS if (job.name, "medprep") in comparison.runs]

    def text(self):
        parts = [self.head(), self.against_floor(), self.against_peers()]
        if any(name.startswith("medprep,") for _, name in self.comparison.runs):
            parts.append(self.two_cores())
        return "\n\n".join(parts) + "\n"

    def head(self):
        load = " to ".join(f"{value:.1f}" for value in self.comparison.load)
        source = (self.options.data / "source.txt").read_text().strip()
        lines = [
            "# Results of the job benchmarks", "",
            f"- Command: `{' '.join(['Tests/Benchmarks/jobs', *arguments()])}`",
            f"- Date: {datetime.date.today().isoformat()}. Runs of each: {self.options.runs}, interleaved.",
            f"- Machine: {machine()}. Load: {load}.",
            f"- medprep: {printed([self.options.medprep, '--version'])}. Peers, on Python"
            f" {platform.python_version()}: {', '.join(self.versions())}.",
            f"- Scans: {source}, given 12 bits and noise (`harness/data.py`).", "",
            "Numbers are medians. CPU: user and system seconds of the whole process, start-up included; one",
            "thread for everybody, J5 as many threads or processes as there are cores. Peak: resident MiB",
            "of the largest process.",
        ]
        return "\n".join(lines)

    def against_floor(self):
        rows = [
            "## Against the floor", "",
            "Floor: ISA-L decodes the job's input and encodes its output (level 1, in memory; plain files:",
            "read and write), and memcpy moves the bytes the computation must move, all in the same run.",
            "Bare: a C program, a process of its own, that reads and decodes the same input into fresh memory,",
            "encodes, writes and syncs the same output, and computes nothing.", "",
            "| job | CPU s | floor = decode + encode + move | times the floor | wanted | bare s, times the floor"
            " | wall s | peak MiB |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for job in self.jobs:
            cpu, floor = self.median(job), self.comparison.floors.get(job.name)
            cells = [f"{job.name}: {job.title}", number(cpu, 3)]
            if floor:
                decode, encode, move, _ = floor
                total = decode + encode + move
                parts = " + ".join(number(value, 3) for value in (decode, encode, move))
                cells += [f"{number(total, 3)} = {parts}", number(cpu / total), number(job.allowed, 1)]
                bare = self.median(job, BARE)
                cells.append("–" if bare is None else f"{number(bare, 3)}, {number(bare / total)}")
            else:
                cells += ["–", "–", "–", "–"]
            cells += [number(self.median(job, what="wall"), 3), number(self.median(job, what="memory"), 0)]
            rows.append("| " + " | ".join(cells) + " |")
        speeds = [floor[3] for floor in self.comparison.floors.values()]
        if speeds:
            rows += ["", f"memcpy: {min(speeds):.1f} to {max(speeds):.1f} GB/s, bytes read and written."]
        return "\n".join(rows)

    def against_peers(self):
        rows = [
            "## Beside the peers", "",
            "The same files, interpolation and output, unless the note says otherwise. Times less: CPU of",
            "the peer over that of medprep. Work: the peer's CPU without the start of Python and imports.",
            "Difference: the largest between its output and medprep's on the same grid.", "",
            "| job | peer | CPU s | times less | wanted | work s, times less | wall s, times less | peak MiB"
            " | difference | note |",
            "|---|---|---:|---:|---:|---:|---:|---:|---|---|",
        ]
        for job in self.jobs:
            ours = self.median(job)
            for peer in job.peers:
                cpu, work = self.median(job, peer.name), self.median(job, peer.name, "work")
                if cpu is None:
                    continue
                # Workers of a pool are not in the parent's own time.
                worked = "–" if work is None or job.cores else f"{number(work)}, {number(work / ours, 1)}"
                wall = self.median(job, peer.name, "wall")
                cells = [
                    job.name, peer.name, number(cpu), number(cpu / ours, 1), number(peer.wanted, 1), worked,
                    f"{number(wall)}, {number(wall / self.median(job, what='wall'), 1)}",
                    number(self.median(job, peer.name, "memory"), 0),
                    self.comparison.checks.get((job.name, peer.name), "–"), peer.note,
                ]
                rows.append("| " + " | ".join(cells) + " |")
        return "\n".join(rows)

    def two_cores(self):
        rows = [
            "## All cores", "",
            "Only a machine whose other cores are idle shows what they give.", "",
            "| job | wall s, 1 thread | wall s, all cores | share | output |", "|---|---:|---:|---:|---|",
        ]
        for job in self.jobs:
            for (name, label), _ in self.comparison.runs.items():
                if name != job.name or not label.startswith("medprep,"):
                    continue
                pair = self.median(job, what="wall"), self.median(job, label, "wall")
                one, many = reversed(pair) if job.cores else pair
                check = self.comparison.checks.get((name, label), "–")
                rows.append(f"| {name} | {number(one)} | {number(many)} | {number(many / one)} | {check} |")
        return "\n".join(rows)

    def readme(self):
        """Rows for the README: CPU seconds, and how many times medprep's."""
        names = []
        for job in self.jobs:
            names += [peer.name for peer in job.peers if peer.name not in names]
        lines = ["| CPU seconds | " + " | ".join(["medprep", *names]) + " |"]
        lines.append("|---|---:" + "|---:" * len(names) + "|")
        for job in self.jobs:
            ours, cells = self.median(job), []
            for name in names:
                cpu = self.median(job, name)
                cells.append("" if cpu is None else f"{number(cpu)} (×{number(cpu / ours, 0)})")
            lines.append(f"| {job.title} | {number(ours)} | " + " | ".join(cells) + " |")
        return "\n".join(lines)

    def median(self, job, name="medprep", what="cpu"):
        return self.comparison.median(job, name, what)

    def versions(self):
        seen = {name for _, name in self.comparison.runs}
        packages = [package for peer, group in PACKAGES.items() if peer in seen for package in group]
        code = "import importlib.metadata as m, sys; print(*[m.version(p) for p in sys.argv[1:]])"
        found = printed([self.options.python, "-c", code, *packages]).split()
        return [f"{package} {version}" for package, version in zip(packages, found)]


def arguments():
    """The words after the command, without where things lie on this machine."""
    return ["…" if "/" in word else word for word in sys.argv[1:]]


def printed(command):
    words = list(map(str, command))
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def machine():
    """Processor, cores, memory and system: what a reader needs to set a number beside their own."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}"
