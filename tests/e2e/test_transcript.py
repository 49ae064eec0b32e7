# SPDX-License-Identifier: GPL-3.0-or-later
"""`-v`: contract, section 5."""
import re

import pytest

from helpers import MAIL, YOU, account, config
from test_routes import dead_port

LINE = re.compile(r"^\s*(?:\[?\s*\+?[\d.:]+\s*(?:ms|s)?\]?\s+)?([*<>]) (.*)$")


def lines(run) -> list[tuple[str, str]]:
    found = []
    for line in run.err.splitlines():
        match = LINE.match(line)
        assert match, f"no line of a transcript: {line!r}"
        found.append((match[1], match[2]))
    return found


@pytest.mark.parametrize("args, name", [(["-v"], "sendmail"), (["-v"], "postrider"), (["--verbose"], "postrider")])
def test_plain(rider, server, args, name):
    s = server()
    rider.use(s)
    run = rider([*args, "-i", YOU], name=name).must(0)
    said = lines(run)
    sent = [text for mark, text in said if mark == ">"]
    received = [text for mark, text in said if mark == "<"]
    assert run.out == ""
    for text in ("EHLO client.test", f"RCPT TO:<{YOU}>", "DATA", "QUIT"):
        assert any(line.startswith(text) for line in sent), run
    for text in ("220 bed.test", "354 ", "250 2.0.0 taken"):
        assert any(line.startswith(text) for line in received), run
    assert any("127.0.0.1" in text for mark, text in said if mark == "*")
    assert "A line." not in run.err and "Subject" not in run.err
    assert str(len(s.message.data)) in run.err or str(len(s.message.wire)) in run.err, "the body's size"


def test_every_line_has_its_time(rider, server):
    s = server()
    rider.use(s)
    run = rider(["-v", "-i", YOU]).must(0)
    times = [re.search(r"\d+[.:]\d+|\d+ ?ms", line) for line in run.err.splitlines()]
    assert all(times), run
    assert len(times) > 10


def test_tls_facts(rider, server, certs):
    s = server(tls="starttls", auth="PLAIN")
    rider.use(s, host="localhost", tls_ca=certs.ca, user="alice", password="wonderland")
    facts = "\n".join(text for mark, text in lines(rider(["-v", "-i", YOU]).must(0)) if mark == "*")
    assert "TLS" in facts and "1.3" in facts
    assert re.search("AES|CHACHA", facts, re.I)
    assert "localhost" in facts and "Test Intermediate" in facts
    assert re.search(r"\b(29|30) days", facts)


@pytest.mark.parametrize("keywords", [["PIPELINING"], ["PIPELINING", "CHUNKING"], []], ids=["DATA", "BDAT", "lockstep"])
def test_commands_and_replies_in_order(rider, server, keywords):
    s = server(keywords=keywords)
    rider.use(s)
    said = lines(rider(["-v", "-i", YOU, "b@x.test"]).must(0))
    sent = [t.split()[0].split(":")[0].upper() for m, t in said if m == ">"]
    assert [v for v in sent if v in s.verbs] == s.verbs
    assert [m for m, _ in said if m in "<>"][0] == "<"


def test_failure_is_seen_in_it(rider, server):
    s = server(steps={"rcpt": "550 5.1.1 no such user"})
    rider.use(s)
    run = rider(["-v", "-i", YOU]).must(67)
    assert "< 550 5.1.1 no such user" in run.err
    assert f"postrider: 127.0.0.1:{s.port}: RCPT TO:<{YOU}>: 550 5.1.1 no such user" in run.err


def test_a_refused_connection_is_told_once(rider):
    """Once in the transcript, and once as the outcome."""
    port = dead_port()
    rider.configure(config(account(host="127.0.0.1", port=port, tls="none")))
    run = rider(["-v", "-i", YOU]).must(75)
    told = [line.lstrip("0123456789. ") for line in run.err.splitlines() if "refused" in line]
    reason = f"127.0.0.1:{port}: cannot connect: Connection refused"
    assert told == [f"* {reason}", f"postrider: {reason}"]


def test_multi_line_replies(rider, server):
    s = server(steps={"dot": "250-2.0.0 one\n250 2.0.0 two"})
    rider.use(s)
    received = [t for m, t in lines(rider(["-v", "-i", YOU], MAIL).must(0)) if m == "<"]
    assert "250-2.0.0 one" in received and "250 2.0.0 two" in received


def test_form_of_errors(rider, server):
    """One line a fact, in the contract's form, and what to do about it."""
    s = server(steps={"rcpt:1": "550-5.1.1 no such user\n550 5.1.1 see http://x.test", "rcpt:2": "450 4.2.1 busy"})
    rider.use(s)
    run = rider(["-i", "a@x.test", "b@x.test", "c@x.test"]).must(67)
    assert f"postrider: 127.0.0.1:{s.port}: RCPT TO:<a@x.test>: 550 5.1.1 no such user" in run.err
    assert f"postrider: 127.0.0.1:{s.port}: RCPT TO:<b@x.test>: 450 4.2.1 busy" in run.err
    assert all(line.startswith("postrider: ") for line in run.err.splitlines())
    assert "c@x.test" in run.err or "other" in run.err, "says that the others have it"
