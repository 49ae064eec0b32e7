# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope: S066 to S094."""
import pytest

from helpers import ME, YOU, account, config
from server import close, replies, reply, reset

A, B, C = "a@example.net", "b@example.net", "c@example.net"


@pytest.mark.parametrize("step, answer, rc", [
    ("mail", "450 4.1.8 later", 75), ("mail", "451 4.3.0 later", 75), ("mail", "421 4.3.2 bye", 75),
    ("mail", "550 5.7.1 not from you", 69), ("mail", "553 5.1.7 bad sender", 69), ("mail", "501 5.5.4 what", 69),
    ("mail", "530 5.7.0 log in first", 69), ("mail", "552 5.3.4 too big", 69), ("mail", "452 4.3.1 full", 75),
    ("mail", "354 go", 76), ("mail", "250-a\n550 b", 76), ("mail", "999 what", 76), ("mail", "gibberish", 76),
    ("rcpt", "550 5.1.1 no such user", 67), ("rcpt", "551 5.1.6 moved", 67), ("rcpt", "553 5.1.3 what", 67),
    ("rcpt", "554 5.7.1 no", 69), ("rcpt", "552 5.2.2 mailbox full", 69), ("rcpt", "500 what", 69),
    ("rcpt", "450 4.2.1 busy", 75), ("rcpt", "451 4.7.1 greylisted", 75), ("rcpt", "452 4.2.2 full", 75),
    ("rcpt", "354 go", 76), ("rcpt", "220 hello", 76), ("rcpt", "250-a\n450 b", 76), ("rcpt", "gibberish", 76),
])
@pytest.mark.parametrize("keywords", [["PIPELINING"], []], ids=["pipelined", "lockstep"])
def test_S066_S067_S068_S070_S072_S077_refused(rider, server, step, answer, rc, keywords):
    s = server(keywords=keywords, steps={step: answer})
    rider.use(s)
    run = rider(["-i", YOU]).must(rc, "127.0.0.1")
    if rc != 76:
        assert answer in run.err, run
    assert step.upper() in run.err and s.messages == []


@pytest.mark.parametrize("answer, rc", [("550 5.1.1 no such user", 67), ("450 4.2.1 busy", 75)])
def test_S069_S070_one_of_many(rider, server, answer, rc):
    s = server(steps={f"rcpt:{B}": answer})
    rider.use(s)
    run = rider(["-i", A, B, C]).must(rc, B, answer)
    assert s.message.to == [A, C]
    assert f"<{A}>" not in run.err or "accepted" in run.err.lower() or "sent" in run.err.lower()


def test_refused_permanent_before_transient(rider, server):
    s = server(steps={f"rcpt:{A}": "450 4.2.1 busy", f"rcpt:{B}": "550 5.1.1 no"})
    rider.use(s)
    rider(["-i", A, B, C]).must(67, A, B)
    assert s.message.to == [C]


@pytest.mark.parametrize("answer", ["354 go", "554 5.5.1 no valid recipients", "503 5.5.1 what"])
def test_S071_all_refused(rider, server, answer):
    """A server that answers 354 all the same must not get the message."""
    s = server(steps={"rcpt": "550 5.1.1 no such user", "data": answer})
    rider.use(s)
    rider(["-i", A, B]).must(67, A, B, "550 5.1.1 no such user")
    assert all(m.data == b"" for c in s.connections for m in c.messages)
    assert b"A line." not in s.heard


def test_S071_all_refused_354_then_another_account_may_go_on(rider, server):
    s = server(steps={"rcpt": "550 no", "data": "354 go"})
    rider.use(s)
    rider(["-i", A]).must(67)
    heard = s.heard.split(b"DATA\r\n", 1)
    if len(heard) == 2:
        assert heard[1].startswith(b".\r\n"), "RFC 2920, 3.1: only the dot may follow"


@pytest.mark.parametrize("answer", ["452 4.5.3 too many recipients", "552 5.5.3 too many recipients"])
@pytest.mark.parametrize("keywords", [["PIPELINING"], []], ids=["pipelined", "lockstep"])
def test_S073_too_many_recipients_are_split(rider, server, answer, keywords):
    people = [f"p{i}@example.net" for i in range(8)]
    steps = {f"rcpt:{n}": answer for n in (4, 5, 6, 7, 8)}
    s = server(keywords=keywords, steps=steps)
    rider.use(s)
    rider(["-i", *people]).must_be_silent()
    assert sorted(a for m in s.messages for a in m.to) == people
    assert len(s.messages) in (2, 3), "3 where it takes the first answer for the server's limit"


def test_S074_many_recipients(rider, server):
    people = [f"p{i:03}@example.net" for i in range(250)]
    s = server()
    rider.use(s)
    rider(["-i", *people]).must_be_silent()
    assert sorted(a for m in s.messages for a in m.to) == people
    assert max(len(m.to) for m in s.messages) <= 100


@pytest.mark.parametrize("answer", ["251 2.1.5 will forward", "252 2.1.5 cannot verify", "250 ok"])
def test_S075_accepted(rider, server, answer):
    s = server(steps={"rcpt": answer})
    rider.use(s)
    rider(["-i", YOU]).must_be_silent()
    assert s.message.to == [YOU]


def test_S076_421_at_the_second_recipient(rider, server):
    s = server(steps={"rcpt:2": reply("421 4.3.2 bye") + close()})
    rider.use(s)
    rider(["-i", A, B, C]).must(75, "421 4.3.2 bye")
    assert s.messages == []


def test_S078_fewer_replies(rider, server):
    s = server(steps={"rcpt:2": b""})
    rider.use(s, timeout="1")
    run = rider(["-i", A, B])
    assert run.rc in (75, 76) and run.seconds < 3, run
    assert s.messages == []
    assert "RCPT" in s.verbs


@pytest.mark.parametrize("step", ["mail", "rcpt:1"])
@pytest.mark.parametrize("keywords", [["PIPELINING"], []], ids=["pipelined", "lockstep"])
def test_S079_more_replies(rider, server, step, keywords):
    """Shifted by one, the second reply would be taken for that of the next command."""
    s = server(keywords=keywords, steps={step: replies("250 ok", "250 and more")}, strict=False)
    rider.use(s)
    rider(["-i", YOU]).must(76)
    assert s.messages == []


@pytest.mark.parametrize("step", ["mail", "rcpt"])
@pytest.mark.parametrize("end", [close(), reset()], ids=["close", "reset"])
def test_S081_broken_off(rider, server, step, end):
    s = server(steps={step: end})
    rider.use(s)
    rider(["-i", YOU]).must(75)
    assert len(s.connections) == 1


BAD = ["a@b\r\nRCPT TO:<evil@x>", "a@b\nc", "a@b\rc", "a@b>", "a@b> NOTIFY=NEVER ORCPT=rfc822;x", "<a@b", "a b@c",
       "a@b c@d", "a@@b", "@b", "a@", "a@b..c", "a@b.test..", "a@.", "a@-b.test", "a@b_c\x01", "a\x7f@b",
       '"a@b', "a@[1.2.3", "a@b(comment", "a\tb@c"]


@pytest.mark.parametrize("address", BAD, ids=repr)
def test_S082_S084_bad_address(rider, server, address):
    s = server()
    rider.use(s)
    for args in (["-i", "-f", address, YOU], ["-i", "-f" + address, YOU], ["-i", "-r", address, YOU],
                 ["-i", "--", address], ["-i", YOU, address]):
        run = rider(args)
        assert run.rc in (64, 65) and run.err, f"{args}: {run}"
    assert s.connections == []


@pytest.mark.parametrize("field", [
    b"To: a@example.net> NOTIFY=NEVER\n", b"To: <a@example.net\n", b"To: a@example.net\x00b\n",
    b"To: a@example.net\x01\n", b"Cc: a b@example.net\n", b"Bcc: a@@example.net\n", b"To: \"a@example.net\n",
], ids=repr)
def test_S082_bad_address_in_the_header(rider, server, field):
    s = server()
    rider.use(s)
    run = rider(["-t", "-i"], b"From: me@example.com\n" + field + b"\nbody\n")
    assert run.rc == 65, run
    assert s.connections == []


@pytest.mark.parametrize("address", ["x" * 65 + "@example.net", "a@" + ".".join(["x" * 60] * 5) + ".test",
                                     "a@" + "x" * 64 + ".test"])
def test_S085_too_long(rider, server, address):
    s = server()
    rider.use(s)
    assert rider(["-i", address]).rc in (64, 65)
    assert rider(["-i", "-f", address, YOU]).rc in (64, 65)
    assert s.connections == []


def test_S085_as_long_as_may_be(rider, server):
    address = "x" * 64 + "@" + ".".join(["y" * 60] * 3) + ".test"
    s = server()
    rider.use(s)
    rider(["-i", address]).must_be_silent()
    assert s.message.to == [address]


FORMS = {
    "S086 quoted": ('"a b"@example.net', '"a b"@example.net'),
    "S086 escaped quote": ('"a\\"b"@example.net', '"a\\"b"@example.net'),
    "S086 at sign": ('"a@b"@example.net', '"a@b"@example.net'),
    "S086 bracket": ('"a>b"@example.net', None),
    "S090 literal": ("a@[192.0.2.1]", "a@[192.0.2.1]"),
    "S090 IPv6 literal": ("a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"),
    "S091 bare": ("root", "root@example.com"),
    "S092 source route": ("<@relay.test,@b.test:a@example.net>", A),
    "plus": ("a+tag@example.net", "a+tag@example.net"),
    "whole domain name": ("a@example.net.", A),
    "whole domain name in brackets": ("An Example <a@example.net.>", A),
    "slash and equals": ("/c=de/@example.net", "/c=de/@example.net"),
    "name": ("An Example <a@example.net>", A),
    "quoted name": ('"Example, An" <a@example.net>', A),
    "comment": ("a@example.net (An Example)", A),
    "brackets": ("<a@example.net>", A),
    "case of the local part": ("AbC@Example.NET", "AbC@Example.NET"),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_of_addresses(rider, server, name):
    given, sent = FORMS[name]
    s = server()
    rider.use(s)
    if sent is None:
        assert rider(["-i", given]).rc in (64, 65)
        assert s.connections == []
        return
    rider(["-i", given]).must_be_silent()
    rider(["-t", "-i"], b"From: me@example.com\nTo: " + given.encode() + b"\n\nx\n").must_be_silent()
    assert [[a.lower().replace("abc", "AbC") for a in m.to] for m in s.messages] == \
        [[sent.lower().replace("abc", "AbC")]] * 2


@pytest.mark.parametrize("args, sender", [
    (["-f", ""], ""), (["-f", "<>"], ""), (["-f<>"], ""), (["-r", ""], ""), (["-f", "a@x.test"], "a@x.test"),
    (["-fa@x.test"], "a@x.test"), (["-f", "a@x.test", "-f", "b@x.test"], "b@x.test"),
    (["-f", "A Name <a@x.test>"], "a@x.test"), (["-f", "root"], "root@example.com"), ([], ME),
    (["-r", "a@x.test"], "a@x.test"), (["-ra@x.test"], "a@x.test"), (["-f", "<a@x.test>"], "a@x.test"),
    (["-f", "a@x.test."], "a@x.test"),
], ids=repr)
def test_S087_sender(rider, server, args, sender):
    s = server()
    rider.use(s)
    rider(["-i", *args, YOU]).must_be_silent()
    assert s.message.sender == sender
    assert s.message.fields("From") == [ME]


def test_whole_domain_names_in_the_header(rider, server):
    """The final dot is nothing for an envelope; the fields keep it."""
    s = server()
    rider.configure(config(account(s, from_=None)))
    mail = b"From: Me <me@x.test.>\nTo: a@example.net., root\nCc: B <b@example.net.>\n\nx\n"
    rider(["-t", "-i", "b@example.net"], mail).must_be_silent()
    assert s.message.sender == "me@x.test"
    assert sorted(s.message.to) == ["a@example.net", "b@example.net", "root@example.com"]
    assert s.message.field("From") == "Me <me@x.test.>"
    assert s.message.field("To") == "a@example.net., root@example.com"
    assert s.message.field("Cc") == "B <b@example.net.>"


@pytest.mark.parametrize("address", ["j\u00f6rg@example.net", "\u65e5\u672c@example.net"])
def test_S088_utf8_local_part_without_smtputf8(rider, server, address):
    s = server()
    rider.use(s)
    run = rider(["-i", address])
    assert run.rc in (65, 69), run
    assert s.messages == [] and not [v for v in s.violations]


@pytest.mark.smoke
@pytest.mark.library
@pytest.mark.parametrize("address, sent", [
    ("a@b\u00fccher.example", "a@xn--bcher-kva.example"),
    ("a@\u65e5\u672c.example", "a@xn--wgv71a.example"),
])
def test_S089_idn(rider, server, address, sent):
    s = server()
    rider.use(s)
    rider(["-i", address]).must_be_silent()
    rider(["-i", "-f", address, YOU]).must_be_silent()
    assert s.messages[0].to == [sent] and s.messages[1].sender == sent


def test_S089_idn_in_domain(rider, server):
    """All that comes of it has a form for servers without SMTPUTF8."""
    s = server()
    rider.configure(config(account(s, from_=None), domain="bücher.example"))
    rider(["-i", "-f", "me", "root"], b"To: root\n\nx\n").must_be_silent()
    assert (s.message.sender, s.message.to) == ("me@xn--bcher-kva.example", ["root@xn--bcher-kva.example"])
    assert s.message.field("Message-ID").endswith("@xn--bcher-kva.example>")
    assert s.message.head.isascii()


def test_S091_bare_without_domain(rider, server):
    s = server()
    rider.use(s)
    rider.configure(rider.config_file.read_text().replace("domain = example.com\n", ""))
    run = rider(["-i", "root"])
    if run.rc == 0:
        assert "@" in s.message.to[0]
    else:
        assert run.rc in (64, 65) and "domain" in run.err, run


def test_S093_twice_is_once(rider, server):
    s = server()
    rider.use(s)
    mail = b"From: me@example.com\nTo: a@example.net, A <a@EXAMPLE.net>\nCc: a@example.net\nBcc: b@example.net\n\nx\n"
    rider(["-t", "-i", A, B, "A@example.net"], mail).must_be_silent()
    assert sorted(a.replace("EXAMPLE", "example") for a in s.message.to) == ["A@example.net", A, B]


@pytest.mark.parametrize("name", ["sendmail", "postrider"])
@pytest.mark.parametrize("args", [["-i", "--", "-oQ/tmp@x.test"], ["-i", YOU, "--", "-a@x.test"],
                                  ["-i", "-f", "-a@x.test", YOU]], ids=repr)
def test_S094_leading_dash(rider, server, name, args):
    s = server()
    rider.use(s)
    rider(args, name=name).must(64)
    assert s.connections == []


@pytest.mark.parametrize("field", ["To: -oQ/tmp@x.test", "Bcc: you@example.net, \"-f x\"@x.test", "Cc: -root (c)"])
def test_S094_leading_dash_in_the_header(rider, server, field):
    s = server()
    rider.use(s)
    rider(["-t", "-i"], f"From: me@example.com\n{field}\n\nx\n".encode()).must(64, "leading dash")
    assert s.connections == []


def test_dsn_parameters(rider, server):
    s = server()
    rider.use(s)
    rider(["-i", "-N", "success,delay,failure", "-R", "hdrs", "-V", "id+1=x", "-f", "a@x.test", YOU]).must_be_silent()
    m = s.message
    assert m.params["RET"].upper() == "HDRS" and m.params["ENVID"] == "id+2B1+3Dx"
    assert set(m.recipients[0].params["NOTIFY"].upper().split(",")) == {"SUCCESS", "DELAY", "FAILURE"}


def test_dsn_not_offered(rider, server):
    s = server(keywords=["PIPELINING"])
    rider.use(s)
    rider(["-i", "-N", "never", "-R", "full", "-Vabc", YOU]).must_be_silent()
    assert s.message.params == {} and s.message.recipients[0].params == {}


@pytest.mark.parametrize("args", [["-N", "sometimes"], ["-N", "never,success"], ["-R", "half"]], ids=repr)
def test_bad_dsn_arguments_do_no_harm(rider, server, args):
    """64, or accepted and left out; never sent as they are."""
    s = server()
    rider.use(s)
    run = rider(["-i", *args, YOU])
    assert run.rc in (0, 64)
    for m in s.messages:
        assert "sometimes" not in str(m.recipients) and m.params.get("RET", "FULL") in ("FULL", "HDRS")
    assert s.messages or run.err


def test_bdat_refused_recipients(rider, server):
    s = server(keywords=["PIPELINING", "CHUNKING"], steps={f"rcpt:{A}": "550 5.1.1 no such user"})
    rider.use(s)
    rider(["-i", A, B]).must(67, A)
    assert s.message.to == [B]
