# SPDX-License-Identifier: GPL-3.0-or-later
"""What senders are told of messages that were queued: bounces, notices of delay, and when nothing is."""
import time

import pytest

import dsn
from helpers import MAIL, ME, YOU, account
from queue_bed import until
from queue_files import DELIVERED, PENDING, REFUSED, TOLD, write_reply

DAY = 86400
NOBODY = "550 5.1.1 no such user here"
SECRET = MAIL.replace(b"To: ", b"Bcc: hidden@x.test\nTo: ")


def refusing(*people, **more):
    """Steps of a server that refuses PEOPLE for good."""
    return {**{f"rcpt:{person}": NOBODY for person in people}, **more}


def reports(server):
    """The reports that SERVER took, read."""
    return [dsn.read(m.data) for m in server.messages if m.sender == ""]


def run_all(queue):
    """Until nothing is left that is due."""
    for _ in range(4):
        queue.run().must_be_silent()


def test_bounce(queue, server):
    s = server(steps=refusing("gone@x.test"))
    queue.use(s)
    queue.send("-odq", "gone@x.test", mail=SECRET).must_be_silent()
    name = queue.one.id
    run_all(queue)
    assert queue.is_clean
    (taken,) = s.messages
    assert taken.sender == "" and taken.to == [ME]
    (report,) = reports(s)
    assert report.head["To"] == ME and report.head["From"].addresses[0].addr_spec == "MAILER-DAEMON@example.com"
    assert report.head["Auto-Submitted"].startswith("auto-") and report.head["Message-ID"]
    assert "gone@x.test" in report.text and "no such user here" in report.text
    (one,) = report.recipients
    assert one["Final-Recipient"] == "rfc822; gone@x.test" and one["Action"] == "failed"
    assert one["Status"] == "5.1.1" and NOBODY in one["Diagnostic-Code"] and "127.0.0.1" in one["Remote-MTA"]
    assert report.whole and report.original["Subject"] == "hello" and "Bcc" not in report.original
    assert "A line." in report.original.get_content()
    assert name in taken.data.decode()


@pytest.mark.parametrize("word", [b"wonderland", b"d29uZGVybGFuZA==", b"AGFsaWNlAHdvbmRlcmxhbmQ="])
def test_S014_S065_S120_what_no_report_quotes(queue, server, word):
    """The server's words, with our password and control bytes in them, on the disk, in the log and in the bounce."""
    words = b"%d 4.7.1 \x1b]0;evil\x07\x00\x9b31m no " + word + b"\r\n"
    s = server(tls="implicit", auth="PLAIN",
               steps={"1/rcpt:gone@x.test": words % 450, "2/rcpt:gone@x.test": words % 550})
    log = queue.rider.home / "log"
    queue.configure(account(s, tls_verify="no", user="alice", password="wonderland"), log=str(log))
    queue.send("gone@x.test", mail=SECRET).must_be_silent()
    kept = b"".join(p.read_bytes() for folder in ("q", "replies") for p in (queue.path / folder).iterdir())
    queue.flush().must_be_silent()
    run_all(queue)
    (report,) = s.messages
    for where in kept, log.read_bytes(), report.data:
        assert b"4.7.1" in where and word not in where and b"hidden@" not in where
        assert not set(b"\x1b\x07\0\x9b") & set(where)


def test_one_report_for_all_who_were_refused_together(queue, server):
    s = server(steps=refusing("a@x.test", "b@x.test"))
    queue.use(s).put(to=["a@x.test", "c@x.test", "b@x.test"])
    run_all(queue)
    (report,) = reports(s)
    assert [r["Final-Recipient"] for r in report.recipients] == ["rfc822; a@x.test", "rfc822; b@x.test"]
    assert queue.is_clean and sorted(m.to for m in s.messages) == [["c@x.test"], [ME]]


def test_S069_S070_one_refused_one_waits(queue, server):
    s = server(steps=refusing("a@x.test", **{"rcpt:b@x.test": "450 4.2.1 busy"}))
    queue.use(s).put(to=["a@x.test", "b@x.test"])
    run_all(queue)
    assert queue.one.marks == {"a@x.test": TOLD, "b@x.test": PENDING}
    assert [r["Final-Recipient"] for r in reports(s)[0].recipients] == ["rfc822; a@x.test"]
    s.steps["rcpt:b@x.test"] = "550 5.2.2 now for good"
    queue.flush().must_be_silent()
    run_all(queue)
    assert queue.is_clean and len(reports(s)) == 2
    assert [r["Final-Recipient"] for r in reports(s)[1].recipients] == ["rfc822; b@x.test"]


@pytest.mark.parametrize("step", ["mail", "data", "dot"])
def test_a_refused_message_bounces_for_all(queue, server, step):
    s = server(steps={f"1/{step}:1": "554 5.7.1 not from you"})
    queue.use(s, connections=1).put(to=["a@x.test", "b@x.test"])
    run_all(queue)
    (report,) = reports(s)
    assert [r["Status"] for r in report.recipients] == ["5.7.1"] * 2 and queue.is_clean


@pytest.mark.parametrize("left", [REFUSED, PENDING])
def test_what_a_former_run_left(queue, server, left):
    """It died before the bounce: of those who were refused then, and of all who were in one report."""
    s = server(steps=refusing("b@x.test"))
    queue.use(s).put(to={"a@x.test": REFUSED, "b@x.test": left, "c@x.test": DELIVERED})
    run_all(queue)
    assert queue.is_clean and [m.to for m in s.messages] == [[ME]]
    assert len(reports(s)[0].recipients) == 2


def test_the_reason_outlives_other_tries(queue, server):
    """The bounce could not be written then; meanwhile another recipient was tried again."""
    s = server(steps={"1/rcpt:b@x.test": "450 4.2.0 later"})
    e = queue.use(s).put(to={"a@x.test": REFUSED, "b@x.test": PENDING})
    write_reply(queue.path, e, f"RCPT TO:<a@x.test>: {NOBODY}", last=0, kind=5, code=550)
    queue.run().must_be_silent()
    listed = queue.run("-bp").out
    assert NOBODY in listed and "4.2.0 later" in listed
    run_all(queue)
    (report,) = reports(s)
    assert NOBODY in report.text and NOBODY in report.recipients[0]["Diagnostic-Code"]
    queue.flush().must_be_silent()
    assert queue.is_clean


def test_expiry_tells_the_last_reason(queue, server):
    s = server(steps={f"rcpt:{YOU}": "452 4.2.2 mailbox is full"})
    queue.use(s).put(created=int(time.time()) - 6 * DAY, attempts=9)
    run_all(queue)
    (report,) = reports(s)
    assert report.recipients[0]["Action"] == "failed" and "mailbox is full" in report.text
    assert report.recipients[0]["Status"] == "5.4.7" and queue.is_clean


# ---- who wants it ----

NOTIFY = [
    (["-N", "never"], 0), (["-N", "delay"], 0), (["-N", "success"], 0), (["-N", "failure"], 1),
    (["-N", "success,failure"], 1), ([], 1),
]


@pytest.mark.parametrize("flags, count", NOTIFY, ids=[" ".join(f) or "nothing" for f, _ in NOTIFY])
def test_notify(queue, server, flags, count):
    s = server(steps=refusing(YOU))
    queue.use(s)
    queue.send("-odq", *flags, YOU).must_be_silent()
    run_all(queue)
    assert len(reports(s)) == count and queue.is_clean


def test_envid_and_ret(queue, server):
    s = server(steps=refusing(YOU))
    queue.use(s)
    queue.send("-odq", "-V", "order 4711", "-R", "hdrs", YOU).must_be_silent()
    run_all(queue)
    (report,) = reports(s)
    assert report.message["Original-Envelope-Id"] == "order 4711" and not report.whole
    assert report.original["Subject"] == "hello"


def test_bounce_to(queue, server):
    s = server(steps=refusing(YOU))
    queue.use(s, bounce_to="root, helpdesk@example.net", domain="example.com").put()
    run_all(queue)
    assert s.message.sender == "" and s.message.to == ["root@example.com", "helpdesk@example.net"]


def test_relayed_to_a_server_without_DSN(queue, server):
    s = server(keywords=("PIPELINING",))
    queue.use(s)
    queue.send("-odq", "-N", "success", YOU).must_be_silent()
    run_all(queue)
    (report,) = reports(s)
    assert report.recipients[0]["Action"] == "relayed" and not report.whole and queue.is_clean


def test_a_server_with_DSN_reports_itself(queue, server):
    s = server()
    queue.use(s)
    queue.send("-odq", "-N", "success", YOU).must_be_silent()
    run_all(queue)
    assert s.message.to == [YOU] and s.message.recipients[0].params["NOTIFY"] == "SUCCESS"


# ---- those whom nobody can tell ----

def test_the_null_sender_is_told_nothing(queue, server):
    log = queue.rider.home / "log"
    s = server(steps=refusing(YOU))
    queue.configure(account(s), log=str(log))
    queue.send("-odq", "-f", "", YOU).must_be_silent()
    run_all(queue)
    assert s.messages == [] and queue.names() == []
    (kept,) = queue.all("failed")
    assert kept.marks == {YOU: REFUSED} and b"A line." in kept.content and kept.attempts == 1
    line = log.read_text().splitlines()[-1]
    assert "from=<>" in line and "no such user" in line and kept.id in line and "status=refused" in line


def test_a_bounce_is_not_bounced(queue, server):
    s = server(steps=refusing(YOU, ME))
    queue.use(s).put()
    run_all(queue)
    assert s.messages == [] and queue.names() == []
    (kept,) = queue.all("failed")
    assert kept.sender == "" and kept.origin == "report" and kept.marks == {ME: REFUSED}


def test_a_bounce_that_waits(queue, server):
    s = server(steps=refusing(YOU, **{f"rcpt:{ME}": "450 4.2.0 later"}))
    queue.use(s).put()
    run_all(queue)
    assert queue.one.sender == "" and queue.one.of(PENDING) == [ME] and queue.one.attempts == 1
    del s.steps[f"rcpt:{ME}"]
    queue.flush().must_be_silent()
    assert len(reports(s)) == 1 and queue.is_clean


# ---- late ----

def warned(queue, server, flags=(), **keys):
    s = server(steps={f"rcpt:{YOU}": "450 4.2.0 greylisted"})
    queue.use(s, **{"warn": "4h", **keys})
    queue.send("-odq", *flags, YOU).must_be_silent()
    one = queue.one
    (queue.path / "q" / one.id).unlink()
    one.created -= 5 * 3600
    one.next = one.created
    queue.put(**vars(one))
    return s, one.id


def test_one_notice_of_delay(queue, server):
    s, name = warned(queue, server)
    run_all(queue)
    (report,) = reports(s)
    assert report.recipients[0]["Action"] == "delayed" and "greylisted" in report.text and not report.whole
    assert report.recipients[0]["Will-Retry-Until"]
    assert queue.one.id == name and queue.one.warned
    queue.flush().must_be_silent()
    queue.flush().must_be_silent()
    assert len(reports(s)) == 1 and queue.one.attempts == 3


@pytest.mark.parametrize("flags, keys, count", [
    ([], {"warn": "6h"}, 0), ([], {"warn": None}, 0), (["-N", "never"], {}, 0), (["-N", "failure"], {}, 0),
    (["-N", "delay"], {}, 1), (["-f", ""], {}, 0)], ids=str)
def test_when_a_notice_is_due(queue, server, flags, keys, count):
    s, name = warned(queue, server, flags, **keys)
    run_all(queue)
    assert len(reports(s)) == count and name in queue.names()


# ---- the foreground tells by its exit code ----

def test_no_bounce_for_what_the_exit_code_tells(queue, server):
    s = server(steps=refusing(YOU))
    queue.use(s)
    queue.send().must(67, "no such user")
    queue.send("ok@x.test", YOU).must(67)
    run_all(queue)
    assert [m.to for m in s.messages] == [["ok@x.test"]]
    assert not queue.path.exists() or queue.is_clean


def test_oem_keeps_what_was_refused(queue, server):
    s = server(steps=refusing(YOU))
    queue.use(s)
    queue.send("-oem", YOU).must(67, "no such user")
    (kept,) = queue.all("failed")
    assert kept.marks == {YOU: REFUSED} and b"A line." in kept.content and queue.names() == []
    assert kept.attempts == 1 and "no such user" in queue.run("-bp").out
    run_all(queue)
    assert s.messages == [] and len(queue.names("failed")) == 1


def test_oem_some_refused_some_wait(queue, server):
    """Nobody looks at the exit code, so what the queue can tell of is told by it."""
    s = server(steps=refusing("a@x.test", **{"1/rcpt:b@x.test": "450 4.2.0 later"}))
    queue.use(s)
    queue.send("-oem", "a@x.test", "b@x.test").must(67)
    assert until(lambda: queue.flush() and not queue.names())
    assert ["b@x.test"] in [m.to for m in s.messages]
    assert len(reports(s)) + len(queue.names("failed")) == 1


def test_oem_under_queue_never(queue, server):
    queue.use(server(steps=refusing(YOU)), queue="never")
    queue.send("-oem", YOU).must(67)
    assert not queue.path.exists()


def test_queue_only_refusals_are_bounced_from_any_flag(queue, server):
    s = server(steps=refusing(YOU))
    queue.use(s)
    queue.send("-oem", "-odb", YOU).must_be_silent()
    assert until(lambda: len([m for c in s.connections for m in c.messages if m.accepted]) == 1)
    assert until(lambda: queue.is_clean) and len(reports(s)) == 1
