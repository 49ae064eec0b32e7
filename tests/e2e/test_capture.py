# SPDX-License-Identifier: GPL-3.0-or-later
"""`host = maildir:/path`: every message is kept, none is sent."""
import pytest

from helpers import MAIL, ME, YOU, account, config


@pytest.fixture
def capture(rider):
    folder = rider.home / "Captured"
    rider.configure(config(account(host=f"maildir:{folder}")))
    return folder


def kept(folder) -> list[bytes]:
    return [p.read_bytes() for p in sorted((folder / "new").iterdir())]


@pytest.mark.smoke
def test_kept(rider, capture):
    rider(["-t", "-i", "b@x.test"], MAIL).must_be_silent()
    (data,) = kept(capture)
    assert {p.name for p in capture.iterdir()} >= {"new", "cur", "tmp"} and not list((capture / "tmp").iterdir())
    text = data.replace(b"\r\n", b"\n")
    assert b"Subject: hello\n" in text and text.endswith(b"\n\nA line.\n")
    assert b"Message-ID: <" in text and ME.encode() in text


def test_envelope_is_kept_too(rider, capture):
    rider(["-i", "-f", "sender@x.test", YOU, "b@x.test"], MAIL).must_be_silent()
    (data,) = kept(capture)
    assert b"sender@x.test" in data and b"b@x.test" in data


def test_many(rider, capture):
    jobs = [rider.start(["-i", YOU]) for _ in range(10)]
    for job in jobs:
        job.communicate(MAIL, timeout=10)
    assert [job.returncode for job in jobs] == [0] * 10 and len(kept(capture)) == 10


def test_dots_and_line_ends(rider, capture):
    rider(["-i", YOU], b"Subject: x\n\n.a\n..\nb\n").must_be_silent()
    assert kept(capture)[0].replace(b"\r\n", b"\n").endswith(b"\n\n.a\n..\nb\n")


def test_8bit_and_long_lines_need_no_leave_from_a_server(rider, capture):
    rider(["-i", YOU], "Subject: x\n\n\u00e4\n".encode()).must_be_silent()
    assert "\u00e4".encode() in kept(capture)[0]


def test_folder_that_cannot_be_made(rider):
    rider.configure(config(account(host="maildir:/proc/nothing/here")))
    run = rider(["-i", YOU])
    assert run.rc in (73, 74, 75) and "/proc/nothing" in run.err, run


def test_bcc_is_not_kept(rider, capture):
    rider(["-t", "-i"], b"To: you@example.net\nBcc: secret@x.test\n\nx\n").must_be_silent()
    assert b"\nbcc:" not in kept(capture)[0].lower()
