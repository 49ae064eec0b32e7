# SPDX-License-Identifier: GPL-3.0-or-later
"""Many messages over one connection: the next one's envelope leaves with the end of the present one."""
import random
import resource
import socket
from collections import Counter

import pytest

from helpers import account
from queue_files import PENDING, REFUSED
from server import close, replies, reset, stall

BASE = ("8BITMIME", "SIZE", "ENHANCEDSTATUSCODES")
WAYS = {"DATA": ("PIPELINING", *BASE), "BDAT": ("PIPELINING", "CHUNKING", *BASE), "lock-step": BASE}
each_way = pytest.mark.parametrize("way", WAYS)


def fill(queue, server, messages, **keys):
    """A queue for SERVER, with a message for each of MESSAGES: a word of which each letter is a recipient."""
    queue.use(server, **{"connections": 1, **keys})
    for people in messages:
        queue.put(to=[f"{p}@x.test" for p in people], sender="")
    return queue


def people(addresses):
    return "".join(sorted(a.partition("@")[0] for a in addresses))


def taken(server):
    """Who has a message, as often as he has it."""
    return people(a for m in server.messages if m.accepted for a in m.to)


def waiting(queue):
    return people(a for e in queue.all() for a in e.of(PENDING))


@each_way
def test_round_trips(queue, server, way):
    s = server(keywords=WAYS[way])
    fill(queue, s, "abcdefgh").run().must_be_silent()
    assert taken(s) == "abcdefgh" and queue.is_clean and len(s.connections) == 1
    trips = {"DATA": 2 * 8, "BDAT": 2 * 8, "lock-step": 4 * 8}[way]
    assert s.connections[0].trips <= trips + 5


@each_way
def test_S073_no_room_for_some_of_the_first(queue, server, way):
    """What is left of a message has to go before the next one begins."""
    s = server(keywords=WAYS[way], steps={"rcpt:2": "452 4.5.3 too many recipients"})
    fill(queue, s, ["ab", "c", "d"]).run().must_be_silent()
    assert taken(s) == "abcd" and queue.is_clean and len(s.connections) == 1


@each_way
@pytest.mark.parametrize("code", ["250", "251", "450", "452", "550", "552", "553"])
def test_S070_a_recipient_of_a_message_on_the_way(queue, server, way, code):
    """Each message's recipients fare as if it had come alone."""
    s = server(keywords=WAYS[way], steps={"rcpt:c@x.test": f"{code} so it is", "rcpt:d@x.test": f"{code} so it is"})
    fill(queue, s, ["a", "bc", "d", "e"]).run().must_be_silent()
    kept = {"2": "cd", "4": "", "5": ""}[code[0]]
    assert taken(s) == people("abe" + kept)
    assert waiting(queue) == ("cd" if code[0] == "4" else "")
    assert len(queue.names("failed")) == (2 if code[0] == "5" and code != "552" else len(queue.names("failed")))


@each_way
@pytest.mark.parametrize("step", ["mail:2", "rcpt:2", "data:2"])
@pytest.mark.parametrize("answer", ["451 4.3.0 not now", "550 5.7.1 never", "421 4.3.2 bye", close(), reset()],
                         ids=["451", "550", "421", "close", "reset"])
def test_S105_the_next_one_meets_trouble(queue, server, way, step, answer):
    """The message before it was taken, once, and is done with; the one behind goes its way."""
    s = server(keywords=WAYS[way], steps={f"1/{step}": answer})
    fill(queue, s, "abc").run().must_be_silent()
    assert Counter(taken(s))["a"] == 1 and "a" not in waiting(queue)
    assert taken(s) + waiting(queue) in ("abc", "acb") or (answer == "550 5.7.1 never" and taken(s) == "ac")
    queue.flush().must_be_silent()
    assert taken(s) == "abc" or queue.names("failed")


@each_way
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("answer", ["451 4.3.0 not now", "421 4.3.2 bye", "354 more?", "no SMTP", close(), reset()],
                         ids=["451", "421", "354", "junk", "close", "reset"])
def test_S101_S102_trouble_at_the_end_of_a_message(queue, server, way, at, answer):
    step = "bdat" if way == "BDAT" else "dot"
    s = server(keywords=WAYS[way], steps={f"1/{step}:{at}": answer}, strict=False)
    fill(queue, s, "abc").run().must_be_silent()
    kept = "abc"[at - 1]
    assert waiting(queue) == kept and taken(s) == "abc".replace(kept, "")
    queue.flush().must_be_silent()
    assert taken(s) == "abc" and queue.is_clean


@each_way
@pytest.mark.parametrize("truth", ["554 5.7.1 no", "451 4.3.0 no"])
def test_S100_a_yes_that_comes_too_early(queue, server, way, truth):
    """Something counts as the answer to the message, and behind it comes the true one."""
    step = "bdat" if way == "BDAT" else "dot"
    s = server(keywords=WAYS[way], steps={f"1/{step}:1": replies("250 2.0.0 early", truth)}, strict=False)
    fill(queue, s, "abc").run().must_be_silent()
    assert "a" in waiting(queue) and queue.names("failed") == []
    queue.flush().must_be_silent()
    assert set(taken(s)) == set("abc") and queue.is_clean


@each_way
@pytest.mark.parametrize("step", ["mail:2", "rcpt:2", "data:2"])
def test_S079_one_reply_too_many_for_the_next(queue, server, way, step):
    s = server(keywords=WAYS[way], steps={f"1/{step}": replies("250 2.0.0 ok", "250 2.0.0 ok")}, strict=False)
    fill(queue, s, "abc").run().must_be_silent()
    queue.flush().must_be_silent()
    assert set(taken(s)) == set("abc") and queue.is_clean and queue.names("failed") == []


def test_S078_one_reply_too_few(queue, server):
    """What was the answer to MAIL does not stand for the one to the message."""
    s = server(keywords=WAYS["DATA"], steps={"1/dot:1": b""}, strict=False)
    fill(queue, s, "ab", timeout="1").run().must_be_silent()
    assert waiting(queue) == "a" and taken(s) == "b"


def test_killed_messages_are_begun_anew(queue, server):
    """A server that stalls before it answers the next envelope: the message before it is done with."""
    s = server(keywords=WAYS["DATA"], steps={"1/mail:2": stall()}, strict=False)
    fill(queue, s, "abc", timeout="1").run().must_be_silent()
    assert taken(s) == "abc" and queue.is_clean


def test_S104_RSET_after_a_refused_chunk(queue, server):
    """Whatever the server made of the chunks before it: the next message begins anew."""
    s = server(keywords=WAYS["BDAT"], steps={"bdat:1": "452 4.3.1 full"}, receive_buffer=4096)
    queue.use(s, connections=1)
    queue.put(to=["a@x.test"], content=b"Subject: big\r\n\r\n" + (b"x" * 70 + b"\r\n") * 240000)
    queue.put(to=["b@x.test"])
    queue.run().must_be_silent()
    assert taken(s) == "b" and waiting(queue) == "a" and len(s.connections) == 1
    assert s.verbs[s.verbs.index("RSET") - 1] == "BDAT" and s.verbs.count("BDAT") < 10


@pytest.mark.parametrize("answer", [None, "535 5.7.8 no", "454 4.7.0 later", "534 5.7.9 app password"])
def test_S053_one_login_is_tried_for_many_messages(queue, server, answer):
    """Or the account is locked before its owner sees the first bounce."""
    s = server(tls="implicit", auth="PLAIN", steps={"auth": answer} if answer else {})
    fill(queue, s, "abcdef", connections=4, tls_verify="no", user="alice", password="wrong").run().must_be_silent()
    assert sum(len(c.auth) for c in s.connections) == 1 and waiting(queue) == "abcdef"


def test_over_TLS(queue, server):
    s = server(keywords=WAYS["DATA"], tls="starttls", auth="PLAIN")
    fill(queue, s, "abcdef", tls_verify="no", user="alice", password="wonderland").run().must_be_silent()
    assert taken(s) == "abcdef" and len(s.connections) == 1 and all(m.secure for m in s.messages)


TROUBLE = ["451 4.3.0 not now", "452 4.5.3 too many", "550 5.7.1 never", "421 4.3.2 bye", "503 5.5.1 what?", close(),
           reset()]


@each_way
@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens(queue, server, way, seed):
    """Everybody is sent his message once, or is refused, or waits; and never two of these."""
    luck = random.Random(f"{way} {seed}")
    places = [f"{c}/{step}:{n}" for c in range(1, 9) for n in range(1, 8)
              for step in ("mail", "rcpt", "data", "dot", "bdat", "rset")]
    s = server(keywords=WAYS[way], strict=False,
               steps={place: luck.choice(TROUBLE) for place in places if luck.random() < 0.12})
    everybody = "abcdefghijkl"
    fill(queue, s, ["ab", "c", "def", "g", "h", "ij", "k", "l"], connections=luck.choice([1, 2]))
    for _ in range(12):
        queue.flush().must_be_silent()
        refused = [address[0] for e in (*queue.all(), *queue.all("failed")) for address in e.of(REFUSED)]
        assert people([*taken(s), *waiting(queue), *refused]) == everybody
    assert waiting(queue) == ""


# ---- messages that are no company ----

ODD = {
    "8-bit": {"content": b"Subject: x\r\n\r\ngr\xc3\xbcn\r\n"},
    "a long line": {"content": b"Subject: x\r\n\r\n" + b"x" * 2000 + b"\r\n"},
    "a header in UTF-8": {"content": "Subject: grün\r\n\r\nx\r\n".encode()},
    "HOLDFOR": {"wishes": "0 60 0 0"},
    "too large": {"content": b"Subject: x\r\n\r\n" + b"x\r\n" * 4000},
    "an address in UTF-8": {"to": ["bø@x.test"]},
}


@pytest.mark.parametrize("what", ODD)
def test_one_of_another_kind(queue, server, what):
    s = server(keywords=("PIPELINING", "SIZE 5000"))
    fill(queue, s, "a")
    queue.put(**{"to": ["b@x.test"], "sender": "", **ODD[what]})
    queue.put(to=["c@x.test"], sender="")
    queue.run().must_be_silent()
    refused = what in ("too large", "an address in UTF-8", "HOLDFOR")
    assert taken(s) == ("ac" if refused else "abc") and len(s.connections) == 1
    assert len(queue.names("failed")) == refused and waiting(queue) == ""


def test_those_that_do_not_fit_leave_nothing_open(queue, server):
    """Each of them is looked at, and made fit in a file, behind one that goes. Reports take descriptors."""
    s = server(keywords=("PIPELINING", "SIZE 5000"))
    queue.use(s, connections=1)
    large = "Subject: grün\r\n\r\n".encode() + b"x\r\n" * 100000
    for _ in range(40):
        queue.put(to=["a@x.test"], sender="")
        queue.put(to=["b@x.test"], sender="s@x.test", content=large)
    queue.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))).must_be_silent()
    assert taken(s) == "a" * 40 + "s" * 40 and queue.is_clean


def test_LMTP(queue, server):
    s = server(keywords=WAYS["DATA"])
    fill(queue, s, "abc", protocol="lmtp").run().must_be_silent()
    assert taken(s) == "abc" and queue.is_clean


@each_way
def test_S105_at_most_a_hundred(queue, server, way):
    s = server(keywords=WAYS[way])
    queue.use(s, connections=1)
    for i in range(205):
        queue.put(to=[f"p{i}@x.test"])
    queue.run().must_be_silent()
    assert sorted(len(c.messages) for c in s.connections) == [5, 100, 100] and queue.is_clean
    assert [c.gone for c in s.connections] == ["quit"] * 3


@each_way
@pytest.mark.parametrize("limits, counts", [("MAILMAX=2", [2, 2, 1]), ("MAILMAX=1", [1] * 5), ("RCPTMAX=1", [6]),
                                            ("MAILMAX=2 RCPTMAX=1", [2, 2, 2])])
def test_LIMITS(queue, server, way, limits, counts):
    s = server(keywords=(*WAYS[way], f"LIMITS {limits}"))
    fill(queue, s, ["a", "bc", "d", "e", "f"] if "RCPTMAX" in limits else "abdef").run().must_be_silent()
    assert taken(s) == ("abcdef" if "RCPTMAX" in limits else "abdef") and queue.is_clean
    assert sorted((len(c.messages) for c in s.connections), reverse=True) == counts


# ---- other servers ----

@each_way
def test_what_one_server_defers_another_may_take(queue, server, way):
    first = server(keywords=WAYS[way], steps={"rcpt:b@x.test": "451 4.3.0 not here, not now"})
    second = server(keywords=WAYS[way])
    hosts = f"127.0.0.1:{first.port}, 127.0.0.1:{second.port}"
    fill(queue, first, "abc", host=hosts, port=None).run().must_be_silent()
    assert taken(first) in ("ac", "a") and taken(first) + taken(second) in ("acb", "abc") and queue.is_clean


def test_messages_begin_with_their_own_account(queue, server):
    """A fallback account's server is not given the next message's envelope: that one has its own account."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    second = server(keywords=WAYS["DATA"])
    queue.configure(account(None, host=f"127.0.0.1:{port}", tls="none", fallback="second", connections=1),
                    account(second, "second"))
    for p in "abc":
        queue.put(to=[f"{p}@x.test"], sender="")
    queue.run().must_be_silent()
    assert taken(second) == "abc" and queue.is_clean
    assert {c.gone for c in second.connections} == {"quit"} and second.verbs.count("MAIL") == 3
