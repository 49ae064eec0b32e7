# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of the service reach what they need to send mail, and nothing else (Landlock)."""
import ctypes
import subprocess
import tempfile
from pathlib import Path

import pytest

from helpers import ME, YOU, account
from queue_bed import until

LANDLOCK_CREATE_RULESET = 444


def has_landlock() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, 1) >= 2


pytestmark = pytest.mark.skipif(not has_landlock(), reason="the kernel has no Landlock")


@pytest.fixture
def service(queue):
    """Start it: service()."""
    started = []

    def start() -> None:
        started.append(queue.rider.start(["-bD"], name="postrider", stdin=subprocess.DEVNULL))
        assert until(lambda: (queue.rider.home / ".local/state/postrider/queue/wake").exists())

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def test_what_it_needs(queue, server, certs, service):
    """TLS, with issuers and a password from files, names, large messages, a log that is not there yet."""
    s = server(tls="starttls", auth="PLAIN")
    secret = queue.rider.write("secret", "wonderland\n")
    secret.chmod(0o600)
    log = queue.rider.home / "log"
    queue.configure(account(s, host=f"localhost:{s.port}", tls_ca=certs.ca, user="alice", password_file=secret),
                    log=str(log))
    service()
    mail = f"From: {ME}\nTo: {YOU}\nSubject: large\n\n".encode() + b"A line.\n" * 50_000
    queue.send("-odq", YOU, mail=mail).must_be_silent()
    assert until(lambda: queue.is_clean) and s.message.secure and s.message.user == "alice"
    assert "status=sent" in log.read_text() and "not confined" not in log.read_text()


@pytest.fixture
def elsewhere():
    """A folder that is not below /tmp, where all may write."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_what_lies_elsewhere_is_out_of_reach(queue, service, elsewhere):
    """A maildir that leads out of itself."""
    box, outside = elsewhere / "box", elsewhere / "outside"
    for folder in (outside, box / "tmp", box / "cur"):
        folder.mkdir(parents=True)
    (box / "new").symlink_to(outside)
    queue.configure(account(None, host=f"maildir:{box}"))
    service()
    queue.send("-odq", YOU).must_be_silent()
    assert until(lambda: queue.all() and queue.one.attempts == 1) and list(outside.iterdir()) == []
    queue.flush().must_be_silent()
    assert queue.is_clean and len(list(outside.iterdir())) == 1, "who is not confined may"


def test_a_command_for_a_password_has_to_run(queue, server, service):
    s = server(tls="implicit", auth="PLAIN")
    log = queue.rider.home / "log"
    queue.configure(account(s, tls="implicit", tls_verify="no", user="alice", password_command="echo wonderland"),
                    log=str(log))
    service()
    for to in ("a@x.test", "b@x.test"):
        queue.send("-odq", to).must_be_silent()
        assert until(lambda: queue.is_clean)
    assert len(s.messages) == 2 and log.read_text().count("not confined: a password comes from a command") == 1
