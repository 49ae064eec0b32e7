# SPDX-License-Identifier: GPL-3.0-or-later
"""The exit codes that callers look at, in one table: contract, sections 4 and 7."""
import pytest

from helpers import MAIL, YOU, account, config
from server import close, reset, stall

LOGIN = {"user": "alice", "password": "wonderland"}
TLS = {"tls": "starttls", "auth": "PLAIN"}
CODES = [
    # name, server's options, account's keys, exit
    ("all well", {}, {}, 0),
    ("domain of the server does not exist", None, {"host": "no-such-host.invalid", "tls": "none"}, 68),
    ("connection refused", None, {"host": "127.0.0.1:1", "tls": "none"}, 75),
    ("connection lost", {"steps": {"mail": reset()}}, {}, 75),
    ("time-out", {"steps": {"mail": stall()}}, {"timeout": "1"}, 75),
    ("greeting 421", {"steps": {"greeting": "421 no"}}, {}, 75),
    ("greeting 554", {"steps": {"greeting": "554 no"}}, {}, 75),
    ("greeting is no SMTP", {"steps": {"greeting": "hello"}}, {}, 76),
    ("EHLO 550", {"steps": {"ehlo": "550 no"}}, {}, 75),
    ("EHLO 450", {"steps": {"ehlo": "450 no"}}, {}, 75),
    ("STARTTLS not offered", {}, {"tls": "starttls"}, 77),
    ("STARTTLS 454", {**TLS, "steps": {"starttls": "454 no"}}, {}, 75),
    ("STARTTLS 502", {**TLS, "steps": {"starttls": "502 no"}}, {}, 77),
    ("bad certificate", {**TLS, "cert": "expired"}, {}, 77),
    ("AUTH 535", {**TLS}, {"user": "alice", "password": "wrong"}, 77),
    ("AUTH 454", {**TLS, "steps": {"auth": "454 no"}}, LOGIN, 75),
    ("AUTH not offered", {}, LOGIN, 77),
    ("MAIL 451", {"steps": {"mail": "451 no"}}, {}, 75),
    ("MAIL 550", {"steps": {"mail": "550 no"}}, {}, 69),
    ("RCPT 451", {"steps": {"rcpt": "451 no"}}, {}, 75),
    ("RCPT 550", {"steps": {"rcpt": "550 no"}}, {}, 67),
    ("RCPT 551", {"steps": {"rcpt": "551 no"}}, {}, 67),
    ("RCPT 553", {"steps": {"rcpt": "553 no"}}, {}, 67),
    ("RCPT 554", {"steps": {"rcpt": "554 no"}}, {}, 69),
    ("DATA 451", {"steps": {"data": "451 no"}}, {}, 75),
    ("DATA 554", {"steps": {"data": "554 no"}}, {}, 69),
    ("content 451", {"steps": {"dot": "451 no"}}, {}, 75),
    ("content 550", {"steps": {"dot": "550 no"}}, {}, 69),
    ("content 554", {"steps": {"dot": "554 no"}}, {}, 69),
    ("content unanswered", {"steps": {"dot": close()}}, {}, 75),
    ("reply is no SMTP", {"steps": {"dot": "what?"}}, {}, 76),
    ("bad key", {}, {"nonsense": "x"}, 78),
]


@pytest.mark.parametrize("name, options, keys, rc", CODES, ids=[c[0] for c in CODES])
def test_exit_code(rider, server, certs, name, options, keys, rc):
    s = server(**options) if options is not None else None
    trust = {"tls_ca": certs.ca} if options and options.get("tls") else {}
    rider.configure(config(account(s, **{**trust, **keys})))
    run = rider(["-i", YOU], MAIL).must(rc)
    assert (run.err == "") == (rc == 0) and run.out == "", run
    assert s is None or len(s.messages) == (rc == 0)


MIXED = [
    ({"rcpt:1": "450 a", "rcpt:2": "550 b"}, 67),
    ({"rcpt:1": "554 a", "rcpt:2": "550 b"}, 69),
    ({"rcpt:1": "550 a", "rcpt:2": "554 b"}, 67),
    ({"rcpt:1": "450 a", "rcpt:2": "554 b", "rcpt:3": "550 c"}, 69),
    ({"rcpt:2": "450 a"}, 75),
    ({"rcpt:2": "450 a", "dot": "554 b"}, 69),
    ({"rcpt:2": "550 a", "dot": "450 b"}, 67),
]


@pytest.mark.parametrize("steps, rc", MIXED, ids=str)
def test_permanent_before_transient_then_the_first(rider, server, steps, rc):
    s = server(steps=steps)
    rider.use(s)
    rider(["-i", "a@x.test", "b@x.test", "c@x.test"]).must(rc)
    assert s.verbs.count("RCPT") == 3


@pytest.mark.parametrize("flag", ["-oem", "-oeq", "-oep", "-odb", "-odq", "-odi"])
def test_flags_do_not_hide_a_failure(rider, server, flag):
    s = server(steps={"rcpt": "550 no such user"})
    rider.use(s)
    rider(["-i", flag, YOU]).must(67)
