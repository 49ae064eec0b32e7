# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP on standard input and output, as Symfony Mailer, Laravel, Alpine and nmh speak it: contract, 3 and 7."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

import dsn
from helpers import MAIL, ME, YOU, account, peak_rss
from queue_bed import until
from queue_files import PENDING, TOLD
from server import close
from service_bed import children_of
from smtp_caller import Caller, PipeSMTP
from test_queue import in_namespace, log_of, may_mount
from test_routes import dead_port

QUEUED = re.compile(r"Ok: queued as ([A-Z0-9]+)$")


@pytest.fixture
def talk(queue):
    """Start the program, greeted: talk(FLAGS...)."""
    started = []

    def start(*flags: str, args=("-bs",), **more) -> Caller:
        process = queue.rider.start([*args, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        caller = Caller(process)
        started.append(caller)
        assert caller.reply() == 220
        return caller

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        one.close()


def flight(queue, text: bytes, *args: str):
    """All of a session in one write."""
    run = queue.rider(["-bs", *args], text)
    assert run.err == "", str(run)
    return run, [line[:3] for line in run.out.splitlines() if line[3:4] == " "]


# ---- the callers' own dialogues ----

def test_symfony(queue, server, talk):
    """HELO, two messages, no RSET between them; the id is read from the last line."""
    s = server()
    queue.use(s)
    c = talk()
    assert c.say("HELO [127.0.0.1]") == 250
    ids = []
    for subject in b"one", b"two":
        reply = c.message(b"Subject: " + subject + b"\nFrom: me@example.com\nTo: you@example.net\n\n.dot\n", ME, YOU)
        assert reply == 250
        ids += QUEUED.findall(reply.text)
        assert c.say("NOOP") == 250
    assert c.say("QUIT") == 221 and c.drain() == b""
    c.end()
    assert len(set(ids)) == 2 and [m.field("Subject") for m in s.messages] == ["one", "two"]
    assert all(m.body == b".dot\r\n" and m.sender == ME and m.to == [YOU] for m in s.messages)


def test_symfony_after_a_refused_recipient(queue, server, talk):
    """It sends no RSET, but NOOP and the next MAIL, whose message has none of the old recipients."""
    s = server()
    queue.use(s)
    c = talk()
    assert c.say("EHLO client.test") == 250
    assert c.say(f"MAIL FROM:<{ME}>") == 250
    assert c.say("RCPT TO:<kept@x.test>") == 250
    assert c.say("RCPT TO:<-dash@x.test>") == 553
    assert c.say("NOOP") == 250
    assert c.message(MAIL, "other@example.com", YOU) == 250
    assert c.say("QUIT") == 221
    c.end()
    assert s.message.to == [YOU] and s.message.sender == "other@example.com"


@pytest.mark.parametrize("args", ["-bs -i", "-bs", "-bs -odb -oem", "-bs -odi -oem", "-t -i -bs", "-oi -bs"])
def test_ways_to_call_it(queue, server, talk, args):
    """Laravel, Symfony, Alpine, nmh, and flags that mean nothing here."""
    s = server()
    queue.use(s)
    c = talk(args=args.split())
    assert c.say("EHLO client.test") == 250
    assert c.message(MAIL, ME, YOU) == 250
    assert c.say("QUIT") == 221
    c.end()
    assert until(lambda: queue.is_clean) and s.message.to == [YOU] and s.message.body == b"A line.\r\n"


def test_smtplib(queue, server):
    s = server()
    queue.use(s)
    ours, theirs = socket.socketpair()
    process = queue.rider.start(["-bs"], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE)
    theirs.close()
    ours.settimeout(10)
    with PipeSMTP(ours) as client:
        assert client.sendmail(ME, [YOU, "b@x.test"], MAIL) == {}
        assert client.has_extn("pipelining") and client.has_extn("8bitmime") and client.has_extn("smtputf8")
        assert not client.has_extn("auth") and not client.has_extn("starttls")
    assert process.wait(10) == 0 and process.stderr.read() == b""
    process.stderr.close()
    assert s.message.to == [YOU, "b@x.test"]


# ---- flights, line ends, and how a session ends ----

SESSION = b"EHLO x\r\nMAIL FROM:<me@example.com>\r\nRCPT TO:<a@x.test>\r\nDATA\r\nSubject: 1\r\n\r\none\r\n.\r\n"
SECOND = b"MAIL FROM:<me@example.com>\r\nRCPT TO:<b@x.test>\r\nDATA\r\nSubject: 2\r\n\r\ntwo\r\n.\r\nQUIT\r\n"


@pytest.mark.parametrize("crlf", [True, False], ids=["CRLF", "LF"])
def test_S144_all_in_one_write(queue, server, crlf):
    s = server()
    queue.use(s)
    text = SESSION + SECOND
    _, codes = flight(queue, text if crlf else text.replace(b"\r\n", b"\n"))
    assert codes == ["220", *["250"] * 3, "354", *["250"] * 3, "354", "250", "221"]
    assert [(m.to, m.body) for m in s.messages] == [(["a@x.test"], b"one\r\n"), (["b@x.test"], b"two\r\n")]


def test_bytes_one_by_one(queue, server, talk):
    s = server()
    queue.use(s)
    c = talk()
    for i in range(len(SESSION + SECOND)):
        c.write((SESSION + SECOND)[i:i + 1])
    c.drain()
    c.end()
    assert [m.to for m in s.messages] == [["a@x.test"], ["b@x.test"]]


ENDS = {
    "at once": (b"", 0, 0), "after EHLO": (b"EHLO x\r\n", 0, 0), "in a command": (SESSION + b"MAIL FR", 0, 1),
    "after a message": (SESSION, 0, 1), "after MAIL": (b"MAIL FROM:<a@x.test>\r\n", 0, 0),
    "after RCPT": (b"MAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\n", 0, 0),
    "S137 after DATA": (SESSION[:SESSION.index(b"Subject")], 75, 0),
    "S137 in the header": (SESSION[:SESSION.index(b"1\r\n\r\n")], 75, 0),
    "S137 before the dot": (SESSION[:-3], 75, 0), "S137 after the dot": (SESSION[:-2], 75, 0),
    "S137 in the dot's line end": (SESSION[:-1], 75, 0),
    "S137 in the second": (SESSION + SECOND[:-9], 75, 1),
}


@pytest.mark.parametrize("text, rc, sent", ENDS.values(), ids=list(ENDS))
@pytest.mark.parametrize("flag", ["-odi", "-odq"])
def test_end_of_input(queue, server, text, rc, sent, flag):
    s = server()
    queue.use(s)
    run, _ = flight(queue, text, flag)
    assert run.rc == rc
    assert len(s.messages) + len(queue.names()) == sent and queue.names("tmp") == []


def test_S137_signal_inside_data(queue, server, talk):
    s = server()
    queue.use(s)
    c = talk()
    c.write(SESSION[:-3] + b"x" * 300_000)
    assert [c.reply().code for _ in range(4)] == [250, 250, 250, 354]
    c.process.send_signal(signal.SIGTERM)
    c.process.wait(10)
    assert c.process.returncode != 0 and s.messages == [] and queue.names() == []


def test_S145_nobody_reads(queue, server):
    """A reader that is gone is no reason to die of a signal, or to say anything."""
    queue.use(server())
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = queue.rider.start(["-bs"], stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    out, err = process.communicate(b"EHLO x\r\nQUIT\r\n", timeout=10)
    assert process.returncode == 0 and err == b""


def test_S145_stdin_closed(queue, server):
    queue.use(server())
    process = queue.rider.start(["-bs"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0 and out.startswith(b"220 ") and out.count(b"\n") == 1 and err == b""


# ---- commands ----

@pytest.fixture
def idle(queue, server, talk):
    queue.use(server())
    caller = talk()
    yield caller
    assert caller.say("QUIT") == 221
    caller.end()


ORDER = [
    ("S133 RCPT first", ["RCPT TO:<a@x.test>"], [503]),
    ("S133 DATA first", ["DATA"], [503]),
    ("S133 state stays", ["MAIL FROM:<a@x.test>", "DATA", "RCPT TO:<b@x.test>"], [250, 554, 250]),
    ("S134 MAIL twice", ["MAIL FROM:<a@x.test>", "RCPT TO:<b@x.test>", "MAIL FROM:<c@x.test>", "DATA"],
     [250, 250, 250, 554]),
    ("S134 EHLO", ["MAIL FROM:<a@x.test>", "RCPT TO:<b@x.test>", "EHLO x", "DATA"], [250, 250, 250, 503]),
    ("S134 RSET", ["MAIL FROM:<a@x.test>", "RCPT TO:<b@x.test>", "RSET", "DATA"], [250, 250, 250, 503]),
    ("S135 nobody accepted", ["MAIL FROM:<a@x.test>", "RCPT TO:<-b@x.test>", "DATA"], [250, 553, 554]),
    ("S139 long", ["NOOP " + "x" * 600, "MAIL FROM:<a@x.test>"], [500, 250]),
    ("S139 very long", ["EHLO " + "x" * 20000, "NOOP"], [500, 250]),
    ("S140 NUL", ["NOOP \0", "EHLO x\0y", "MAIL FROM:<a\0@x.test>"], [501, 501, 501]),
    ("S140 8-bit", ["EHLO \u00fc", "MAIL FROM:<\u00fc@x.test>", "MAIL FROM:<\u00fc@x.test> SMTPUTF8"], [501, 501, 250]),
    ("S141 unknown parameter", ["MAIL FROM:<a@x.test> X=1", "MAIL FROM:<a@x.test> SIZE=10 BODY=8BITMIME"], [555, 250]),
    ("S144 VRFY and others", ["VRFY you", "EXPN list", "TURN", "VERB on", "ONEX", "XCLIENT A=1", "AUTH PLAIN x",
                              "STARTTLS", "BDAT 10 LAST", "NOOP"], [252, *[502] * 8, 250]),
    ("unknown", ["HALLO", "EHLO", "HELP", "mail from: a@x.test", "rcpt to: b@x.test", "rset"],
     [500, 501, 214, 250, 250, 250]),
    ("bad paths", ["MAIL FROM:<a@x.test", "MAIL FROM:<a b@x.test>", "MAIL FROM:<a@x.test>>", "MAIL FROM:<>",
                   "RCPT TO:<>", "RCPT TO:<a@x.test>,<b@x.test>", "RCPT TO:<a@x.test,b@x.test>",
                   "RCPT TO:<\"a, b\"@x.test>", "RCPT TO:<@r.test:c@x.test>", "RCPT TO:<postmaster>"],
     [501, 553, 501, 250, 553, 501, 553, 250, 250, 250]),
]


@pytest.mark.parametrize("lines, codes", [o[1:] for o in ORDER], ids=[o[0] for o in ORDER])
def test_commands(idle, lines, codes):
    assert [idle.say(line).code for line in lines] == codes


def test_S139_endless_command(queue, server, talk):
    queue.use(server())
    c = talk()
    c.write(b"NOOP " + b"x" * 70_000)
    assert c.reply() == 421 and c.drain() == b""
    c.end()


def test_S143_twenty_bad_commands(queue, server, talk):
    queue.use(server())
    c = talk()
    assert [c.say("WHAT").code for _ in range(20)] == [500] * 19 + [421]
    assert c.drain() == b""
    c.end()


@pytest.mark.parametrize("line", ["GET / HTTP/1.1", "POST / HTTP/1.1"])
def test_a_browser_is_sent_away(queue, server, talk, line):
    queue.use(server())
    c = talk()
    assert c.say(line) == 421 and c.drain() == b""
    c.end()


def test_S141_too_large(queue, server, talk):
    s = server()
    queue.use(s)
    queue.configure(account(s), max_size="2000")
    c = talk()
    assert "SIZE 2000" in c.say("EHLO x").text
    assert c.say("MAIL FROM:<me@example.com> SIZE=2001") == 552
    assert c.say("DATA") == 503
    assert c.message(MAIL + b"x" * 3000 + b"\n", ME, YOU) == 552
    assert c.message(MAIL, ME, YOU) == 250
    assert c.say("QUIT") == 221
    c.end()
    assert s.message.body == b"A line.\r\n" and queue.is_clean


def test_S142_too_many_recipients(queue, server):
    s = server(keywords=("PIPELINING",))
    queue.use(s)
    text = b"MAIL FROM:<me@example.com>\r\n" + b"".join(b"RCPT TO:<u%d@x.test>\r\n" % i for i in range(10_002))
    _, codes = flight(queue, text + b"QUIT\r\n")
    assert codes == ["220", *["250"] * 10_001, *["452"] * 2, "221"]


# ---- S136: what ends a message ----

SMUGGLED = b"MAIL FROM:<evil@x.test>"
NO_END = [b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r\r\n", b"\n.\n", b"\r\r\n.\r\r\n", b"\r\n..\r\n"]


@pytest.mark.parametrize("mixture", NO_END, ids=repr)
def test_S136_only_crlf_dot_crlf_ends_it(queue, server, mixture):
    s = server()
    queue.use(s)
    inner = b"Subject: x\r\n\r\nbefore" + mixture + SMUGGLED + b"\r\nRCPT TO:<b@x.test>\r\nDATA\r\nin\r\n.\r\nQUIT\r\n"
    _, codes = flight(queue, SESSION[:SESSION.index(b"Subject")] + inner)
    assert codes == ["220", *["250"] * 3, "354", "250", "221"]
    assert s.message.to == ["a@x.test"] and SMUGGLED in s.message.data
    assert s.message.data.count(b"\n") == s.message.data.count(b"\r\n") == s.message.data.count(b"\r")


@pytest.mark.parametrize("mixture", [b"\n.\r\n", b"\r\n.\n"], ids=repr)
def test_S136_with_lf(queue, server, mixture):
    s = server()
    queue.use(s)
    inner = b"Subject: x\n\nbefore" + mixture + SMUGGLED + b"\n.\nQUIT\n"
    _, codes = flight(queue, SESSION[:SESSION.index(b"Subject")].replace(b"\r\n", b"\n") + inner)
    assert codes == ["220", *["250"] * 3, "354", "250", "221"]
    assert s.message.to == ["a@x.test"] and SMUGGLED in s.message.data


# ---- the word after the dot ----

def words_of(queue, talk, *to: str, flags=()):
    c = talk(*flags)
    assert c.say("EHLO client.test") == 250
    reply = c.message(MAIL, ME, *(to or (YOU,)))
    assert c.say("QUIT") == 221
    c.end()
    return reply


def test_queued_when_the_server_is_away(queue, talk):
    queue.use(host=f"127.0.0.1:{dead_port()}", tls="none")
    reply = words_of(queue, talk)
    assert reply == 250 and QUEUED.findall(reply.text) == [queue.one.id]
    assert queue.one.of(PENDING) == [YOU] and queue.one.attempts == 1


REFUSED = [
    ("rcpt", "550 5.1.1 no such user here", 550, "5.1.1 no such user here"),
    ("rcpt", "553 5.1.3 odd", 553, "5.1.3 odd"),
    ("mail", "554 5.7.1 not from you", 554, "5.7.1 not from you"),
    ("dot", "554 5.6.0 spam", 554, "5.6.0 spam"),
    ("data", "503 5.5.1 no", 503, "5.5.1 no"),
    ("rcpt", "550 plain words", 550, "plain words"),
    ("rcpt", "550-5.1.1 line one\n550 5.1.1 line two", 550, "5.1.1 line one"),
]


@pytest.mark.parametrize("never", [True, False], ids=["never", "queue"])
@pytest.mark.parametrize("step, answer, code, words", REFUSED, ids=[r[1][:12] for r in REFUSED])
def test_refusals_in_the_servers_words(queue, server, talk, step, answer, code, words, never):
    queue.use(server(steps={step: answer}), queue="never" if never else None)
    reply = words_of(queue, talk)
    assert reply == code and words in reply.text
    assert f"{words.split()[0]} {words.split()[0]}" not in reply.text and "RCPT TO" not in reply.text
    assert queue.is_clean


WAITS = [("rcpt", "451 4.2.0 come back", 451, "4.2.0 come back"), ("rcpt", "452 4.2.2 full", 452, "4.2.2 full"),
         ("dot", "450 busy", 450, "busy"), ("greeting", "421 4.3.2 later", 451, "later"),
         ("dot", close(), 451, "")]


@pytest.mark.parametrize("step, answer, code, words", WAITS, ids=[str(w[1])[:12] for w in WAITS])
def test_what_may_work_later(queue, server, talk, step, answer, code, words):
    """The server's own words without a queue, and with it 250."""
    s = server(steps={step: answer})
    queue.use(s, queue="never")
    reply = words_of(queue, talk)
    assert reply == code and words in reply.text and queue.is_clean
    queue.use(s)
    assert words_of(queue, talk) == 250 and queue.one.of(PENDING) == [YOU]


def test_some_refused_is_one_bounce(queue, server, talk):
    s = server(steps={"rcpt:b@x.test": "550 5.1.1 nobody here", "rcpt:d@x.test": "550 5.1.1 nor here"})
    queue.use(s)
    assert words_of(queue, talk, "a@x.test", "b@x.test", "c@x.test", "d@x.test") == 250
    assert until(lambda: len(s.messages) == 2 and queue.is_clean)
    first, bounce = s.messages
    assert first.to == ["a@x.test", "c@x.test"] and bounce.to == [ME] and bounce.sender == ""
    report = dsn.read(bounce.data)
    assert [r["Final-Recipient"].split(";")[1].strip() for r in report.recipients] == ["b@x.test", "d@x.test"]
    assert "nobody here" in report.text and "nor here" in report.text
    queue.flush().must_be_silent()
    assert len(s.messages) == 2


def test_some_refused_some_wait(queue, server, talk):
    s = server(steps={"rcpt:b@x.test": "550 5.1.1 nobody here", "1/rcpt:c@x.test": "451 4.2.0 later"})
    queue.use(s)
    assert words_of(queue, talk, "b@x.test", "c@x.test") == 250
    assert until(lambda: any(m.sender == "" for m in s.messages))
    queue.flush().must_be_silent()
    assert until(lambda: queue.is_clean)
    assert sorted((m.sender, *m.to) for m in s.messages) == [("", ME), (ME, "c@x.test")]


def test_a_bounce_does_not_wait_for_others(queue, server, talk):
    s = server(steps={"rcpt:b@x.test": "550 5.1.1 nobody here", "rcpt:c@x.test": "451 4.2.0 later"})
    queue.use(s, log="~/log")
    began = int(time.time())
    assert words_of(queue, talk, "a@x.test", "b@x.test", "c@x.test") == 250
    assert until(lambda: any(m.sender == "" for m in s.messages) and len(queue.names()) == 1)
    left = queue.one
    assert left.of(PENDING) == ["c@x.test"] and left.attempts == 1 and left.next > began + 10
    assert s.commands.count("RCPT TO:<c@x.test>") == 1
    first, second = log_of(queue)
    assert "status=bounced" in first and "status=sent" in second and "from=<>" in second


@pytest.mark.parametrize("answer", ["550 5.1.1 nobody here", "450 4.2.1 not now"])
def test_some_have_it_and_no_queue(queue, server, talk, answer):
    """Without a queue nobody is tried again and there is no bounce, so the client hears of it; one of them has it, so
    he should not send it to all again."""
    s = server(steps={"rcpt:b@x.test": answer})
    queue.use(s, queue="never")
    reply = words_of(queue, talk, "a@x.test", "b@x.test", "c@x.test")
    assert reply == 554 and "b@x.test" in reply.text and answer in reply.text and "2 of 3" in reply.text
    assert s.message.to == ["a@x.test", "c@x.test"] and queue.is_clean


@pytest.mark.parametrize("flag", ["-odq", "-odb"])
def test_ways_of_delivery(queue, server, talk, flag):
    s = server()
    queue.use(s)
    reply = words_of(queue, talk, flags=[flag])
    assert reply == 250
    if flag == "-odq":
        assert QUEUED.findall(reply.text) == [queue.one.id] and s.connections == []
        queue.run().must_be_silent()
    assert until(lambda: queue.is_clean)
    assert s.message.to == [YOU]


def test_background_refusal_is_a_bounce(queue, server, talk):
    s = server(steps={f"rcpt:{YOU}": "550 5.1.1 no such user"})
    queue.use(s)
    assert words_of(queue, talk, flags=["-odb"]) == 250
    assert until(lambda: queue.is_clean)
    assert s.message.sender == "" and s.message.to == [ME]


@pytest.mark.skipif(not may_mount(), reason="mounting needs root and a kernel that lets it")
@pytest.mark.parametrize("flag", ["-odi", "-odq"])
def test_S138_full_disk(queue, server, flag):
    """452, nothing kept, and the session goes on."""
    s = server(steps={"1/rcpt": "451 4.3.0 later"})
    queue.use(s)
    queue.path.mkdir(parents=True, mode=0o700)
    body = b"".join(b"%07d " % i + b"x" * 60 + b"\r\n" for i in range(8000))
    session = queue.rider.write("session", SESSION[:-8] + body + b".\r\n" + SECOND)
    inner = [sys.executable, "-c", "import subprocess, sys\nrun = subprocess.run(sys.argv[2:], stdin=open(sys.argv[1], "
             "'rb'), capture_output=True)\nprint(run.returncode, run.stderr, [l[:3] for l in run.stdout.decode()"
             ".splitlines() if l[3] == ' '])", str(session), str(queue.rider.bin / "sendmail"), "-bs", flag]
    run = subprocess.run(in_namespace("mode=700,size=128k", str(queue.path), inner), capture_output=True, text=True,
                         env=queue.rider.environment, timeout=30, check=True)
    expected = ["220", *["250"] * 3, "354", "452", *["250"] * 2, "354", "250", "221"]
    assert run.stdout.startswith(f"0 b'' {expected}"), run.stdout


# ---- content ----

def test_content_is_treated_as_elsewhere(queue, server, talk):
    """What is missing is added, Bcc goes, bare names are completed; the envelope is that of the dialogue."""
    s = server()
    queue.use(s)
    c = talk()
    mail = b"From: root (Cron Daemon)\nTo: bob\nBcc: h@x.test\nReturn-Path: <x@x.test>\nSubject: s\n\n.\n..\nend\n"
    assert c.message(mail, "", "bob", "u@x.test") == 250
    assert c.say("QUIT") == 221
    c.end()
    assert s.message.to == ["bob@example.com", "u@x.test"] and s.message.sender == ""
    assert s.message.field("From") == "root@example.com (Cron Daemon)" and s.message.field("To") == "bob@example.com"
    assert s.message.fields("Bcc") == s.message.fields("Return-Path") == []
    assert s.message.field("Date") and s.message.field("Message-ID") and s.message.body == b".\r\n..\r\nend\r\n"


def test_eight_bit_and_smtputf8(queue, server, talk):
    s = server(keywords=("8BITMIME", "SMTPUTF8", "PIPELINING"))
    queue.use(s)
    c = talk()
    assert c.say("EHLO x") == 250
    assert c.say("MAIL FROM:<me@example.com> BODY=8BITMIME SMTPUTF8 SIZE=100") == 250
    assert c.say("RCPT TO:<jörg@x.test>") == 250
    assert c.say("DATA") == 354
    c.write("Subject: Grüße\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nä\r\n.\r\n".encode())
    assert c.reply() == 250 and c.say("QUIT") == 221
    c.end()
    assert s.message.to == ["jörg@x.test"] and s.message.body == "ä\r\n".encode()
    assert s.message.params["BODY"] == "8BITMIME" and "SMTPUTF8" in s.message.params


def test_accounts(queue, server, talk):
    """By -a, or by the sender of each message."""
    one, two = server(), server()
    queue.configure(account(one, "one", from_="me@one.test"), account(two, "two", from_="me@two.test"))
    c = talk()
    assert c.message(MAIL, "me@two.test", "a@x.test") == 250
    assert c.message(MAIL, "me@one.test", "b@x.test") == 250
    c.say("QUIT")
    c.end()
    assert one.message.to == ["b@x.test"] and two.message.to == ["a@x.test"]
    c = talk("-a", "two", name="postrider")
    assert c.message(MAIL, "me@one.test", "c@x.test") == 250
    c.say("QUIT")
    c.end()
    assert two.messages[-1].to == ["c@x.test"]


def test_a_message_that_cannot_be_sent(queue, server, talk):
    """A refusal of our own, and the next message goes."""
    s = server()
    queue.use(s)
    c = talk()
    assert c.message(b"Subject: \0\n\nx\n", ME, YOU) == 554
    assert c.message(MAIL, ME, YOU) == 250
    c.say("QUIT")
    c.end()
    assert s.message.to == [YOU] and queue.is_clean


@pytest.mark.parametrize("text", [None, "nonsense = 1\n"], ids=["none", "bad"])
def test_no_good_config(queue, text):
    """Said before the greeting, where callers take it for what it is."""
    if text:
        queue.rider.configure(text)
    run = queue.rider(["-bs"], SECOND).must(78, "config" if text is None else "nonsense")
    assert run.out == ""


@pytest.mark.skipif("asan" in os.environ.get("POSTRIDER", ""), reason="sanitizers need more memory")
@pytest.mark.parametrize("flag", ["-odi", "-odq"])
def test_S124_large_messages_in_a_small_space(queue, server, talk, flag):
    s = server(discard=True)
    queue.use(s, timeout="30")
    c = talk(flag)
    line = b"The quick brown fox jumps over the lazy dog, and nobody minds it at all.\r\n"
    block = line * (1024 * 1024 // len(line))
    for _ in range(2):
        assert c.say(f"MAIL FROM:<{ME}>") == 250 and c.say(f"RCPT TO:<{YOU}>") == 250 and c.say("DATA") == 354
        for _ in range(20):
            c.write(block)
        c.write(b".\r\n")
        assert c.reply() == 250
    peak = peak_rss(c.process.pid)
    assert c.say("QUIT") == 221
    c.end()
    assert 0 < peak <= 8 * 1024, f"{peak} KiB"
    assert len(s.messages) + len(queue.names()) == 2


def test_many_messages_and_no_zombies(queue, server, talk):
    s = server()
    queue.use(s)
    c = talk("-odb")
    for i in range(30):
        assert c.message(MAIL, ME, f"u{i}@x.test") == 250
    assert until(lambda: queue.is_clean)
    assert c.message(MAIL, ME, "last@x.test") == 250
    assert len(children_of(c.process.pid)) <= 3
    descriptors = os.listdir(f"/proc/{c.process.pid}/fd") if os.geteuid() == 0 else []
    assert len(descriptors) <= 8
    assert c.say("QUIT") == 221
    c.end()
    assert until(lambda: len(s.messages) == 31) and queue.is_clean


def test_log(queue, server, talk):
    s = server()
    log = queue.rider.home / "log"
    queue.configure(account(s), log=str(log))
    reply = words_of(queue, talk, flags=["-odq"])
    assert f"queue={QUEUED.findall(reply.text)[0]}" in log.read_text() and "status=queued" in log.read_text()


PHP = """<?php
$p = proc_open(['%s', '-bs', '-i'], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
stream_set_blocking($pipes[2], false);
function say($pipes, $line, $code) {
    if ($line !== null) fwrite($pipes[0], $line . "\\r\\n");
    do { $got = fgets($pipes[1]); } while ($got[3] === '-');
    if ((int) $got !== $code) { echo "expected $code, got $got"; exit(1); }
    return $got;
}
say($pipes, null, 220);
if (($noise = fread($pipes[2], 100)) !== '') { echo "noise: $noise"; exit(1); }
say($pipes, 'EHLO [127.0.0.1]', 250);
foreach (['one', 'two'] as $text) {
    say($pipes, 'MAIL FROM:<me@example.com>', 250);
    say($pipes, 'RCPT TO:<you@example.net>', 250);
    say($pipes, 'DATA', 354);
    $got = say($pipes, "Subject: $text\\r\\n\\r\\n$text\\r\\n.", 250);
    if (!preg_match('/^250 Ok:? queued as ([A-Z0-9]+)(.*)$/m', trim($got))) { echo "no id: $got"; exit(1); }
}
say($pipes, 'QUIT', 221);
fclose($pipes[0]);
echo stream_get_contents($pipes[2]);
exit(proc_close($p));
"""


@pytest.mark.skipif(shutil.which("php") is None, reason="no php")
def test_php_by_proc_open(queue, server):
    s = server()
    queue.use(s)
    script = queue.rider.write("send.php", PHP % (queue.rider.bin / "sendmail"))
    run = subprocess.run(["php", "-n", str(script)], env=queue.rider.environment, capture_output=True, text=True,
                         timeout=20, check=False)
    assert (run.returncode, run.stdout) == (0, ""), run
    assert [m.field("Subject") for m in s.messages] == ["one", "two"]
