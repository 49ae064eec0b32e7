# SPDX-License-Identifier: GPL-3.0-or-later
"""Connecting and the greeting: S001 to S018."""
import socket

import pytest

from helpers import YOU, account, config
from server import close, cut, default, drip, endless, raw, replies, reply, reset, stall, wait

SEND = ["-i", YOU]


def closed_port() -> int:
    """A port that nobody listens at; bound by nobody else for long enough."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def test_S001_refused(rider):
    rider.configure(config(account(host="127.0.0.1", port=closed_port(), tls="none")))
    rider(SEND).must(75, "refused", "127.0.0.1", "check host and port")


def test_refused_by_a_socket(rider, tmp_path):
    rider.configure(config(account(host=f"unix:{tmp_path}/none")))
    rider(SEND).must(75, "no such file", "nothing listens there")


def test_S001_next_host_is_tried(rider, server):
    s = server()
    rider.configure(config(account(host=f"127.0.0.1:{closed_port()}, 127.0.0.1:{s.port}", tls="none")))
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


@pytest.mark.smoke
def test_S001_next_address_of_a_name_is_tried(rider, server):
    """localhost is ::1 too, where nobody listens."""
    s = server()
    rider.use(s, host="localhost")
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


@pytest.mark.parametrize("ip, address", [("4", "127.0.0.1"), ("6", "::1")])
def test_family_on_demand(rider, server, ip, address):
    if (address, 0) not in [info[4][:2] for info in socket.getaddrinfo("localhost", 0)]:
        pytest.skip(f"localhost is not {address} here")
    s = server(address=address)
    rider.use(s, host="localhost", ip=ip)
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


def test_ipv6_literal_and_unix_socket(rider, server, tmp_path):
    for s in (server(address="::1"), server(path=tmp_path / "sock")):
        rider.use(s)
        rider(SEND).must_be_silent()
        assert s.message.to == [YOU]


def test_source_address(rider, server):
    s = server()
    rider.use(s, source_address="127.0.0.9")
    rider(SEND).must_be_silent()
    rider.use(s, source_address="192.0.2.1")
    rider(SEND).must(75)


@pytest.fixture
def deaf_port():
    """The kernel drops what would connect here, as a firewall does."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        fill = [socket.socket() for _ in range(3)]
        for one in fill:
            one.setblocking(False)
            one.connect_ex(sock.getsockname())
        yield sock.getsockname()[1]
        for one in fill:
            one.close()


def test_S002_connect_timeout(rider, deaf_port):
    rider.configure(config(account(host="127.0.0.1", port=deaf_port, tls="none"), connect_timeout="1"))
    run = rider(SEND).must(75)
    assert 0.9 < run.seconds < 3, run


def test_S002_next_host_after_timeout(rider, server, deaf_port):
    s = server()
    hosts = f"127.0.0.1:{deaf_port}, 127.0.0.1:{s.port}"
    rider.configure(config(account(host=hosts, tls="none"), connect_timeout="1"))
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


GREETINGS = {
    "S003 closed at once": ({"connect": close()}, 75, ""),
    "S003 reset at once": ({"connect": reset()}, 75, ""),
    "S006 421": ({"greeting": reply("421 4.3.2 too busy") + close()}, 75, "421 4.3.2 too busy"),
    "S006 450": ({"greeting": "450 4.3.2 later"}, 75, "450 4.3.2 later"),
    "S007 554": ({"greeting": "554 5.7.1 you are blocked"}, 75, "554 5.7.1 you are blocked"),
    "S007 521": ({"greeting": "521 no mail here"}, 75, "521 no mail here"),
    "S008 not SMTP": ({"greeting": "SSH-2.0-OpenSSH_9.2p1"}, 76, ""),
    "S008 HTTP": ({"greeting": "HTTP/1.1 400 Bad Request\n\n"}, 76, ""),
    "S008 empty line": ({"greeting": b"\r\n"}, 76, ""),
    "S010 one digit": ({"greeting": b"2\r\n"}, 76, ""),
    "S011 endless lines": ({"greeting": endless(b"220-more\r\n")}, 76, ""),
    "S012 endless line": ({"greeting": raw(b"220 ") + endless(b"x" * 4096)}, 76, ""),
    "S012 endless NULs": ({"greeting": endless(b"\0" * 4096)}, 76, ""),
    "S015 codes differ": ({"greeting": "220-hello\n554 or not"}, 76, ""),
    "S016 999": ({"greeting": "999 what"}, 76, ""),
    "S016 099": ({"greeting": "099 what"}, 76, ""),
    "S016 two digits": ({"greeting": "22 hello"}, 76, ""),
    "S016 600": ({"greeting": "600 hello"}, 76, ""),
    "S017 no blank": ({"greeting": "220hello"}, 76, ""),
    "S017 other mark": ({"greeting": "220+hello"}, 76, ""),
    "S018 two greetings": ({"greeting": replies("220 hello", "220 again")}, 76, ""),
    "S018 greeting and answer": ({"greeting": replies("220 hello", "250 you are welcome")}, 76, ""),
    "S018 half a line more": ({"greeting": reply("220 hello") + b"25"}, 76, ""),
    "354 as greeting": ({"greeting": "354 go ahead"}, 76, ""),
    "250 as greeting": ({"greeting": "250 hello"}, 76, ""),
}


@pytest.mark.parametrize("name", GREETINGS)
def test_bad_greeting(rider, server, name):
    steps, rc, said = GREETINGS[name]
    s = server(steps=steps)
    rider.use(s)
    run = rider(SEND).must(rc, said, "127.0.0.1")
    assert run.seconds < 3, run
    assert not set(s.verbs) & {"MAIL", "RCPT", "DATA"}


ODD_BUT_GOOD = {
    "S009 code alone": b"220\r\n",
    "S009 code and blank": b"220 \r\n",
    "S013 bare LF": b"220 hello\n",
    "S013 bare LF, many": b"220-a\n220-b\r\n220 c\n",
    "S014 8-bit and escapes": b"220 \xff\xfe\x1b[31m \xc3\xa4\r\n",
    "many lines": b"220-x\r\n" * 40 + b"220 x\r\n",
    "slow": drip("220 hello", every=0.02),
    "late": wait(0.5) + default(),
}


@pytest.mark.parametrize("name", ODD_BUT_GOOD)
def test_odd_greeting(rider, server, name):
    s = server(steps={"greeting": ODD_BUT_GOOD[name]})
    rider.use(s)
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


@pytest.mark.parametrize("where", ["greeting", "ehlo", "mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("how", ["S004 silence", "S005 a byte at a time"])
def test_timeout_is_for_the_whole_reply(rider, server, where, how):
    code = "220" if where == "greeting" else "354" if where == "data" else "250"
    act = stall() if "silence" in how else drip(f"{code} " + "x" * 100, every=0.2)
    s = server(steps={where: act})
    rider.use(s, timeout="1")
    run = rider(SEND).must(75)
    assert 0.9 < run.seconds < 3, run


ENDS = {"closed": close(), "cut": cut(), "reset": reset(), "mid-line": raw(b"2") + close(),
        "mid-reply": raw(b"250-more\r\n") + close()}


@pytest.mark.parametrize("where", ["ehlo", "mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("how", ENDS)
def test_S003_S081_S102_server_breaks_off(rider, server, where, how):
    s = server(steps={where: ENDS[how]})
    rider.use(s)
    rider(SEND).must(75)
    assert len(s.connections) == 1 and (where == "dot" or s.messages == [])


@pytest.mark.parametrize("where, reply_, rc", [
    ("greeting", b"554 \x1b]0;evil\x07\x00\x9b31m\xff no\r\n", 75),
    ("rcpt", b"550 \x1b]0;evil\x07\x00\x9b31m\xff no\r\n", 67),
    ("dot", b"554-\x1b[2J\r\n554 \x00\x7f no\r\n", 69),
])
def test_S014_replies_are_shown_without_control_bytes(rider, server, where, reply_, rc):
    s = server(steps={where: reply_})
    rider.use(s)
    for args in (SEND, ["-v", *SEND]):
        run = rider(args).must(rc, " no")
        assert not [c for c in run.err if ord(c) < 32 and c != "\n" or 0x7f <= ord(c) < 0xa0], repr(run.err)
        assert "\\x" not in run.err, "not UTF-8"
