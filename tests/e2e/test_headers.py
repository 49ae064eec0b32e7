# SPDX-License-Identifier: GPL-3.0-or-later
"""What the settings do to the header, and which account it leads to."""
import getpass
import socket

import pytest

from helpers import ME, YOU, account, config

USER = getpass.getuser()


@pytest.mark.parametrize("rule, keep, given, sent, reply_to", [
    ("no", "yes", "Cron <root>", "Cron <root@example.com>", None),
    ("no", "no", "x@example.org", "x@example.org", None),
    ("missing", "no", "root (Cron Daemon)", ME + " (Cron Daemon)", None),
    ("missing", "yes", "root", ME, "root@example.com"),
    ("missing", "no", "\"A B\" <a@localhost>", f'"A B" <{ME}>', None),
    ("missing", "no", f"a@{socket.gethostname()}", ME, None),
    ("missing", "yes", "x@example.org", "x@example.org", None),
    ("missing", "no", "", ME, None),
    ("always", "no", "\"A, B\" <x@example.org>", f'"A, B" <{ME}>', None),
    ("always", "yes", "X <x@example.org>", f"X <{ME}>", "X <x@example.org>"),
    ("always", "yes", "root", ME, "root@example.com"),
    ("always", "yes", f"Me <{ME}>", f"Me <{ME}>", None),
    ("always", "yes", "a b c", ME, None),
    ("always", "yes", None, ME, None),
    ("missing", "no", None, ME, None),
    ("no", "no", None, "bounces@example.org", None),
], ids=repr)
def test_rewrite_from(rider, server, rule, keep, given, sent, reply_to):
    s = server()
    rider.use(s, rewrite_from=rule, reply_to_original=keep)
    field = b"" if given is None else b"From: " + given.encode() + b"\n"
    rider(["-i", "-f", "bounces@example.org", YOU], field + b"Subject: x\n\nx\n").must_be_silent()
    m = s.message
    assert m.sender == "bounces@example.org", "the envelope stays"
    assert m.fields("From") == [sent]
    assert m.fields("Reply-To") == ([reply_to] if reply_to else [])


def test_a_reply_to_stays(rider, server):
    s = server()
    rider.use(s, rewrite_from="always", reply_to_original="yes")
    rider(["-i", YOU], b"From: x@example.org\nReply-To: y@example.org\n\nx\n").must_be_silent()
    assert s.message.fields("Reply-To") == ["y@example.org"]


def test_an_alias_comes_before_missing(rider, server):
    s = server()
    rider.write("aliases", "root: alice@example.org\n")
    rider.use(s, rewrite_from="missing", aliases="~/aliases")
    rider(["-i", YOU], b"From: root (Cron)\n\nx\n").must_be_silent()
    assert s.message.field("From") == "alice@example.org (Cron)"


def test_without_a_literal_from_the_envelope_sender_counts(rider, server):
    s = server()
    rider.use(s, from_=None, rewrite_from="always")
    rider(["-i", "-f", "web@example.org", YOU], b"From: x@example.net\n\nx\n").must_be_silent()
    rider(["-i", "-f", "", YOU], b"From: x@example.net\n\nx\n").must_be_silent()
    assert [m.field("From") for m in s.messages] == ["web@example.org", "x@example.net"]


def test_resent(rider, server):
    s = server()
    rider.use(s, rewrite_from="always", reply_to_original="yes")
    rider(["-i", YOU], b"Resent-From: x@example.org\nFrom: y@example.net\n\nx\n").must_be_silent()
    assert s.message.field("Resent-From") == ME and s.message.field("From") == "y@example.net"
    assert s.message.fields("Reply-To") == []


def accounts(rider, *servers):
    one, two, three = servers
    rider.configure(config(account(one, "one", from_=None, to="*.example.net, boss@example.org"),
                           account(two, "two", from_=None, users=USER),
                           account(three, "three", from_="me@example.com")))


def test_the_account_by_recipients_and_user(rider, server):
    servers = [server(), server(), server()]
    accounts(rider, *servers)
    mail = b"From: x@example.com\n\nx\n"
    rider(["-i", "a@b.example.net", "boss@example.org"], mail).must_be_silent()
    rider(["-i", "a@b.example.net", "you@example.org"], mail).must_be_silent()
    rider(["-t", "-i"], b"To: a@b.example.net\n" + mail).must_be_silent()
    rider(["-i", "-f", ME, "a@b.example.net"], mail).must_be_silent()
    assert [len(s.messages) for s in servers] == [2, 1, 1]


@pytest.mark.parametrize("args, last", [
    (["--which", ME], "sender me@example.com: account 'three', from = me@example.com"),
    (["--which=x@y.test", "a@b.example.net"], "recipients a@b.example.net: account 'one', to = *.example.net"),
    (["--which=x@y.test", "a@c.test"], f"user {USER}: account 'two', users = {USER}"),
    (["--which=x@y.test", "-a", "three"], "account of -a three: account 'three'"),
], ids=repr)
def test_which(rider, server, args, last):
    accounts(rider, server(), server(), server())
    run = rider(args, name="postrider").must(0)
    assert run.err == "" and run.out.splitlines()[-1] == last
    rider(args, name="sendmail").must(64)


def test_which_of_none(rider):
    rider.configure(config(account(name="a", host="h", from_="a@x.test"),
                           account(name="b", host="h", from_="b@x.test")))
    run = rider(["--which", "c@x.test"], name="postrider")
    run.must(78, "no account is for the sender 'c@x.test'", "--which ADDR")
    assert run.out.splitlines()[1:] == [
        "sender c@x.test: no 'from' matches", "From field: not given", "recipients: not given",
        f"user {USER}: no 'users' matches", "key 'account': none", "only account: none"]
