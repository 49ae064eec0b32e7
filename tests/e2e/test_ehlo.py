# SPDX-License-Identifier: GPL-3.0-or-later
"""EHLO and what it announces: S019 to S027, S080."""
import re

import pytest

from helpers import MAIL, YOU
from server import endless, raw, reply, wait

SEND = ["-i", YOU]


@pytest.mark.parametrize("refusal", ["500 what", "502 not implemented"])
def test_S019_helo_where_ehlo_is_not_known(rider, server, refusal):
    s = server(steps={"ehlo": refusal})
    rider.use(s)
    rider(SEND).must_be_silent()
    assert s.verbs[:4] == ["EHLO", "HELO", "MAIL", "RCPT"]
    assert s.message.params == {}


@pytest.mark.parametrize("name, keys, mail, rc", [
    ("TLS", {"tls": "starttls"}, MAIL, 77),
    ("AUTH", {"user": "alice", "password": "wonderland", "auth": "plain"}, MAIL, 77),
])
def test_S019_no_helo_where_extensions_are_needed(rider, server, name, keys, mail, rc):
    s = server(steps={"ehlo": "502 not implemented"})
    rider.use(s, **keys)
    rider(SEND, mail).must(rc)
    assert s.messages == [] and "DATA" not in s.verbs


@pytest.mark.parametrize("answer, rc", [
    ("421 4.3.2 shutting down", 75), ("450 4.7.1 greylisted", 75), ("550 5.7.1 not you", 75),
    ("554 5.7.1 not you", 75), ("354 go", 76), ("220 again", 76), ("250-a\n550 b", 76), ("250ok", 76),
])
def test_S020_S021_refused(rider, server, answer, rc):
    s = server(steps={"ehlo": answer})
    rider.use(s)
    rider(SEND).must(rc)
    assert "MAIL" not in s.verbs and s.messages == []
    assert s.verbs[0] == "EHLO"


@pytest.mark.parametrize("step", [endless(b"250-MORE\r\n"), raw(b"250 ") + endless(b"x" * 1000)])
def test_S022_endless(rider, server, step):
    s = server(steps={"ehlo": step})
    rider.use(s)
    assert rider(SEND).must(76).seconds < 3


def test_S023_keywords_in_any_case_and_unknown_ones(rider, server):
    s = server(steps={"ehlo": "250-bed.test\n250-x-what a b c\n250-8bitmime\n250-pipelining\n250 sIzE 1000"},
               quiet=0.05)
    rider.use(s)
    rider(SEND, MAIL + "ä\n".encode()).must_be_silent()
    assert s.message.params["BODY"].upper() == "8BITMIME" and "SIZE" in s.message.params
    assert s.connection.trips <= 5, "pipelining was not seen"


@pytest.mark.parametrize("lines", [
    "250-AUTH=LOGIN PLAIN\n250 SIZE",
    "250-AUTH CRAM-MD5\n250 AUTH plain",
    "250-auth login\n250-AUTH=LOGIN\n250 AUTH X-NONE PLAIN",
], ids=["with equals sign", "two lines", "mixed"])
def test_S023_auth_lines_are_united(rider, server, certs, lines):
    s = server(tls="implicit", auth="PLAIN LOGIN CRAM-MD5", steps={"ehlo": "250-bed.test\n" + lines})
    rider.use(s, tls_ca=certs.ca, user="alice", password="wonderland", auth="plain")
    rider(SEND).must_be_silent()
    assert s.message.user == "alice"


LITERAL = r"\[(\d+\.\d+\.\d+\.\d+|IPv6:[0-9a-fA-F:.]+)\]"


@pytest.mark.parametrize("hello, sent", [
    ("host.example.com", "host.example.com"),
    ("192.0.2.7", "[192.0.2.7]"),
    ("[192.0.2.7]", "[192.0.2.7]"),
    ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
])
def test_S024_name_from_the_config(rider, server, hello, sent):
    s = server()
    rider.use(s)
    rider.configure(rider.config_file.read_text().replace("client.test", hello))
    rider(SEND).must_be_silent()
    assert s.commands[0] == "EHLO " + sent


def test_S024_own_name_is_a_full_one_or_a_literal(rider, server):
    s = server()
    rider.use(s)
    rider.configure(rider.config_file.read_text().replace("hello = client.test\n", ""))
    rider(SEND).must_be_silent()
    name = s.commands[0].split()[1]
    assert re.fullmatch(LITERAL + r"|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", name), name


@pytest.mark.parametrize("hello", ["my_host.example.com", "a b", "-x.example.com", "x..y", "a\\r\\nMAIL"])
def test_S025_illegal_name(rider, server, hello):
    s = server()
    rider.use(s)
    rider.configure(rider.config_file.read_text().replace("client.test", hello))
    rider(SEND).must(78, "hello")
    assert s.connections == []


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE -1", "SIZE 99999999999999999999999999", "SIZE abc",
        "SIZE 1k 2"])
def test_S026_size_that_says_nothing(rider, server, size):
    s = server(keywords=["PIPELINING", size])
    rider.use(s)
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


def test_S027_first_line_is_no_keyword(rider, server):
    s = server(steps={"ehlo": "250-SIZE 1\n250-STARTTLSX\n250 8BITMIME"})
    rider.use(s)
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


def test_S027_first_line_is_no_keyword_for_tls(rider, server):
    s = server(steps={"ehlo": "250-STARTTLS\n250 8BITMIME"})
    rider.use(s, tls="starttls")
    rider(SEND).must(77)
    assert "STARTTLS" not in s.verbs


def test_S080_lockstep_without_pipelining(rider, server):
    """The server answers late, so that whatever came early is seen."""
    late = wait(0.05)
    s = server(keywords=["SIZE"], quiet=0.05,
               steps={"mail": late + reply("250 ok"), "rcpt": late + reply("250 ok")})
    rider.use(s)
    rider(["-i", YOU, "b@example.net", "c@example.net"]).must_be_silent()
    assert len(s.message.to) == 3
