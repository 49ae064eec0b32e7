# SPDX-License-Identifier: GPL-3.0-or-later
"""The key `rate`: no more messages a minute than a provider takes, however many processes send."""
import struct
import subprocess
import time

import pytest

from helpers import MAIL, ME, YOU, account
from queue_bed import until
from queue_files import PENDING
from smtp_caller import Caller


def ring(queue):
    """The one file that remembers the times of an account's last messages."""
    [path] = queue.path.glob("rate-*")
    return path


def numbers(path) -> list[int]:
    return [n for n, in struct.iter_unpack("=q", path.read_bytes())]


def move_times(queue, seconds: float) -> None:
    """Let them be so much later; earlier if it is negative."""
    path = ring(queue)
    oldest, *times = numbers(path)
    moved = [t + int(seconds * 1_000_000) if t else 0 for t in times]
    path.write_bytes(struct.pack(f"={1 + len(moved)}q", oldest, *moved))


def test_two_of_five(queue, server):
    """Those that are over it are queued, in silence, until there is room."""
    s = server()
    queue.use(s, rate="2")
    began = int(time.time())
    for i in range(5):
        queue.send(f"u{i}@x.test").must_be_silent()
    assert [m.to for m in s.messages] == [["u0@x.test"], ["u1@x.test"]]
    assert queue.waiting == [["u2@x.test"], ["u3@x.test"], ["u4@x.test"]]
    assert all(e.attempts == 0 and began + 55 <= e.next <= time.time() + 61 for e in queue.all())


def test_verbose_says_so(queue, server):
    queue.use(server(), rate="1")
    queue.send().must_be_silent()
    run = queue.send("-v", YOU).must(0, "messages for this minute", "waits", "seconds")
    assert f"queued for <{YOU}> as {queue.one.id}" in run.err


def test_the_rest_goes_when_there_is_room(queue, server):
    s = server()
    queue.use(s, rate="2")
    for i in range(5):
        queue.send(f"u{i}@x.test").must_be_silent()
    move_times(queue, -61)
    queue.flush().must_be_silent()
    assert len(s.messages) == 4 and queue.waiting == [["u4@x.test"]] and queue.one.attempts == 0


def test_a_run_keeps_to_it(queue, server):
    """What it cannot send has its turn when there is room again, and that is no try."""
    s = server()
    queue.use(s, rate="3")
    for i in range(8):
        queue.put(to=[f"u{i}@x.test"])
    queue.run().must_be_silent()
    assert len(s.messages) == 3 and len(s.connections) <= 2
    assert all(e.attempts == 0 and time.time() + 50 <= e.next <= time.time() + 62 for e in queue.all())
    queue.run().must_be_silent()
    queue.flush().must_be_silent()
    assert len(s.messages) == 3 and len(queue.all()) == 5


def test_processes_share_it(queue, server):
    s = server()
    queue.use(s, rate="5")
    started = [queue.rider.start(["-i", f"u{i}@x.test"], stderr=subprocess.PIPE) for i in range(15)]
    for one in started:
        out, err = one.communicate(MAIL, timeout=20)
        assert (one.returncode, err) == (0, b"")
    assert len(s.messages) == 5 and len(queue.all()) == 10


def test_in_the_background(queue, server):
    s = server()
    queue.use(s, rate="1", delivery="background")
    queue.send("a@x.test").must_be_silent()
    queue.send("b@x.test").must_be_silent()
    assert until(lambda: len(queue.names()) == 1 and s.messages)
    assert s.message.to == ["a@x.test"] and queue.one.of(PENDING) == ["b@x.test"]


def test_messages_that_are_only_queued_do_not_count(queue, server):
    s = server()
    queue.use(s, rate="1")
    for i in range(3):
        queue.send("-odq", f"u{i}@x.test").must_be_silent()
    queue.send("now@x.test").must_be_silent()
    assert s.message.to == ["now@x.test"] and len(queue.names()) == 3


def test_recipients_do_not_count(queue, server):
    s = server()
    queue.use(s, rate="1")
    queue.send(*(f"u{i}@x.test" for i in range(10))).must_be_silent()
    assert len(s.message.to) == 10


def test_accounts_have_limits_of_their_own(queue, server):
    one, two, three = server(), server(), server()
    queue.configure(account(one, "one", from_="me@one.test", rate="1"),
                    account(two, "two", from_="me@two.test", rate="2"),
                    account(three, "three", from_="me@three.test"))
    for sender in "one", "two", "three":
        for _ in range(3):
            queue.send("-f", f"me@{sender}.test", YOU).must_be_silent()
    assert [len(s.messages) for s in (one, two, three)] == [1, 2, 3]


def test_another_limit_begins_anew(queue, server):
    s = server()
    queue.use(s, rate="1")
    for limit, sent in ("1", 1), ("3", 4), ("2", 6):
        queue.use(s, rate=limit)
        for _ in range(5):
            queue.send().must_be_silent()
        assert len(s.messages) == sent
    assert len(ring(queue).read_bytes()) == 3 * 8


def test_no_limit_any_more(queue, server):
    s = server()
    queue.use(s, rate="1")
    queue.send().must_be_silent()
    queue.use(s)
    for _ in range(3):
        queue.send().must_be_silent()
    assert len(s.messages) == 4


def test_a_clock_that_was_wrong(queue, server):
    """Times in the future stop nobody."""
    s = server()
    queue.use(s, rate="1")
    queue.send().must_be_silent()
    move_times(queue, 3600)
    queue.send().must_be_silent()
    assert len(s.messages) == 2
    queue.send().must_be_silent()
    assert len(s.messages) == 2


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 16, b"\xff" * 1000], ids=["empty", "short", "ff", "long"])
def test_a_file_that_makes_no_sense(queue, server, content):
    s = server()
    queue.use(s, rate="1")
    queue.send().must_be_silent()
    ring(queue).write_bytes(content)
    queue.send().must_be_silent()
    queue.send().must_be_silent()
    assert len(s.messages) == 2 and len(queue.names()) == 1


def test_without_a_queue_there_is_no_limit(queue, server):
    """Nobody could wait, so it is not counted: see the manual."""
    s = server()
    queue.use(s, rate="1", queue="never")
    for _ in range(3):
        queue.send().must_be_silent()
    assert len(s.messages) == 3 and not queue.path.exists()


def test_bs_keeps_to_it(queue, server):
    s = server()
    queue.use(s, rate="2")
    c = Caller(queue.rider.start(["-bs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    assert c.reply() == 220
    assert [c.message(MAIL, ME, f"u{i}@x.test").code for i in range(4)] == [250] * 4
    assert c.say("QUIT") == 221
    c.end()
    assert len(s.messages) == 2 and len(queue.names()) == 2
