# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent of a message: S106 to S126, and the header's fixing up."""
import email.utils
import os
import quopri
import re
import socket
import threading
import time
from email.header import decode_header, make_header

import pytest

from helpers import MAIL, ME, YOU

SEND = ["-i", YOU]
HEAD = b"From: me@example.com\nSubject: x\n\n"


@pytest.fixture
def send(rider, server):
    """Send STDIN and give the message that arrived."""
    s = server()

    def one(stdin, args=SEND, **more):
        rider.use(s)
        before = len(s.messages)
        rider(args, stdin, **more).must_be_silent()
        assert len(s.messages) == before + 1
        return s.messages[-1]
    return one


@pytest.fixture
def refuse(rider, server):
    """Send STDIN, which must be refused before any data is sent."""
    s = server(strict=False)

    def one(stdin, rc=65, args=SEND, keywords=None):
        s.keywords = s.keywords if keywords is None else keywords
        rider.use(s)
        run = rider(args, stdin).must(rc)
        assert run.err and s.messages == [] and "DATA" not in s.verbs
        return run
    return one


BODIES = {
    "LF": (b"a\nb\n", b"a\r\nb\r\n"),
    "CRLF": (b"a\r\nb\r\n", b"a\r\nb\r\n"),
    "mixed": (b"a\r\nb\nc\r\n", b"a\r\nb\r\nc\r\n"),
    "CRCRLF": (b"a\r\r\nb\r\r\r\n", b"a\r\nb\r\n"),
    "bare CR": (b"a\rb\n", b"a b\r\n"),
    "S106 LF dot LF": (b"a\n.\nb\n", b"a\r\n.\r\nb\r\n"),
    "S106 CR dot CR": (b"a\r.\rb\n", b"a . b\r\n"),
    "S106 LF dot CRLF": (b"a\n.\r\nb\n", b"a\r\n.\r\nb\r\n"),
    "S106 CRLF dot CR": (b"a\r\n.\rb\n", b"a\r\n. b\r\n"),
    "S106 CRCRLF dot CRCRLF": (b"a\r\r\n.\r\r\nb\n", b"a\r\n.\r\nb\r\n"),
    "S106 smuggled": (b"a\n.\r\nMAIL FROM:<x@x>\r\nb\n", b"a\r\n.\r\nMAIL FROM:<x@x>\r\nb\r\n"),
    "S106 CR at the end": (b"a\r", b"a\r\n"),
    "S112 dots": (b".\n..\n...\n.a\n a.\n", b".\r\n..\r\n...\r\n.a\r\n a.\r\n"),
    "S112 dot first": (b".first\n", b".first\r\n"),
    "S114 no line end": (b"a", b"a\r\n"),
    "S114 dot without line end": (b"a\n.", b"a\r\n.\r\n"),
    "empty lines": (b"\n\n\na\n\n\n", b"\r\n\r\n\r\na\r\n\r\n\r\n"),
    "blanks at line ends": (b"a \t\n \n", b"a \t\r\n \r\n"),
    "998 octets": (b"x" * 998 + b"\n", b"x" * 998 + b"\r\n"),
    "998 octets and a dot": (b"." + b"x" * 997 + b"\n", b"." + b"x" * 997 + b"\r\n"),
    "control characters": (b"\x01\x07\x1b\x7f\t\n", b"\x01\x07\x1b\x7f\t\r\n"),
    "From in the body": (b"From me\n>From me\n", b"From me\r\n>From me\r\n"),
    "8-bit": ("\u00e4\u20ac\n".encode(), "\u00e4\u20ac\r\n".encode()),
}


@pytest.mark.parametrize("keywords", [None, ["CHUNKING", "8BITMIME", "PIPELINING"]], ids=["DATA", "BDAT"])
@pytest.mark.parametrize("name", BODIES)
def test_body(rider, server, name, keywords):
    given, sent = BODIES[name]
    s = server(**({"keywords": keywords} if keywords else {}))
    rider.use(s)
    rider(SEND, HEAD + given).must_be_silent()
    assert s.message.body == sent


def test_S107_line_ends_do_not_matter(send):
    mail = b"From: me@example.com\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nMessage-ID: <a@b>\n" \
           b"X-Folded: a\n b\n\tc\n\nbody\n.\n\nend\n"
    wire = {send(m).wire for m in (mail, mail.replace(b"\n", b"\r\n"),
                                   mail.replace(b"\n", b"\r\n", 4), mail.replace(b"\n", b"\r\r\n"))}
    assert len(wire) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 4093, 4094, 4095, 4096, 16384, 65533, 65534, 65535, 65536, 131072])
def test_S112_dots_at_buffer_edges(send, size):
    """Lines of a dot and a CR at every offset near the sizes that buffers like to have."""
    filler = (b"y" * 60 + b"\n") * (size // 61) + b"z" * (size % 61)
    for head in (b"\n.\n..x\n", b"\r\n.\r\n.\r\n"):
        body = filler + head * 20 + b"end\n"
        want = re.sub(rb"\r*\n", b"\r\n", body)
        assert send(HEAD + body).body == want


# input, arguments, the body that is sent
LONE_DOT = {
    "-i": (b"a\n.\nb\n", ["-i"], b"a\r\n.\r\nb\r\n"),
    "-oi": (b"a\n.\n", ["-oi"], b"a\r\n.\r\n"),
    "-i at the end": (b"a\n.\n", ["-i"], b"a\r\n.\r\n"),
    "text behind it": (b"a\n.\nb\n", [], b"a\r\n.\r\nb\r\n"),
    "nothing behind it": (b"a\n.\n", [], b"a\r\n"),
    "nothing behind it, CRLF": (b"a\r\n.\r\n", [], b"a\r\n"),
    "no line end behind it": (b"a\n.", [], b"a\r\n"),
    "two dots": (b"a\n..\n", [], b"a\r\n..\r\n"),
    "two dots with -i": (b"a\n..\n", ["-i"], b"a\r\n..\r\n"),
    "twice": (b"a\n.\n.\n", [], b"a\r\n.\r\n"),
    "empty line behind it": (b"a\n.\n\n", [], b"a\r\n.\r\n\r\n"),
}


@pytest.mark.parametrize("name", LONE_DOT)
def test_S113_lone_dot(send, name):
    given, args, sent = LONE_DOT[name]
    assert send(HEAD + given, [*args, YOU]).body == sent


def test_S113_lone_dot_ends_it_on_a_terminal(rider, server):
    s = server()
    rider.use(s)
    leader, follower = os.openpty()
    os.write(leader, HEAD + b"typed\n.\n")
    rider([YOU], follower, timeout=5).must_be_silent()
    os.close(leader)
    os.close(follower)
    assert s.message.body == b"typed\r\n"


@pytest.mark.parametrize("stdin, body", [
    (b"", b""), (b"\n", b""), (b"\n\n", b"\r\n"), (b"From: me@example.com\n", b""), (b"From: me@example.com\n\n", b""),
    (b"From: me@example.com", b""), (b"\nonly body\n", b"only body\r\n"),
], ids=repr)
def test_S115_hardly_a_message(rider, server, stdin, body):
    s = server()
    rider.use(s)
    rider(SEND, stdin).must_be_silent()
    m = s.message
    assert (m.data.split(b"\r\n\r\n", 1) + [b""])[1] == body
    assert m.field("From") == ME and m.field("Date") and m.field("Message-ID")


@pytest.mark.parametrize("line", [b"From me@example.com Mon Jan  1 00:00:00 2024\n", b">From me Mon Jan 1 2024\n",
                                  b"From me@example.com Mon Jan  1 00:00:00 2024\r\n"])
def test_S116_mbox_line_is_dropped(send, line):
    m = send(line + MAIL)
    assert not re.search(rb"(?m)^>?From ", m.data) and m.field("Subject") == "hello"


@pytest.mark.parametrize("first", [b"just text\n", b"Subject hello\n", b" folded: first\n", b": x\n", b"a b: c\n",
                                   "\u00e4: x\n".encode()], ids=repr)
def test_S117_first_line_is_no_field(send, first):
    m = send(first + b"To: evil@example.net\n\nrest\n")
    assert m.body == (first + b"To: evil@example.net\n\nrest\n").replace(b"\n", b"\r\n")
    assert m.to == [YOU]


def test_S117_recipients_are_not_looked_for_in_the_body(rider, server):
    s = server()
    rider.use(s)
    mail = b"To: you@example.net\nnot a field\nBcc: evil@example.net\n\nTo: evil@example.net\n"
    rider(["-t", "-i"], mail).must_be_silent()
    assert s.message.to == [YOU]
    assert b"not a field\r\nBcc: evil@example.net\r\n" in s.message.body


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_S117_crlf_header_ends_where_it_ends(rider, server, ends):
    s = server()
    rider.use(s)
    mail = b"To: you@example.net\nSubject: x\n\nTo: victim@example.net\n".replace(b"\n", ends)
    rider(["-t", "-i"], mail).must_be_silent()
    assert s.message.to == [YOU] and s.message.body == b"To: victim@example.net\r\n"


def test_S118_blank_before_the_colon(rider, server):
    s = server()
    rider.use(s)
    rider(["-t", "-i"], b"To : you@example.net\nSubject : x\nBcc : b@example.net\n\nx\n").must_be_silent()
    assert sorted(s.message.to) == ["b@example.net", YOU]
    assert b"b@example.net" not in s.message.data


HEADERS = {
    "S119 folded": (b"To: a@x.test,\n b@x.test,\n\tc@x.test\n", ["a@x.test", "b@x.test", "c@x.test"]),
    "S119 folded CRLF": (b"To: a@x.test,\r\n b@x.test\r\n", ["a@x.test", "b@x.test"]),
    "S119 several": (b"To: a@x.test\nTo: b@x.test\nCc: c@x.test\nCc: d@x.test\n",
                     ["a@x.test", "b@x.test", "c@x.test", "d@x.test"]),
    "S119 comments": (b"To: a@x.test (A, or (nested) B), (c@x.test) b@x.test\n", ["a@x.test", "b@x.test"]),
    "S119 group": (b"To: people: a@x.test, B <b@x.test>;, c@x.test\n", ["a@x.test", "b@x.test", "c@x.test"]),
    "S119 empty group": (b"To: undisclosed-recipients:;\nBcc: a@x.test\n", ["a@x.test"]),
    "S119 names": (b'To: "A, B" <a@x.test>, =?utf-8?q?=C3=A4?= <b@x.test>\n', ["a@x.test", "b@x.test"]),
    "S119 utf-8 name": ("To: J\u00f6rg <a@x.test>\n".encode(), ["a@x.test"]),
    "S119 latin-1 name": (b"To: J\xf6rg <a@x.test>\n", ["a@x.test"]),
    "S119 any case": (b"TO: a@x.test\ncC: b@x.test\nbcc: c@x.test\n", ["a@x.test", "b@x.test", "c@x.test"]),
    "S119 empty fields": (b"To: a@x.test\nCc:\nBcc: \n", ["a@x.test"]),
    "S119 empty elements": (b"To: ,a@x.test,, b@x.test,\n", ["a@x.test", "b@x.test"]),
    "S119 first line empty": (b"To:\n a@x.test\n", ["a@x.test"]),
    "S119 Resent instead": (b"To: old@x.test\nCc: old2@x.test\nResent-To: a@x.test\nResent-Cc: b@x.test\n"
                            b"Resent-Bcc: c@x.test\nResent-From: me@example.com\n",
                            ["a@x.test", "b@x.test", "c@x.test"]),
    "bare": (b"To: root, a@x.test\n", ["a@x.test", "root@example.com"]),
    "not these": (b"To: a@x.test\nReply-To: b@x.test\nX-To: c@x.test\nTo-Do: d@x.test\n", ["a@x.test"]),
    "S122 CR within": (b"To: a@x.test\rBcc: evil@x.test\n", None),
    "S122 CR between": (b"To: a@x.test,\r b@x.test\n", ["a@x.test", "b@x.test"]),
}


@pytest.mark.parametrize("name", HEADERS)
def test_recipients_of_the_header(rider, server, name):
    fields, people = HEADERS[name]
    s = server()
    rider.use(s)
    run = rider(["-t", "-i"], b"From: me@example.com\n" + fields + b"\nbody\n")
    if people is None:
        assert run.rc == 65 and s.connections == [], run
    else:
        run.must_be_silent()
        assert sorted(s.message.to) == people


def test_arguments_and_header_are_united(rider, server):
    s = server()
    rider.use(s)
    rider(["-t", "-i", "c@x.test, D <d@x.test>", "e@x.test"], b"To: a@x.test\nBcc: b@x.test\n\nx\n").must_be_silent()
    assert sorted(s.message.to) == [f"{x}@x.test" for x in "abcde"]


@pytest.mark.parametrize("mail", [b"Subject: x\n\nTo: a@x.test\n", b"To:\n\n", b"To: g:;\n\n", b""])
def test_nobody_to_send_to(rider, server, mail):
    s = server()
    rider.use(s)
    assert rider(["-t", "-i"], mail).rc in (64, 65)
    assert rider(["-i"], mail).rc in (64, 65)
    assert s.connections == []


BCC = {
    "plain": b"Bcc: b@x.test\n",
    "folded": b"Bcc: b@x.test,\n\tc@x.test,\r\n d@x.test\n",
    "any case": b"BCC: b@x.test\nbcc: c@x.test\n",
    "Resent-Bcc": b"Resent-To: a@x.test\nResent-From: me@example.com\nResent-Bcc: b@x.test\n",
    "empty": b"Bcc:\n",
    "group": b"Bcc: secret: b@x.test, c@x.test;\n",
}


@pytest.mark.parametrize("args", [["-t", "-i"], ["-i", YOU]], ids=["-t", "arguments"])
@pytest.mark.parametrize("name", BCC)
def test_S120_bcc_goes(rider, server, name, args):
    s = server()
    rider.use(s)
    rider(args, b"From: me@example.com\nTo: a@x.test\n" + BCC[name] + b"X-After: kept\n\nBcc: in the body\n"
          ).must_be_silent()
    head = s.message.head.lower()
    assert not re.search(rb"(?m)^(resent-)?bcc", head)
    assert not any(hidden in head for hidden in (b"b@x", b"c@x", b"d@x"))
    assert s.message.field("X-After") == "kept" and s.message.body == b"Bcc: in the body\r\n"


@pytest.mark.parametrize("name", ["Evil\r\nBcc: x@x.test", "Evil\nX-Evil: 1", "a\rb", "\x1b[31mred"])
def test_S121_name_from_the_command_line(rider, server, name):
    s = server()
    rider.use(s)
    run = rider(["-i", "-F", name, YOU], b"Subject: x\n\nx\n")
    if run.rc:
        assert run.rc in (64, 65), run
    else:
        assert not s.message.fields("X-Evil") and not s.message.fields("Bcc") and b"\x1b" not in s.message.head


NAMES = {"Cron Daemon": "Cron Daemon", "CronDaemon": "CronDaemon", "Dr. Who": "Dr. Who", 'A "q" B': 'A "q" B',
         "J\u00f6rg M\u00fcller": "J\u00f6rg M\u00fcller", "a@b.test": "a@b.test", "x" * 200: "x" * 200,
         "\u65e5\u672c\u8a9e" * 20: "\u65e5\u672c\u8a9e" * 20, "back\\slash": "back\\slash", "<a>,b": "<a>,b"}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_full_name(rider, server, name):
    s = server()
    rider.use(s)
    rider(["-i", "-F" + name, YOU], b"Subject: x\n\nx\n").must_be_silent()
    value = s.message.field("From")
    assert value.isascii()
    shown, address = email.utils.parseaddr(value)
    assert str(make_header(decode_header(shown))).replace("\n", "") == name and address == ME


@pytest.mark.parametrize("given, sent", [
    (b"From: root (Cron Daemon)\n", "root@example.com (Cron Daemon)"),
    (b"From: Proxmox VE <root>\n", "Proxmox VE <root@example.com>"),
    (b"From: root\n", "root@example.com"),
    (b'From: "(Cron Daemon)" <root>\n', '"(Cron Daemon)" <root@example.com>'),
    (b"From:   Me   <me@example.com>\n", "Me   <me@example.com>"),
    (b"From: me@example.com (it's me)\n", "me@example.com (it's me)"),
])
def test_bare_from_is_qualified(send, given, sent):
    assert send(given + b"Subject: x\n\nx\n").field("From").strip() == sent


def test_bare_addresses_elsewhere(send):
    m = send(b"From: me@example.com\nSender: root\nReply-To: x (y)\nTo: root, a@x.test\nCc: B C <bc>\n\nx\n")
    assert (m.field("Sender"), m.field("Reply-To")) == ("root@example.com", "x@example.com (y)")
    assert m.field("To").replace(" ", "") == "root@example.com,a@x.test" and m.field("Cc") == "B C <bc@example.com>"


def test_missing_fields_are_added(send):
    m = send(b"Subject: x\n\nx\n")
    assert m.field("From") == ME and m.field("Subject") == "x"
    when = email.utils.parsedate_to_datetime(m.field("Date")).timestamp()
    assert abs(when - time.time()) < 60
    assert re.fullmatch(r"<[!-;=?-~]+@[A-Za-z0-9.-]+>", m.field("Message-ID"))


def test_message_ids_differ(send):
    assert len({send(b"Subject: x\n\nx\n").field("Message-ID") for _ in range(5)}) == 5


def test_everything_else_is_kept_byte_for_byte(send):
    head = (b"Received: from a\n\tby b; today\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nMESSAGE-ID: <x@y>\n"
            b"from: Me <me@example.com>\nX-Empty:\nX-Blank: \nX-Tab:\tx\nSubject:no blank\nX-Dup: 1\nX-Dup: 1\n"
            b"To: a@x.test,\n    b@x.test\nreturn-receipt-to: x\n")
    assert send(head + b"\nx\n").head == head.replace(b"\n", b"\r\n")


def test_return_path_goes(send):
    assert not send(b"Return-Path: <a@b.test>\nFrom: me@example.com\n\nx\n").fields("Return-Path")


def test_null_sender_keeps_from_away_from_it(rider, server):
    s = server()
    rider.use(s)
    rider(["-i", "-f", "<>", YOU], b"Subject: bounce\n\nx\n").must_be_silent()
    assert s.message.sender == "" and "<>" not in s.message.field("From")
    assert "@" in s.message.field("From")


@pytest.mark.parametrize("mail", [b"Sub\0ject: x\n\nx\n", b"Subject: a\0b\n\nx\n", b"\0\n\nx\n"], ids=repr)
def test_S108_nul_in_the_header(refuse, mail):
    refuse(mail)


def decoded(message) -> bytes:
    """The body as a reader of mail gets it."""
    return email.message_from_bytes(message.data, policy=email.policy.SMTP).get_payload(decode=True)


def test_S108_nul_in_the_body(send):
    assert decoded(send(HEAD + b"a\0b\n")) == b"a\0b\r\n"


@pytest.mark.parametrize("length", [999, 1000, 5000, 100000])
def test_S109_long_line_in_the_body(send, length):
    assert decoded(send(HEAD + b"x" * length + b"\n")) == b"x" * length + b"\r\n"


def test_S109_long_header_line(rider, server):
    """Folded or refused."""
    s = server()
    rider.use(s)
    words = b" ".join([b"word"] * 500)
    run = rider(SEND, b"From: me@example.com\nX-Long: " + words + b"\n\nx\n")
    if run.rc:
        assert run.rc == 65 and s.messages == [], run
    else:
        assert s.message.field("X-Long").split() == words.decode().split()


@pytest.mark.parametrize("name, value", [("X-Cron-Env", b"<LIST=" + b"x" * 3000 + b">"), ("Subject", b"x" * 1200)])
def test_S109_long_word_in_the_header(rider, server, name, value):
    """There is no blank to fold at: cron's variables, and what programs put into Subject."""
    s = server()
    rider.use(s)
    rider(SEND, b"From: me@example.com\n" + name.encode() + b": " + value + b"\n\nx\n").must_be_silent()
    assert str(make_header(decode_header(s.message.field(name)))) == value.decode()
    assert max(len(line) for line in s.message.data.split(b"\r\n")) <= 998


def test_S109_long_list_of_recipients_without_a_blank(rider, server):
    s = server()
    rider.use(s)
    people = [f"someone{i}@example.net" for i in range(90)]
    rider(["-t", "-i"], f"From: me@example.com\nTo: {','.join(people)}\n\nx\n".encode()).must_be_silent()
    assert [a for _, a in email.utils.getaddresses(s.message.fields("To"))] == s.message.to == people
    assert max(len(line) for line in s.message.data.split(b"\r\n")) <= 998


TEXT = "Ä line of text, and one more.\n.dot\nFrom here\n".encode()
PARTS = b"""MIME-Version: 1.0
Content-Type: multipart/%s; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

%s
--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: 8bit

\xff\xfe\xfd\xfc
--b--
"""


@pytest.mark.parametrize("keywords", [["PIPELINING"], ["PIPELINING", "CHUNKING", "SIZE"], []],
                         ids=["DATA", "BDAT", "lockstep"])
def test_S110_8bit_without_8bitmime(rider, server, keywords):
    s = server(keywords=keywords)
    rider.use(s)
    rider(SEND, HEAD + TEXT).must_be_silent()
    assert s.message.data.isascii() and "BODY" not in s.message.params
    assert decoded(s.message) == TEXT.replace(b"\n", b"\r\n")


def test_S110_parts_are_encoded_each_as_fits(rider, server):
    s = server(keywords=["PIPELINING"])
    rider.use(s)
    rider(SEND, HEAD[:-1] + PARTS % (b"mixed", TEXT)).must_be_silent()
    text, data = email.message_from_bytes(s.message.data, policy=email.policy.SMTP).get_payload()
    assert (text["content-transfer-encoding"], data["content-transfer-encoding"]) == ("quoted-printable", "base64")
    assert text.get_payload(decode=True) == TEXT.replace(b"\n", b"\r\n")
    assert data.get_payload(decode=True) == b"\xff\xfe\xfd\xfc"


def test_S110_quoted_printable_that_is_none(rider, server):
    """Raw octets and a long line, which some programs put under that label: it decodes to the same as before."""
    s = server(keywords=["PIPELINING"])
    rider.use(s)
    label = b"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
    body = "Gr\u00fc=C3=9Fe =3D =\n1 = 2\n.\n--\n".encode() + b"long =E2=82=AC " * 200 + b"x\n"
    rider(SEND, HEAD[:-1] + label + b"\n" + body).must_be_silent()
    assert s.message.data.isascii() and "BODY" not in s.message.params
    assert max(map(len, s.message.data.split(b"\r\n"))) <= 78
    assert decoded(s.message) == quopri.decodestring(body).replace(b"\n", b"\r\n")


def test_S110_signed_content_is_not_touched(refuse):
    run = refuse(HEAD[:-1] + PARTS % (b"signed", TEXT), keywords=["PIPELINING"])
    assert "signed" in run.err


def test_S110_names_of_attachments_without_8bitmime(rider, server):
    """Many programs write them raw, in the header sections of parts and of forwarded messages."""
    s = server(keywords=["PIPELINING"])
    rider.use(s)
    mail = """From: me@example.com
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: application/pdf; name="Übersicht.pdf"
Content-Disposition: attachment; filename="Übersicht.pdf"
Content-Transfer-Encoding: base64

QUJD
--b
Content-Type: message/rfc822

Subject: Grüße

text
--b--
"""
    rider(SEND, mail.encode()).must_be_silent()
    assert s.message.data.isascii()
    file, forwarded = s.message.parsed.get_payload()
    assert file.get_filename() == "Übersicht.pdf" and file.get_payload(decode=True) == b"ABC"
    assert str(make_header(decode_header(forwarded.get_payload(0)["Subject"]))) == "Grüße"


def test_S110_large_message_without_8bitmime(rider, server):
    s = server(keywords=["PIPELINING", "CHUNKING", "SIZE"])
    rider.use(s)
    rider(SEND, HEAD + TEXT * 50000, timeout=60).must_be_silent()
    assert s.message.data.isascii() and decoded(s.message) == (TEXT * 50000).replace(b"\n", b"\r\n")


def test_S110_8bit_with_8bitmime(send):
    assert send(HEAD + "\u00e4\n".encode()).params["BODY"].upper() == "8BITMIME"


def test_S110_seven_bit_needs_nothing(rider, server):
    s = server(keywords=["PIPELINING"])
    rider.use(s)
    rider(["-i", "-B8BITMIME", YOU]).must_be_silent()
    assert s.message.params == {}


@pytest.mark.parametrize("keywords", [["8BITMIME"], ["8BITMIME", "SMTPUTF8"], []], ids=["8-bit", "UTF-8", "none"])
def test_S111_utf8_in_the_header_can_be_read_everywhere(rider, server, keywords):
    s = server(keywords=["PIPELINING", *keywords])
    rider.use(s)
    rider(SEND, "Subject: Grüße\nFrom: Jörg <me@example.com>\n\nx\n".encode()).must_be_silent()
    read = email.message_from_bytes(s.message.data, policy=email.policy.default)
    assert s.message.head.isascii() and "SMTPUTF8" not in s.message.params
    assert (str(read["subject"]), read["from"].addresses[0].display_name) == ("Grüße", "Jörg")


@pytest.mark.parametrize("keywords, rc", [(["8BITMIME", "SMTPUTF8"], 0), (["8BITMIME"], 65)], ids=["UTF-8", "8-bit"])
@pytest.mark.parametrize("sender, to", [("me@example.com", "jörg@example.net"), ("jörg@example.com", YOU)],
                         ids=["recipient", "sender"])
def test_S088_address_that_needs_smtputf8(rider, server, keywords, rc, sender, to):
    s = server(keywords=["PIPELINING", *keywords])
    rider.use(s)
    run = rider(["-i", "-f", sender, to])
    assert run.rc == rc, run
    if rc:
        assert "jörg" in run.err and s.messages == []
    else:
        assert s.message.to == [to] and "SMTPUTF8" in s.message.params


def test_S088_address_that_needs_smtputf8_stops_no_other(rider, server):
    s = server(keywords=["PIPELINING", "8BITMIME"])
    rider.use(s)
    rider(["-i", "jörg@example.net", YOU]).must(65, "jörg", "SMTPUTF8")
    assert s.message.to == [YOU]


@pytest.mark.parametrize("head", [b"X-A: " + b"x\n y" * 500000 + b"\n", b"X-A: x\n" * 10001], ids=["big", "many"])
def test_S123_header_section_over_the_limit(refuse, head):
    refuse(head + b"\nbody\n")


def test_S123_header_section_within_the_limit(send):
    head = b"".join(b"X-%04d: %s\n" % (i, b"v" * 80) for i in range(9000))
    assert send(b"From: me@example.com\n" + head + b"\nx\n").fields("X-8999") == ["v" * 80]


HOP = b"Received: from a.test by b.test;\r\n\tSun, 1 Jan 2023 00:00:00 +0000\r\n"


def test_S132_a_message_that_goes_in_circles(refuse, send):
    """It has no trace of ours, for we add none; but those of all the others are there."""
    assert "circles" in refuse(HOP * 31 + HEAD + b"x\n").err
    refuse(HOP.replace(b"Received", b"RECEIVED ") * 200 + HEAD + b"x\n")
    assert len(send(HOP * 30 + HEAD + b"x\n").fields("Received")) == 30
    assert send(b"X-Received: x\n" * 40 + b"Received-SPF: pass\n" * 40 + HEAD + b"Received: in the body\n" * 40).body


@pytest.mark.parametrize("offered, sent", [("SIZE 100", False), ("SIZE 100000", True), ("SIZE", True)])
def test_S125_size(rider, server, offered, sent):
    s = server(keywords=["PIPELINING", offered])
    rider.use(s)
    run = rider(SEND, HEAD + b"0123456789\n" * 100)
    if sent:
        run.must_be_silent()
        declared, real = int(s.message.params["SIZE"]), len(s.message.data)
        assert real <= declared <= real * 1.1
    else:
        assert run.rc in (65, 69) and "100" in run.err, run
        assert s.messages == [] and "DATA" not in s.verbs


@pytest.mark.parametrize("limit, rc", [("1K", 65), ("1M", 0), ("1100", 65)])
def test_max_size(rider, server, limit, rc):
    s = server()
    rider.use(s, max_size=limit)
    rider(SEND, HEAD + b"0123456789\n" * 120).must(rc)
    assert len(s.messages) == (rc == 0)


def test_S126_stdin_is_a_directory(rider, server, tmp_path):
    s = server()
    rider.use(s)
    fd = os.open(tmp_path, os.O_RDONLY)
    rider(SEND, fd).must(74)
    os.close(fd)
    assert s.messages == []


def test_S126_stdin_breaks(rider, server):
    """A connection that was reset gives an error, not an end: nothing of it may be sent."""
    s = server()
    rider.use(s)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs = listener.accept()[0]
        ours.sendall(MAIL)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        timer = threading.Timer(0.3, ours.close)
        timer.start()
        rider(SEND, theirs.fileno()).must(74)
        timer.join()
        theirs.close()
    assert s.messages == []


def test_S126_nonblocking_and_slow_writer(rider, server):
    s = server()
    rider.use(s, timeout="1")
    reader, writer = os.pipe()
    os.set_blocking(reader, False)

    def write() -> None:
        for piece in (MAIL[:10], MAIL[10:50], MAIL[50:]):
            time.sleep(0.5)
            os.write(writer, piece)
        os.close(writer)
    thread = threading.Thread(target=write)
    thread.start()
    rider(SEND, reader).must_be_silent()
    thread.join()
    os.close(reader)
    assert s.message.body == b"A line.\r\n"


def test_S126_stdin_is_a_file(rider, server, tmp_path):
    """anacron's way: the file was written, then wound back."""
    s = server()
    rider.use(s)
    path = tmp_path / "mail"
    path.write_bytes(MAIL)
    with open(path, "rb") as file:
        rider(SEND, file.fileno()).must_be_silent()
    assert s.message.body == b"A line.\r\n"
