# SPDX-License-Identifier: GPL-3.0-or-later
"""The test bed itself, driven by Python's own SMTP client and by raw sockets."""
import hashlib
import hmac
import base64
import smtplib
import socket
import ssl
import time

import pytest

from server import after, close, cut, default, drip, endless, raw, replies, reply, reset, stall, wait

TEXT = "Subject: x\r\n\r\n.dot\r\nend\r\n"


def trust(certs) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certs.ca))


def client(s, **more) -> smtplib.SMTP:
    return smtplib.SMTP(s.host, s.port, local_hostname="client.test", timeout=5, **more)


def dial(s) -> socket.socket:
    sock = socket.create_connection((s.host, s.port), timeout=5)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def say(sock: socket.socket, *pieces: bytes) -> None:
    """Send PIECES, each after an answer to what was before."""
    for piece in pieces:
        sock.recv(1000)
        sock.sendall(piece)


def read_all(sock: socket.socket) -> bytes:
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except OSError as error:
        return data + b"<%s>" % type(error).__name__.encode()
    return data


def test_plain_message(server):
    s = server()
    with client(s) as c:
        c.sendmail("a@x.test", ["b@x.test", "c@x.test"], TEXT, mail_options=["BODY=8BITMIME"])
    m = s.message
    assert (m.sender, m.to, m.params) == ("a@x.test", ["b@x.test", "c@x.test"], {"SIZE": "25", "BODY": "8BITMIME"})
    assert m.data == TEXT.encode() and m.wire == TEXT.replace(".dot", "..dot").encode()
    assert (m.head, m.body, m.field("subject")) == (b"Subject: x\r\n", b".dot\r\nend\r\n", "x")
    assert s.verbs == ["EHLO", "MAIL", "RCPT", "RCPT", "DATA", "QUIT"]
    assert s.connection.gone == "quit"


def test_steps_replace_answers(server):
    s = server(steps={"rcpt:2": "550 5.1.1 no", "rcpt:d@x.test": "450 later", "2/greeting": "421 busy"})
    with client(s) as c:
        refused = c.sendmail("a@x.test", ["b@x.test", "c@x.test", "d@x.test"], TEXT)
    assert refused == {"c@x.test": (550, b"5.1.1 no"), "d@x.test": (450, b"later")}
    assert s.message.to == ["b@x.test"]
    with pytest.raises(smtplib.SMTPConnectError):
        client(s)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_tls(server, certs, tls, version):
    s = server(tls=tls, tls_min=version, tls_max=version, auth="PLAIN")
    if tls == "implicit":
        c = smtplib.SMTP_SSL("localhost", s.port, "client.test", timeout=5, context=trust(certs))
    else:
        c = smtplib.SMTP("localhost", s.port, "client.test", timeout=5)
        c.starttls(context=trust(certs))
    with c:
        c.login("alice", "wonderland")
        c.sendmail("a@x.test", ["b@x.test"], TEXT)
    assert s.message.user == "alice" and s.message.secure
    assert s.connection.tls_version == "TLSv" + version and s.connection.sni == "localhost"
    assert b"wonderland" not in s.connection.heard(secure=False)


@pytest.mark.parametrize("kind", ["expired", "future", "wrong-name", "wildcard", "self-signed",
                                  "unknown-ca", "no-intermediate", "client-use"])
def test_bad_certificates_are_bad(server, certs, kind):
    s = server(tls="implicit", cert=kind)
    with pytest.raises(ssl.SSLError):
        smtplib.SMTP_SSL("localhost", s.port, context=trust(certs), timeout=5)
    assert s.connection.gone in ("tls", "eof", "reset")


def test_old_tls(server, certs):
    s = server(tls="implicit", tls_max="1.0")
    context = trust(certs)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    with smtplib.SMTP_SSL("localhost", s.port, context=context, timeout=5):
        pass
    assert s.connection.tls_version == "TLSv1"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("password, ok", [("wonderland", True), ("wrong", False)])
def test_auth(server, mechanism, password, ok):
    s = server(auth=mechanism, auth_needs_tls=False)
    with client(s) as c:
        if ok:
            c.login("alice", password)
        else:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                c.login("alice", password)
    assert s.connection.auth == [(mechanism, "ok" if ok else "refused")]


def scram(password: str):
    """RFC 5802's client in the fewest lines."""
    def answer(challenge: bytes | None = None) -> str:
        if challenge is None or challenge == b"":
            return "n,,n=alice,r=abc"
        if challenge.startswith(b"v="):
            return ""
        nonce, salt, count = (p[2:] for p in challenge.split(b","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(count))
        key = hmac.new(salted, b"Client Key", "sha256").digest()
        bare = b"c=biws,r=" + nonce
        text = b"n=alice,r=abc," + challenge + b"," + bare
        mask = hmac.new(hashlib.sha256(key).digest(), text, "sha256").digest()
        return (bare + b",p=" + base64.b64encode(bytes(a ^ b for a, b in zip(key, mask)))).decode()
    return answer


@pytest.mark.parametrize("password, outcome", [("wonderland", "ok"), ("wrong", "refused")])
def test_scram(server, password, outcome):
    s = server(auth="SCRAM-SHA-256", auth_needs_tls=False)
    with client(s) as c:
        c.ehlo()
        try:
            c.auth("SCRAM-SHA-256", scram(password))
        except smtplib.SMTPAuthenticationError:
            pass
    assert s.connection.auth == [("SCRAM-SHA-256", outcome)]


@pytest.mark.parametrize("greeting, seen", [
    (raw(b"220"), b"220"),
    (replies("220 a", "220 b"), b"220 a\r\n220 b\r\n"),
    (drip("220 x", every=0.001), b"220 x\r\n"),
    (wait(0.05) + default() + b"250 extra\r\n", b"220 bed.test ESMTP\r\n250 extra\r\n"),
    (reply("554 go away") + close(), b"554 go away\r\n"),
    (b"2\r\n", b"2\r\n"),
])
def test_greetings(server, greeting, seen):
    s = server(steps={"greeting": greeting})
    with dial(s) as sock:
        data = sock.recv(100, socket.MSG_WAITALL) if greeting == b"" else b""
        while len(data) < len(seen):
            data += sock.recv(100)
    assert data == seen


def test_ends(server):
    for act, seen in ((close(), b""), (cut(), b""), (reset(), b"<ConnectionResetError>")):
        s = server(steps={"connect": act})
        try:
            with dial(s) as sock:
                assert read_all(sock) == seen
        except ConnectionResetError:        # before connect() had returned
            assert b"Reset" in seen


def test_endless_and_stall(server):
    s = server(steps={"1/greeting": endless(b"220-more\r\n"), "2/greeting": stall()})
    with dial(s) as sock:
        assert all(sock.recv(10) for _ in range(100))
    began = time.monotonic()
    with dial(s):
        pass
    s.settle()
    assert time.monotonic() - began < 2 and s.connections[0].gone == "reset"


def test_body_interrupted(server):
    s = server(steps={"body": after(1000, reply("554 enough") + close())})
    with dial(s) as sock:
        say(sock, b"EHLO x\r\n", b"MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n")
        time.sleep(0.1)
        say(sock, b"x\r\n" * 1000)
        assert read_all(sock).endswith(b"554 enough\r\n")
    assert s.messages == []


def test_bdat(server):
    s = server(keywords=["PIPELINING", "CHUNKING"])
    with dial(s) as sock:
        say(sock, b"EHLO x\r\n", b"MAIL FROM:<>\r\nRCPT TO:<b@x>\r\nBDAT 8\r\nSubject:BDAT 9 LAST\r\n"
            b" x\r\n\r\n.\r\nQUIT\r\n")
        read_all(sock)
    assert (s.message.data, s.message.chunks) == (b"Subject: x\r\n\r\n.\r\n", [8, 9])


SINS = {
    "bare LF in a command": b"EHLO x\nQUIT\r\n",
    "pipelined without leave": b"HELO x\r\nMAIL FROM:<a@x>\r\n",
    "more behind EHLO": b"EHLO x\r\nQUIT\r\n",
    "parameter not offered": b"HELO x\r\n|MAIL FROM:<a@x> BODY=8BITMIME\r\n",
    "nested MAIL": b"EHLO x\r\n|MAIL FROM:<a@x>\r\n|MAIL FROM:<a@x>\r\n",
    "8-bit": b"EHLO x\r\n|MAIL FROM:<a@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n|\xc3\xa4\r\n.\r\n",
    "long line": b"EHLO x\r\n|MAIL FROM:<a@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n|" + b"x" * 999 + b"\r\n.\r\n",
    "bare LF": b"EHLO x\r\n|MAIL FROM:<a@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n|a\n.\r\n\r\n.\r\n",
    "bare CR": b"EHLO x\r\n|MAIL FROM:<a@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n|a\rb\r\n.\r\n",
    "no path": b"EHLO x\r\n|MAIL FROM: a@x\r\n",
    "injection": b"EHLO x\r\n|MAIL FROM:<a@x>\r\nRCPT TO:<b@x> NOTIFY=NEVER>\r\n",
    "utf-8 address": "EHLO x\r\n|MAIL FROM:<ä@x>\r\n".encode(),
}


@pytest.mark.parametrize("name", SINS)
def test_sins_are_seen(server, name):
    s = server(strict=False)
    with dial(s) as sock:
        for piece in SINS[name].split(b"|"):
            sock.sendall(piece)
            time.sleep(0.05)
    assert s.violations


@pytest.mark.parametrize("tls, trips", [("", 7), ("starttls", 11), ("implicit", 9)])
def test_trips_of_a_lockstep_client(server, certs, tls, trips):
    """connect, greeting, EHLO, MAIL, RCPT, DATA, body, with QUIT in the body's group."""
    s = server(quiet=0.05, tls=tls, auth="PLAIN" if tls else "")
    sock = dial(s)
    if tls == "implicit":
        sock = trust(certs).wrap_socket(sock, server_hostname="localhost")
    sock.recv(1000)
    groups = [b"EHLO x\r\n", b"MAIL FROM:<a@x>\r\n", b"RCPT TO:<b@x>\r\n", b"DATA\r\n", b"x\r\n.\r\nQUIT\r\n"]
    if tls:
        groups.insert(1, b"AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\r\n")
    if tls == "starttls":
        for group in (b"EHLO x\r\n", b"STARTTLS\r\n"):
            sock.sendall(group)
            sock.recv(1000)
        sock = trust(certs).wrap_socket(sock, server_hostname="localhost")
    for group in groups:
        sock.sendall(group)
        sock.recv(1000)
    sock.close()
    assert s.connection.trips == trips


def test_client_certificate(server, certs):
    s = server(tls="implicit", client_ca=certs.ca, tls_max="1.2")
    context = trust(certs)
    context.load_cert_chain(certs["client"].certificates, certs["client"].key)
    with smtplib.SMTP_SSL("localhost", s.port, context=context, timeout=5):
        pass
    assert s.connection.client_certificate["subject"] == ((("commonName", "client.test"),),)


def test_other_families(server, tmp_path):
    s = server(address="::1")
    with client(s) as c:
        c.sendmail("a@x.test", ["b@x.test"], TEXT)
    assert s.message.to == ["b@x.test"]
    s = server(path=tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(s.path))
        assert sock.recv(100).startswith(b"220 ")
