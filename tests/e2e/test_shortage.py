# SPDX-License-Identifier: GPL-3.0-or-later
"""S131: too few descriptors, no room in files, too little memory, and signals at any point."""
import resource
import signal
import subprocess
import time

import pytest

from helpers import MAIL, YOU
from server import stall

HUGE = MAIL + (b"x" * 70 + b"\n") * 30000       # more than is kept in memory


def run_with(rider, mail, what, most):
    """Exit code and words of a run that may have MOST of WHAT."""
    process = rider.start(["-i", YOU], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          preexec_fn=lambda: resource.setrlimit(what, (most, most)))
    try:
        said = process.communicate(mail, timeout=20)[1]
    except BrokenPipeError:
        said = b""
    return process.wait(20), said.decode()


def sent_or_told(server, rc, said):
    """Once, and silently; or not at all, and somebody hears of it."""
    assert rc >= 0 and len(server.messages) == (rc == 0), (rc, said)
    assert (rc == 0) == (said == ""), (rc, said)


@pytest.mark.parametrize("mail", [MAIL, HUGE], ids=["small", "huge"])
@pytest.mark.parametrize("most", [3, 4, 5, 6, 8, 12])
def test_S131_few_descriptors(rider, server, most, mail):
    s = server()
    rider.use(s)
    rc, said = run_with(rider, mail, resource.RLIMIT_NOFILE, most)
    sent_or_told(s, rc, said)
    assert rc == 0 or most < 12


@pytest.mark.parametrize("mail, rc", [(MAIL, 0), (HUGE, 74)], ids=["small", "huge"])
def test_S131_no_file_may_grow(rider, server, mail, rc):
    s = server()
    rider.use(s)
    outcome = run_with(rider, mail, resource.RLIMIT_FSIZE, 0)
    sent_or_told(s, *outcome)
    assert outcome[0] == rc


@pytest.mark.parametrize("megabytes", range(8, 40, 2))
def test_S131_little_memory(rider, server, megabytes):
    if "asan" in str(rider.program):
        pytest.skip("a sanitizer has plans for all of it")
    s = server(tls="implicit")
    rider.use(s, tls_verify="no")
    rc, said = run_with(rider, HUGE, resource.RLIMIT_AS, megabytes << 20)
    if rc == 127 or "error while loading shared libraries" in said:
        return
    sent_or_told(s, rc, said)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda s: s.name)
@pytest.mark.parametrize("where", ["greeting", "mail", "data", "dot"])
def test_S131_signals_in_the_foreground(rider, server, how, where):
    """Who stops us sees that we were stopped, and no half message is taken for a whole one."""
    s = server(steps={where: stall()}, strict=False)
    rider.use(s)
    process = rider.start(["-i", YOU], stderr=subprocess.DEVNULL)
    process.stdin.write(MAIL)
    process.stdin.close()
    end = time.monotonic() + 10
    while time.monotonic() < end and not s.connections:
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(how)
    assert process.wait(10) != 0 and s.messages == []


@pytest.mark.parametrize("after", [0, 0.002, 0.005, 0.01, 0.02, 0.04])
def test_S131_stopped_while_it_puts_a_message_into_the_queue(queue, server, after):
    """What is there is whole; who was told 0 finds his message."""
    queue.use(server())
    process = queue.rider.start(["-odq", "-i", YOU], stderr=subprocess.DEVNULL)
    process.stdin.write(HUGE)
    process.stdin.close()
    time.sleep(after)
    process.terminate()
    rc = process.wait(10)
    found = queue.all()
    assert len(found) <= 1 and (rc != 0 or len(found) == 1)
