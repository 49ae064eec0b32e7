# SPDX-License-Identifier: GPL-3.0-or-later
"""Aliases, local-to, and newaliases."""
import pytest

from helpers import MAIL, ME, YOU, account, config

FILE = """# who is who
postmaster: root
root: alice@example.net,
    bob@example.net
team: :include:{home}/team
loop: pool
pool: loop
program: |touch {home}/ran
file: {home}/written
me@host.test: alice@example.net
single: alice@example.net
"""
TEAM = "# the team\nroot\ncarol@example.net, alice@example.net\n"
ALICE, BOB, CAROL = (f"{name}@example.net" for name in ("alice", "bob", "carol"))


def use(rider, server, text=FILE, **keys):
    rider.write("aliases", text.format(home=rider.home))
    rider.write("team", TEAM)
    return rider.use(server, aliases="~/aliases", **keys)


@pytest.mark.parametrize("given, sent", [
    (["root"], [ALICE, BOB]), (["Root"], [ALICE, BOB]), (["postmaster@example.com"], [ALICE, BOB]),
    (["root@EXAMPLE.com"], [ALICE, BOB]), (["root@other.test"], ["root@other.test"]),
    (["me@host.test"], [ALICE]), (["me"], [ME]), (["team"], [ALICE, BOB, CAROL]),
    (["loop"], ["loop@example.com"]), (["root", ALICE, "bob@EXAMPLE.NET"], [ALICE, BOB]),
    (["cron"], ["cron@example.com"]),
], ids=repr)
def test_recipients(rider, server, given, sent):
    s = server()
    use(rider, s)
    rider(["-i", *given]).must_be_silent()
    assert sorted(s.message.to) == sent
    to = ", ".join(given).encode()
    rider(["-t", "-i"], b"From: me@example.com\nTo: " + to + b"\n\nx\n").must_be_silent()
    assert sorted(s.messages[1].to) == sent
    assert ALICE not in s.messages[1].field("To") or ALICE in given, "the header stays"


def test_local_to(rider, server):
    s = server()
    use(rider, s, local_to=f"{CAROL}, x@example.net")
    rider(["-i", "cron"]).must_be_silent()
    rider(["-i", "root"]).must_be_silent()
    rider(["-i", "cron@example.com"]).must_be_silent()
    assert [m.to for m in s.messages] == [[CAROL, "x@example.net"], [ALICE, BOB], ["cron@example.com"]]


@pytest.mark.parametrize("name, word", [("program", "command"), ("file", "file")])
def test_nothing_is_run_or_written(rider, server, name, word):
    s = server()
    use(rider, s)
    rider(["-i", name, YOU]).must(67, f"'{name}' names a {word}", "aliases:")
    assert s.message.to == [YOU]
    rider(["-i", name]).must(67, f"'{name}' names a {word}")
    assert len(s.messages) == 1
    assert not (rider.home / "ran").exists() and not (rider.home / "written").exists()


@pytest.mark.parametrize("args, header, sender, field", [
    (["-f", "single"], b"From: single (Cron Daemon)\n", ALICE, ALICE + " (Cron Daemon)"),
    (["-f", "me@host.test"], b"From: \"Me\" <me@host.test>\n", ALICE, f'"Me" <{ALICE}>'),
    (["-f", "root"], b"From: root\n", "root@example.com", "root@example.com"),
    ([], b"From: single\n", ALICE, ALICE), (["-f", "single"], b"", ALICE, ALICE),
], ids=repr)
def test_senders(rider, server, args, header, sender, field):
    s = server()
    use(rider, s, from_=None)
    rider(["-i", *args, YOU], header + b"Sender: single\nTo: single\n\nx\n").must_be_silent()
    assert s.message.sender == sender and s.message.field("From") == field
    assert s.message.field("Sender") == ALICE and s.message.field("To") == "single@example.com"


def test_the_accounts_own_sender_is_no_alias(rider, server):
    s = server()
    use(rider, s, "me: alice@example.net\n")
    rider(["-i", YOU]).must_be_silent()
    assert s.message.sender == ME and s.message.field("From") == ALICE


def test_bv(rider, server):
    use(rider, server())
    run = rider(["-bv", "root", "a@b.test"]).must(0)
    assert [line.split("...")[0] for line in run.out.splitlines()] == [ALICE, BOB, "a@b.test"]
    assert "for root@example.com" in run.out.splitlines()[0]
    run = rider(["-bv", "program"]).must(67)
    assert "undeliverable" in run.out and "command" in run.out


@pytest.mark.parametrize("name, args", [("newaliases", []), ("sendmail", ["-bi"]), ("sendmail", ["-I"])])
def test_newaliases(rider, name, args):
    rider.configure(config(account(host="localhost", aliases="~/aliases")))
    rider(args, name=name).must(78, "aliases")
    rider.write("team", TEAM)
    rider.write("aliases", f"root: {ALICE}\nteam: :include:{rider.home}/team\n")
    rider(args, name=name).must_be_silent()
    rider.write("aliases", "root: a\n\nb c: d\n")
    rider(args, name=name).must(78, "aliases:3:")
    rider.write("aliases", "root: a\np: |cat\nf: /tmp/x\ni: :include:/nowhere/at/all\n")
    rider(args, name=name).must(78, "aliases:2:", "aliases:3:", "aliases:4:")
    rider.write("aliases", f"t: :include:{rider.home}/team\n")
    rider.write("team", "a\nb c\n")
    rider(args, name=name).must(78, "team:2:")


def test_newaliases_without_settings(rider):
    rider([], name="newaliases").must_be_silent()


@pytest.mark.parametrize("text", ["root alice@example.net\n", "root: a\nroot: b\n", "root: a b\n"])
def test_a_file_with_errors_stops_the_mail(rider, server, text):
    s = server()
    use(rider, s, text)
    rider(["-i", YOU]).must(78, "aliases:")
    assert s.connections == []


def test_a_missing_file(rider, server):
    s = server()
    rider.use(s, aliases="~/nowhere")
    rider(["-i", YOU], MAIL).must(78, "nowhere")
    assert s.connections == []
