# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports that the unit tests write, read by Python's reader of mail."""
import os
import subprocess

import pytest

import dsn
from helpers import TOP, program

UNIT = program().parent / "tests/unit/message"
CLASSES = {"failed": "5", "delayed": "4", "relayed": "2"}


def check(data):
    """DATA is a report that everybody can read; None if the test has made its address unreadable on purpose."""
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 998 and not any(b"\n" in line or b"\r" in line for line in lines)
    if b"To: <a@x.test>" not in lines:
        return None
    report = dsn.read(data)
    assert report.head["Auto-Submitted"] == "auto-replied"
    assert report.message["Reporting-MTA"] == "dns; mail.x.test"
    for recipient in report.recipients:
        assert recipient["Status"][0] == CLASSES[recipient["Action"]]
        assert recipient["Final-Recipient"].split(";")[0] in ("rfc822", "utf-8")
    assert report.original is None or report.original["Bcc"] is None
    return report


@pytest.mark.parametrize("name", ["test_report", "test_report_status", "test_report_original"])
def test_reports_have_no_defects(name, tmp_path):
    if not (UNIT / name).exists():
        pytest.skip("the unit tests are not built")
    subprocess.run([UNIT / name], env={**os.environ, "REPORT_SAMPLES": str(tmp_path)}, cwd=TOP, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    reports = [check(sample.read_bytes()) for sample in tmp_path.iterdir()]
    assert len(reports) > 10 and reports.count(None) <= 1
