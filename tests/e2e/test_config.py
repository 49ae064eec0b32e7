# SPDX-License-Identifier: GPL-3.0-or-later
"""The config: contract, sections 2 and 7."""
import json
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from helpers import ME, QUIET, YOU, account, config

SEND = ["-i", YOU]


def file_with(server, *lines, top=(), name="test"):
    return config(account(server, name) + "".join(line + "\n" for line in lines), **dict(top))


def line_of(rider, text: str) -> int:
    return next(i for i, line in enumerate(rider.config_file.read_text().split("\n"), 1) if text in line)


WRONG = {
    "unknown key": ("hots = x", "host"),
    "unknown key, far": ("qwertyuiop = x", "qwertyuiop"),
    "bad word": ("tls = maybe", "tls"),
    "bad number": ("port = many", "port"),
    "number too large": ("port = 65536", "port"),
    "bad duration": ("timeout = 5x", "timeout"),
    "bad list of durations": ("retry = 5m, 10x", "retry"),
    "no duration": ("retry =", "retry"),
    "bad delivery": ("delivery = later", "delivery"),
    "bad queue folder": ("queue-dir = q", "queue-dir"),
    "bad connections": ("connections = 0", "connections"),
    "bad rate": ("rate = -1", "rate"),
    "bad size": ("max-size = big", "max-size"),
    "bad yes/no": ("tls-verify = perhaps", "tls-verify"),
    "bad host": ("host = a b", "host"),
    "bad url": ("proxy = http://x", "proxy"),
    "bad fingerprint": ("tls-fingerprint = sha256:abc", "tls-fingerprint"),
    "mechanism that is none": ("auth = plian", "plain"),
    "recipient that is none": ("to = a@b@c", "a@b@c"),
    "no equals sign": ("tls", ""),
    "unset variable": ("user = ${NOT_SET_ANYWHERE}", "NOT_SET_ANYWHERE"),
    "value over 8 KiB": ("from-name = " + "x" * 9000, "8 KiB"),
    "open quote": ('from-name = "x', "quote"),
    "NUL": ("from-name = a\0b", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_line(rider, server, name):
    line, said = WRONG[name]
    s = server()
    text = file_with(s)
    rider.configure(text + line + "\n" + "from-name = after\n")
    number = text.count("\n") + 1
    run = rider(SEND).must(78, f"postrider.ini:{number}:", said)
    assert s.connections == [], run


@pytest.mark.parametrize("section, said", [("[acount x]", "account"), ("[account]", ""), ("[account test]", "test"),
                                           ("[other]", ""), ("[account x", "")])
def test_wrong_section(rider, server, section, said):
    s = server()
    text = file_with(s)
    rider.configure(text + section + "\nhost = x.test\n")
    rider(SEND).must(78, f"postrider.ini:{text.count(chr(10)) + 1}:", said)
    assert s.connections == []


def test_nearest_name(rider, server):
    rider.configure(file_with(server(), "tsl-ca = x"))
    rider(SEND).must(78, "tls-ca")


def test_no_config(rider):
    run = rider(SEND, name="postrider")
    assert run.rc in (64, 75, 78) and run.err, run


@pytest.mark.smoke
def test_options_alone_will_do(rider, server):
    s = server()
    args = [f"--host={s.host}", f"--port={s.port}", "--tls=none", "--log=none", "--aliases="]
    rider([*args, YOU], name="postrider").must_be_silent()
    assert s.message.to == [YOU]
    rider(["-C", str(rider.home / "missing.ini"), *args, YOU], name="postrider").must(78, "missing.ini")


def test_keys_stand_in_either_place(rider, server):
    s = server()
    rider.configure(config("[account a]\n", host=s.host, port=str(s.port), tls="none", **{"from": ME}))
    rider(SEND).must_be_silent()
    rider.configure(config(host=s.host, port=str(s.port), tls="none", **{"from": ME}))
    rider(SEND).must_be_silent()
    assert [m.sender for m in s.messages] == [ME, ME]


def test_account_overrides_the_default(rider, server):
    s = server()
    rider.configure(config(account(s, from_name="Mine"), from_name="Default"))
    rider(SEND, b"Subject: x\n\nx\n").must_be_silent()
    assert s.message.field("From") == f"Mine <{ME}>"


VALUES = {
    "plain": ("A Name", "A Name"),
    "comment": ("A Name ; comment", "A Name"),
    "quoted comment": ('"A ; B # C"', "A ; B # C"),
    "quoted blanks": ('"a  b"', "a  b"),
    "quotes": (r'"a \"b\" \\c"', 'a "b" \\c'),
    "no comment without a blank": ("a;b", "a;b"),
    "long": ("x" * 3000, "x" * 3000),
    "long with comment": ("y" * 300 + " ; z", "y" * 300),
    "variable": ("${WHO}", "Alice Liddell"),
    "variable within": ("I am ${WHO}!", "I am Alice Liddell!"),
    "default": ("${NOT_SET:-Nobody}", "Nobody"),
    "default not needed": ("${WHO:-Nobody}", "Alice Liddell"),
    "dollar": ("5$", "5$"),
    "utf-8": ("J\u00f6rg", "J\u00f6rg"),
}


@pytest.mark.parametrize("name", VALUES)
def test_values(rider, server, name):
    given, meant = VALUES[name]
    s = server()
    rider.configure(file_with(s, f"from-name = {given}"))
    rider(SEND, b"Subject: x\n\nx\n", env={**rider.environment, "WHO": "Alice Liddell"}).must_be_silent()
    shown = str(make_header(decode_header(parseaddr(s.message.field("From"))[0])))
    assert shown.replace("\n", "") == meant or meant in s.message.field("From")


@pytest.mark.parametrize("text", [
    "\ufeff{0}", "# comment\n; comment\n\n{0}", "   {0}", "{0}   \n\n", "{0}; {1}\n", "{0}# {1}\n",
], ids=["BOM", "comments", "indented", "blanks", "long comment ;", "long comment #"])
def test_layout(rider, server, text):
    s = server()
    body = "\n".join(f"{k}={v}" for k, v in QUIET.items()) + "\n" + account(s)
    rider.configure(text.format(body, "x" * 250 + " host = evil.test\npassword=evil"[:17]))
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


def test_crlf_file(rider, server):
    s = server()
    rider.configure(file_with(s).replace("\n", "\r\n"))
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


def test_long_account_name(rider, server):
    s = server()
    rider.configure(config(account(s, "a" * 60), account(host="192.0.2.1", name="b"), account="a" * 60))
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


def test_include(rider, server):
    s = server()
    rider.write(".config/part.ini", account(s))
    rider.configure(config(include="part.ini"))
    rider(SEND).must_be_silent()
    (rider.home / ".config/parts").mkdir()
    rider.write(".config/parts/a.ini", account(s))
    rider.configure(config(include="parts/*.ini"))
    rider(SEND).must_be_silent()
    assert len(s.messages) == 2
    rider.configure(config(account(s), include="none/*.ini"))
    rider(SEND).must_be_silent()
    rider.configure(config(account(s), include="none.ini"))
    rider(SEND).must(78, "none.ini")
    rider.write(".config/part.ini", "[account x]\nhots = x\n")
    rider.configure(config(include="part.ini"))
    rider(SEND).must(78, "part.ini:2:")


def test_include_loop(rider):
    rider.configure(config(include="postrider.ini"))
    rider(SEND).must(78)


@pytest.mark.parametrize("mode, rc", [(0o600, 0), (0o400, 0), (0o640, 78), (0o644, 78), (0o604, 78), (0o666, 78)])
def test_password_that_others_can_read(rider, server, certs, mode, rc):
    s = server(tls="implicit", auth="PLAIN")
    rider.use(s, tls_ca=certs.ca, user="alice", password="wonderland")
    rider.config_file.chmod(mode)
    run = rider(SEND).must(rc)
    if rc:
        assert "chmod" in run.err and s.connections == []
    assert len(s.messages) == (rc == 0)


def test_no_password_no_mode(rider, server):
    s = server()
    rider.use(s)
    rider.config_file.chmod(0o644)
    rider(SEND).must_be_silent()
    assert s.message.to == [YOU]


CHOICE = {
    "-f decides": (["-f", "me@b.test"], "From: me@a.test\n", "b"),
    "-f by pattern": (["-f", "anybody@list.b.test"], "", "b"),
    "From decides": ([], "From: Me <me@b.test>\n", "b"),
    "case does not matter": ([], "From: me@B.TEST\n", "b"),
    "-f before From": (["-f", "me@a.test"], "From: me@b.test\n", "a"),
    "account where nothing matches": (["-f", "other@c.test"], "From: other@c.test\n", "a"),
    "-f matches none, From does": (["-f", "other@c.test"], "From: me@b.test\n", "b"),
    "nothing said": ([], "", "a"),
}


@pytest.mark.parametrize("name", CHOICE)
def test_choice_of_the_account(rider, server, name):
    args, header, chosen = CHOICE[name]
    servers = {"a": server(), "b": server()}
    rider.configure(config(account(servers["a"], "a", from_="me@a.test, *@list.a.test"),
                           account(servers["b"], "b", from_="*@list.b.test, me@b.test"), account="a"))
    rider([*args, *SEND], (header + "Subject: x\n\nx\n").encode()).must_be_silent()
    assert [name for name, s in servers.items() if s.messages] == [chosen]
    if not args:
        assert servers[chosen].message.sender == f"me@{chosen}.test", "the first literal one"


def test_no_from_anywhere(rider, server):
    s = server()
    rider.use(s, from_=None)
    rider(SEND, b"Subject: x\n\nx\n").must_be_silent()
    assert s.message.sender.endswith("@example.com") and s.message.field("From").endswith(s.message.sender)
    rider(SEND, b"From: X <x@x.test>\n\nx\n").must_be_silent()
    assert s.messages[1].sender == "x@x.test"


@pytest.mark.parametrize("keys, head, gone, kept", [
    ({"remove-headers": "x-secret, X-Other"}, b"X-Secret: 1\nx-other: 2\nX-Kept: 3\n", ["X-Secret", "X-Other"],
            ["X-Kept"]),
    ({}, b"Return-Path: <a@b>\nBcc: a@b.test\nResent-Bcc: a@b.test\n", ["Return-Path", "Bcc", "Resent-Bcc"], []),
])
def test_remove_headers(rider, server, keys, head, gone, kept):
    s = server()
    rider.use(s, **keys)
    rider(SEND, b"From: me@example.com\n" + head + b"\nx\n").must_be_silent()
    assert not [f for f in gone if s.message.fields(f)] and all(s.message.fields(f) for f in kept)


def test_undisclosed_recipients(rider, server):
    s = server()
    rider.use(s, undisclosed_recipients="yes")
    rider(["-t", "-i"], b"To: a@x.test\nCc: b@x.test\nBcc: c@x.test\nSubject: x\n\nx\n").must_be_silent()
    assert sorted(s.message.to) == ["a@x.test", "b@x.test", "c@x.test"]
    assert s.message.field("To") == "undisclosed-recipients:;" and b"x.test" not in s.message.head


@pytest.mark.parametrize("yes", ["yes", "on", "true", "1"])
def test_yes_has_many_forms(rider, server, yes):
    s = server()
    rider.use(s, undisclosed_recipients=yes)
    rider(SEND).must_be_silent()
    assert s.message.field("To") == "undisclosed-recipients:;"


def test_retry_is_a_list_of_times(rider):
    run = rider(["--show-config", "--json", "-C", "/dev/null", "--host=x", "--retry=90, 1h30m,1d"], name="postrider")
    settings = json.loads(run.must(0).out)["accounts"][0]["settings"]
    assert settings["retry"]["value"] == [90, 5400, 86400] and settings["expire"]["value"] == 432000


@pytest.mark.smoke
def test_show_config(rider, server):
    s = server()
    rider.use(s, user="alice", password="wonderland")
    run = rider(["--show-config"], b"", name="postrider").must(0)
    assert "host" in run.out and s.host in run.out and "wonderland" not in run.out + run.err
    run = rider(["--show-config", "--json"], b"", name="postrider").must(0)
    assert isinstance(json.loads(run.out), dict) and "wonderland" not in run.out


def test_xdg_and_home(rider, server):
    """Without XDG_CONFIG_HOME, ~/.config."""
    s = server()
    rider.use(s)
    env = {k: v for k, v in rider.environment.items() if not k.startswith("XDG_")}
    rider(SEND, env=env).must_be_silent()
    assert s.message.to == [YOU]


def test_broken_config_of_the_user_is_not_passed_over(rider, server):
    s = server()
    rider.use(s)
    rider.config_file.write_text("garbage\n")
    rider(SEND).must(78)
    rider.config_file.unlink()
    rider.config_file.mkdir()
    rider(SEND).must(78)
