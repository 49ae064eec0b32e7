# SPDX-License-Identifier: GPL-3.0-or-later
"""coverage.py FOLDER: which share of the lines of each module in src/ was run, as gcov says of
the objects in FOLDER."""
import collections
import json
import pathlib
import subprocess
import sys


def reports(folder):
    """What gcov says of each object file, run or not."""
    for data in sorted(pathlib.Path(folder, "src").rglob("*.gcno")):
        run = subprocess.run(["gcov", "--json-format", "--stdout", str(data)],
                             capture_output=True, text=True, check=True)
        for line in run.stdout.splitlines():
            yield from json.loads(line)["files"]


def main(folder):
    hits = collections.defaultdict(dict)
    for report in reports(folder):
        name = report["file"]
        if not name.startswith("src/") or not pathlib.Path(name).exists():
            continue
        for line in report["lines"]:
            number = line["line_number"]
            hits[name][number] = hits[name].get(number, 0) + line["count"]
    rooms = collections.defaultdict(lambda: [0, 0])
    for name in sorted(hits):
        lines = len(hits[name])
        run = sum(count > 0 for count in hits[name].values())
        for key in (name.split("/")[1], "all"):
            rooms[key][0] += run
            rooms[key][1] += lines
        print(f"{name:40} {run:6} of {lines:6} lines  {share(run, lines)}")
    print()
    for key in sorted(rooms, key=lambda room: (room == "all", room)):
        run, lines = rooms[key]
        print(f"{key:40} {run:6} of {lines:6} lines  {share(run, lines)}")


def share(run, lines):
    return f"{100 * run / lines:5.1f} %" if lines else "-"


if __name__ == "__main__":
    main(sys.argv[1])
