# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of a command takes. A run that does not end with the exit code expected is an error."""
import re
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    pass


@dataclass(frozen=True)
class Times:
    """Medians of several runs in seconds; the memory is the most that one of them needed."""
    wall: float
    cpu: float
    fastest: float  # wall time again: what else the machine does only ever adds to it
    memory: int     # KiB


class Meter:
    def __init__(self, tools, folder, environment):
        self.folder, self.notes, self.environment = Path(tools), Path(folder) / "notes", environment
        self.probe = str(self.folder / "probe")

    def _run(self, command, given):
        with open(given, "rb") as stdin:
            return subprocess.run(command, stdin=stdin, capture_output=True, text=True, env=self.environment)

    @staticmethod
    def _hold(got, wanted, command, run):
        if got != wanted:
            raise Failed(f"{' '.join(command[:4])} ...: exit code {got}: {run.stderr[-500:].strip()}")

    def times(self, command, given, runs, code=0):
        run = self._run([self.probe, str(runs), str(given), *command], given)
        rows = [[int(word) for word in line.split()] for line in run.stdout.splitlines()]
        if len(rows) != runs:
            raise Failed(run.stderr)
        for row in rows:
            self._hold(row[0], code, command, run)
        codes, walls, cpus, memories = zip(*rows)
        return Times(statistics.median(walls) / 1e6, statistics.median(cpus) / 1e6,
                     min(walls) / 1e6, max(memories))

    def tool(self, name, *args):
        """The seconds that one of our tools says it took."""
        run = self._run([str(self.folder / name), *map(str, args)], "/dev/null")
        self._hold(run.returncode, 0, [name], run)
        return int(run.stdout) / 1e6

    def instructions(self, command, given, code=0):
        """As valgrind counts them: those of the process, not of the system."""
        run = self._run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.notes}", *command], given)
        self._hold(run.returncode, code, command, run)
        return int(re.search(r"^(?:summary|totals): (\d+)", self.notes.read_text(), re.M).group(1))

    def calls(self, command, given, code=0):
        """System calls."""
        run = self._run(["strace", "-f", "-c", "-U", "calls,name", "-o", str(self.notes), *command], given)
        self._hold(run.returncode, code, command, run)
        return int(re.search(r"^\s*(\d+) total", self.notes.read_text(), re.M).group(1))
