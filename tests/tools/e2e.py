# SPDX-License-Identifier: GPL-3.0-or-later
"""e2e.py NAME FOLDER: run tests/e2e with the program in FOLDER, and count.

The tests find the program by $POSTRIDER. PYTEST_ADDOPTS works as usual, say "-k tls -x".
"""
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

LIMIT = 400  # seconds; a test that hangs must not hang the checks
WORKERS = max(4, 2 * (os.cpu_count() or 1))  # most of a test's time is waiting


def count(report):
    """Cases that passed and failed; a skipped one is neither."""
    try:
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return 0, 1
    total = {key: sum(int(suite.get(key, 0)) for suite in suites)
             for key in ("tests", "failures", "errors", "skipped")}
    failed = total["failures"] + total["errors"]
    return total["tests"] - failed - total["skipped"], failed


def main(name, folder):
    report = os.path.join(folder, "e2e.xml")
    if os.path.exists(report):
        os.unlink(report)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS),
               "--junitxml", report, "tests/e2e"]
    environment = dict(os.environ, POSTRIDER=os.path.join(folder, "postrider"))
    try:
        code = subprocess.run(command, env=environment, timeout=LIMIT, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"{name}: not done after {LIMIT} seconds")
        code = 1
    passed, failed = count(report)
    if code != 0 and failed == 0:
        failed = 1
    return subprocess.call(["tests/tools/tally.sh", name, str(passed), str(failed)])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
