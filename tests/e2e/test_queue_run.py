# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the queue: what is due, for whom, and over which connections."""
import os
import resource
import signal
import socket
import subprocess
import time

import pytest

from helpers import YOU, account
from queue_bed import until
from queue_files import DELIVERED, HELD, PENDING, STUCK, TOLD, WAITING
from server import close, default, stall, wait

HOUR, DAY = 3600, 86400
LATER = {"next": int(time.time()) + HOUR}


def who(server):
    """The recipients of all accepted messages, in order."""
    return [address for m in server.messages for address in m.to]


# ---- what is due ----

def test_due_ones_only(queue, server):
    s = server()
    queue.use(s).put(to=["due@x.test"])
    later = queue.put(to=["later@x.test"], **LATER)
    queue.run().must_be_silent()
    assert who(s) == ["due@x.test"] and queue.names() == [later.id]
    assert queue.one.attempts == 0


def test_flush_sends_all(queue, server):
    s = server()
    queue.use(s).put(to=["due@x.test"])
    queue.put(to=["later@x.test"], **LATER)
    queue.put(to=["stuck@x.test"], state=STUCK, **LATER)
    queue.flush().must_be_silent()
    assert sorted(who(s)) == ["due@x.test", "later@x.test", "stuck@x.test"] and queue.is_clean


def test_flush_of_one(queue, server):
    s = server()
    queue.use(s).put(to=["a@x.test"], **LATER)
    one = queue.put(to=["b@x.test"], **LATER)
    queue.put(to=["c@x.test"])
    queue.run(f"--flush={one.id}").must_be_silent()
    assert who(s) == ["b@x.test"] and len(queue.names()) == 2


@pytest.mark.parametrize("folder, said", [(None, "there is no message"), ("failed", "only kept in failed")])
def test_flush_of_what_does_not_wait(queue, server, folder, said):
    s = server()
    queue.use(s).put()
    name = queue.put(folder=folder).id if folder else "1K52WM9H0006QKP617KEJ6F9"
    queue.run(f"--flush={name}").must(69, f"'{name}'", said)
    assert s.connections == []


def test_held_is_held(queue, server):
    s = server()
    one = queue.use(s).put(state=HELD)
    queue.run().must_be_silent()
    queue.flush().must_be_silent()
    assert s.connections == [] and queue.names() == [one.id]


def test_flush_of_what_is_held(queue, server):
    """Silence would be taken for a try; ALL is what it is for --hold."""
    s = server()
    held = queue.use(s).put(state=HELD)
    queue.run(f"--flush={held.id}").must(69, "held", f"--release={held.id}")
    assert s.connections == []
    queue.put(to=["a@x.test"], **LATER)
    queue.run("--flush=ALL").must_be_silent()
    assert who(s) == ["a@x.test"] and queue.names() == [held.id]


SELECTIONS = [
    ("-qRann@", ["ann@x.test"]),
    ("-qRX.TEST", ["ann@x.test", "bob@x.test"]),
    ("-qSboss", ["ann@x.test"]),
    ("-qI{id}", ["bob@x.test"]),
    ("-qRnobody", []),
]


@pytest.mark.parametrize("flag, sent", SELECTIONS, ids=[s[0] for s in SELECTIONS])
def test_selections(queue, server, flag, sent):
    s = server()
    queue.use(s).put(to=["ann@x.test"], sender="boss@example.com")
    bob = queue.put(to=["bob@x.test"])
    queue.put(to=["eve@y.test"])
    queue.run(flag.format(id=bob.id)).must_be_silent()
    assert sorted(who(s)) == sent and len(queue.names()) == 3 - len(sent)


CLOCKS = [
    # N in the file, its mtime, is it due
    ("a time that no delay leads to", 4000 * DAY, 4000 * DAY, True),
    ("the file's time is lost", HOUR, -DAY, False),
    ("the file's time is far ahead", -HOUR, 4000 * DAY, True),
    ("both are long ago", -4000 * DAY, -4000 * DAY, True),
]


@pytest.mark.parametrize("name, due, mtime, sent", CLOCKS, ids=[c[0].replace(" ", "_") for c in CLOCKS])
def test_clocks_that_jumped(queue, server, name, due, mtime, sent):
    s = server()
    now = int(time.time())
    one = queue.use(s).put(next=now + due)
    os.utime(queue.path / "q" / one.id, (now + mtime, now + mtime))
    queue.run().must_be_silent()
    assert (len(s.messages), len(queue.names())) == ((1, 0) if sent else (0, 1))


def test_created_in_the_future(queue, server):
    s = server(steps={"1/rcpt": "451 later"})
    queue.use(s).put(created=int(time.time()) + 400 * DAY, next=int(time.time()))
    queue.run().must_be_silent()
    assert queue.one.attempts == 1 and queue.one.next < time.time() + HOUR
    queue.flush().must_be_silent()
    assert who(s) == [YOU]


def test_more_places_than_descriptors(queue, server):
    """As with mx, where each domain is a place of its own."""
    s = server()
    queue.configure(*(account(s, f"a{i}") for i in range(80)))
    for i in range(80):
        queue.put(account=f"a{i}", to=[f"{i}@x.test"])
    few = (resource.RLIMIT_NOFILE, (64, 64))
    queue.run(preexec_fn=lambda: resource.setrlimit(*few)).must_be_silent()
    assert sorted(who(s)) == sorted(f"{i}@x.test" for i in range(80)) and queue.is_clean


# ---- when again ----

def test_retry_times(queue, server):
    queue.use(server(steps={"rcpt": "451 later"}), retry="10m, 20m, 40m").put()
    for attempts, delay in enumerate((600, 1200, 2400, 2400), 1):
        began = int(time.time())
        queue.flush().must_be_silent()
        assert queue.one.attempts == attempts and queue.one.state == WAITING
        assert began + delay * 0.8 - 1 <= queue.one.next <= time.time() + delay * 1.2 + 1
        path = queue.path / "q" / queue.one.id
        assert int(path.stat().st_mtime) == queue.one.next


def test_retry_has_jitter(queue, server):
    queue.use(server(steps={"rcpt": "451 later"}), retry="10h")
    for _ in range(8):
        queue.put()
    queue.run().must_be_silent()
    assert len({e.next for e in queue.all()}) > 4


def test_retry_in_seconds(queue, server):
    s = server(steps={"1/rcpt": "451 later", "2/rcpt": "451 later"})
    queue.use(s, retry="1s, 2s")
    queue.send().must_be_silent()
    began = time.monotonic()
    while queue.names() and time.monotonic() < began + 10:
        queue.run().must_be_silent()
        time.sleep(0.2)
    assert who(s) == [YOU] and len(s.connections) == 3


@pytest.mark.parametrize("age, attempts, over", [(6, 7, True), (6, 6, False), (4, 50, False), (400, 0, False)])
def test_expiry_needs_age_and_tries(queue, server, age, attempts, over):
    s = server(steps={f"rcpt:{YOU}": "451 4.2.2 still full"})
    queue.use(s).put(created=int(time.time()) - age * DAY, attempts=attempts)
    queue.run().must_be_silent()
    if over:
        assert [e.sender for e in queue.all()] == [""] or who(s) == ["me@example.com"]
    else:
        assert queue.one.of(PENDING) == [YOU] and queue.one.attempts == attempts + 1


def test_S053_a_broken_account_bounces_nothing(queue, server):
    s = server(tls="implicit", auth="PLAIN")
    queue.use(s, tls_verify="no", user="alice", password="wrong")
    queue.put(created=int(time.time()) - 30 * DAY, attempts=100)
    queue.run().must_be_silent()
    assert queue.one.state == STUCK and queue.one.of(PENDING) == [YOU] and len(s.connections) == 1


def test_stuck_is_due_when_the_config_changes(queue, server):
    s = server(tls="implicit", auth="PLAIN")
    queue.use(s, tls_verify="no", user="alice", password="wrong")
    queue.put()
    queue.run().must_be_silent()
    queue.run().must_be_silent()
    assert queue.one.state == STUCK and len(s.connections) == 1
    queue.use(s, tls_verify="no", user="alice", password="wonderland")
    queue.run().must_be_silent()
    assert who(s) == [YOU] and queue.is_clean


def test_the_next_success_sends_what_was_stuck(queue, server):
    """Whoever mends a password and tries it has no need to know of -q."""
    s = server(tls="implicit", auth="PLAIN")
    queue.use(s, tls_verify="no", user="alice", password="wrong")
    queue.put()
    queue.run().must_be_silent()
    queue.use(s, tls_verify="no", user="alice", password="wonderland")
    queue.send("-i", "new@x.test").must_be_silent()
    assert until(lambda: queue.is_clean) and sorted(who(s)) == sorted(["new@x.test", YOU])


def test_an_account_that_is_gone(queue, server):
    s = server()
    queue.use(s).put(account="former", created=int(time.time()) - 30 * DAY, attempts=50)
    queue.run().must_be_silent()
    assert s.connections == [] and queue.one.of(PENDING) == [YOU] and queue.one.attempts == 51


# ---- marks ----

def test_only_the_pending(queue, server):
    s = server()
    queue.use(s).put(to={"a@x.test": DELIVERED, "b@x.test": PENDING, "c@x.test": TOLD})
    queue.run().must_be_silent()
    assert who(s) == ["b@x.test"] and queue.is_clean


def test_nobody_is_pending(queue, server):
    s = server()
    queue.use(s).put(to={"a@x.test": DELIVERED, "c@x.test": TOLD})
    queue.run().must_be_silent()
    assert s.connections == [] and queue.is_clean


@pytest.mark.parametrize("quit_", [stall(), close(), "500 what?", "421 bye"], ids=["stall", "close", "500", "421"])
def test_S103_what_comes_after_the_250_changes_nothing(queue, server, quit_):
    s = server(steps={"quit": quit_})
    queue.use(s).put()
    queue.run().must_be_silent()
    assert who(s) == [YOU] and queue.is_clean


def test_S103_marked_before_QUIT(queue, server):
    """The runner dies while the server takes its time to say goodbye."""
    s = server(keywords=(), steps={"quit": stall()}, strict=False)
    queue.use(s).put()
    process = queue.rider.start(["--flush"], name="postrider", start_new_session=True)
    assert until(lambda: any("QUIT" in c.commands for c in s.connections))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=5)
    queue.flush().must_be_silent()
    assert len(s.connections) == 1 and queue.is_clean


def test_killed_before_the_250(queue, server):
    s = server(steps={"1/dot": stall()}, strict=False)
    queue.use(s).put()
    process = queue.rider.start(["--flush"], name="postrider", start_new_session=True)
    assert until(lambda: any(c.messages for c in s.connections))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=5)
    assert queue.one.of(PENDING) == [YOU]
    queue.flush().must_be_silent()
    assert who(s) == [YOU] and queue.is_clean


# ---- connections ----

def test_S105_one_connection_for_many(queue, server):
    s = server()
    queue.use(s, connections=1)
    people = [f"p{i}@x.test" for i in range(6)]
    for person in people:
        queue.put(to=[person])
    queue.run().must_be_silent()
    assert sorted(who(s)) == people and s.verbs.count("EHLO") == 1 and s.verbs.count("QUIT") == 1
    assert len(s.connections) == 1 and queue.is_clean


def test_S105_after_a_refusal_there_is_a_RSET(queue, server):
    s = server(steps={"rcpt:p1@x.test": "450 4.2.1 busy"})
    queue.use(s, connections=1)
    for i in range(3):
        queue.put(to=[f"p{i}@x.test"])
    queue.run().must_be_silent()
    assert len(s.connections) == 1 and len(s.messages) == 2 and "RSET" in s.verbs
    assert len(queue.names()) == 1


@pytest.mark.parametrize("step, answer", [("1/mail:3", "421 4.3.2 enough"), ("1/mail:3", close()),
                                          ("1/rset:2", close()), ("1/rset", "500 what?"), ("1/rset", "421 no")],
                         ids=["421", "close", "close at RSET", "RSET 500", "RSET 421"])
def test_S105_a_connection_that_ends_on_the_way(queue, server, step, answer):
    s = server(steps={step: answer})
    queue.use(s, connections=1)
    people = [f"p{i}@x.test" for i in range(5)]
    for person in people:
        queue.put(to=[person])
    queue.run().must_be_silent()
    assert sorted(who(s)) == people and len(s.connections) <= 2 and queue.is_clean


def test_S105_at_most_a_hundred(queue, server):
    s = server(keywords=("PIPELINING", "SIZE"))
    queue.use(s, connections=1)
    for i in range(120):
        queue.put(to=[f"p{i}@x.test"])
    queue.run().must_be_silent()
    assert sorted(len(c.messages) for c in s.connections) == [20, 100] and queue.is_clean
    assert len(set(who(s))) == 120


def test_MAILMAX(queue, server):
    s = server(keywords=("PIPELINING", "LIMITS MAILMAX=3"))
    queue.use(s, connections=1)
    for i in range(8):
        queue.put(to=[f"p{i}@x.test"])
    queue.run().must_be_silent()
    assert [len(c.messages) for c in s.connections] == [3, 3, 2] and queue.is_clean


@pytest.mark.parametrize("most", [1, 2, 4])
def test_connections(queue, server, most):
    s = server(steps={"dot": wait(0.1) + default()})
    queue.use(s, connections=most)
    for i in range(30):
        queue.put(to=[f"p{i}@x.test"])
    queue.run().must_be_silent()
    at_once = max(sum(c.began <= moment < c.ended for c in s.connections)
                  for moment in [c.began for c in s.connections])
    assert len(set(who(s))) == len(s.messages) == 30 and 1 <= at_once <= most
    assert most == 1 or at_once > 1


def test_who_has_to_wait_is_asked_for_once(queue, server):
    """Over a session that stands already, with the next message's envelope on its way: nobody is held up."""
    s = server(steps={"rcpt:busy@x.test": "450 4.2.1 busy"})
    queue.use(s, connections=1)
    people = [f"p{i}@x.test" for i in range(6)]
    for i, person in enumerate(people):
        queue.put(to=[person, "busy@x.test"] if i in (1, 2, 4) else [person])
    queue.run().must_be_silent()
    assert who(s) == people and len(s.connections) == 1
    assert len([c for c in s.commands if "busy@" in c]) == 3 and len(queue.names()) == 3


# ---- accounts side by side ----

def test_a_dead_account_holds_up_nobody(queue, server):
    alive = server()
    with socket.create_server(("127.0.0.1", 0)) as dead:
        queue.configure(account(None, "dead", host=f"127.0.0.1:{dead.getsockname()[1]}", tls="none", timeout="2"),
                        account(alive, "alive"))
        for i in range(4):
            queue.put(account="dead", to=[f"d{i}@x.test"])
            queue.put(account="alive", to=[f"a{i}@x.test"])
        process = queue.rider.start(["-q"], name="postrider")
        assert until(lambda: len([m for c in alive.connections for m in c.messages if m.accepted]) == 4)
        assert process.poll() is None, "it waits for the dead one still"
        process.communicate(timeout=10)
    assert process.returncode == 0
    left = queue.all()
    assert [e.account for e in left] == ["dead"] * 4 and [e.attempts for e in left] == [1] * 4


def test_one_try_tells_that_a_server_is_down(queue, server):
    s = server(steps={"greeting": "421 4.3.2 down for now"})
    queue.use(s)
    for _ in range(5):
        queue.put()
    queue.run().must_be_silent()
    assert len(s.connections) == 1 and [e.attempts for e in queue.all()] == [1] * 5


def test_one_who_waits_is_no_server_that_is_down(queue, server):
    s = server(steps={"rcpt:1": "450 4.2.1 greylisted"})
    queue.use(s, connections=1)
    for i in range(3):
        queue.put(to=[f"p{i}@x.test"])
    queue.run().must_be_silent()
    assert len(s.messages) == 2 and len(queue.names()) == 1


# ---- several at once ----

@pytest.mark.parametrize("args", [["--flush"], ["-q"]])
def test_runners_side_by_side(queue, server, args):
    s = server(steps={"mail": wait(0.02) + default()})
    queue.use(s)
    people = [f"p{i}@x.test" for i in range(20)]
    for person in people:
        queue.put(to=[person])
    runners = [queue.rider.start(args, name="postrider", stderr=subprocess.PIPE) for _ in range(4)]
    assert [r.communicate(timeout=20)[1] for r in runners] == [b""] * 4
    assert [r.returncode for r in runners] == [0] * 4
    queue.run().must_be_silent()
    assert sorted(who(s)) == sorted(people) and queue.is_clean


def test_a_message_in_hand_is_left_alone(queue, server):
    """-odb holds the lock while it sends; a run meanwhile sends nothing twice."""
    s = server(steps={"1/dot": wait(1) + default()})
    queue.use(s)
    queue.send("-odb", YOU).must_be_silent()
    assert until(lambda: s.connections)
    queue.flush().must_be_silent()
    assert until(lambda: queue.is_clean)
    assert who(s) == [YOU]


def test_S131_SIGTERM_ends_a_run_in_order(queue, server):
    s = server(steps={"dot": wait(0.2) + default()})
    queue.use(s, connections=1)
    people = [f"p{i}@x.test" for i in range(6)]
    for person in people:
        queue.put(to=[person])
    process = queue.rider.start(["--flush"], name="postrider")
    assert until(lambda: any(c.messages for c in s.connections))
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0 and 0 < len(queue.names()) < 6 and s.connections[0].gone == "quit"
    queue.flush().must_be_silent()
    assert sorted(who(s)) == people and queue.is_clean


def test_S131_a_caller_that_ignores_SIGCHLD(queue, server):
    """Then the kernel says nothing of children's ends, and a worker that failed would look like one that did not."""
    def no_news():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    def no_room():
        no_news()
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    s = server()
    queue.use(s).put(to=["a@x.test"])
    queue.run(preexec_fn=no_news).must_be_silent()
    assert who(s) == ["a@x.test"]
    queue.put(to=["b@x.test"])
    queue.run(preexec_fn=no_room).must(74)
    assert who(s) == ["a@x.test"] and len(queue.names()) == 1
