# SPDX-License-Identifier: GPL-3.0-or-later
"""Against Postfix: relaying, submission with STARTTLS and implicit TLS, Dovecot's SASL, CHUNKING."""
import uuid

import pytest

from helpers import ME, account, config
from real.base import body_of
from real.dovecot import USERS

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("real")]
TO = "someone@example.net"
LOGIN = {"user": "alice", "password": USERS["alice"]}


def mail(body: bytes = b"line\n.\n..dots\n") -> tuple[str, bytes]:
    subject = uuid.uuid4().hex
    return subject, f"From: {ME}\nTo: {TO}\nSubject: {subject}\n\n".encode() + body


@pytest.fixture
def via(rider, postfix, certs):
    """Configure one of Postfix's ports."""
    def use(port: str, **keys):
        rider.configure(config(account(host="localhost", port=getattr(postfix, port), tls_ca=certs.ca, **keys),
                timeout="10"))
    return use


def test_relay(rider, postfix, via):
    via("relay", tls="none")
    subject, text = mail()
    rider(["-i", TO], text).must_be_silent()
    (data,) = postfix.wait_for_mail(subject)
    assert body_of(data) == b"line\n.\n..dots\n" and f"Return-Path: <{ME}>".encode() in data


@pytest.mark.parametrize("mechanism", ["auto", "plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256"])
@pytest.mark.parametrize("port, tls", [("submission", "starttls"), ("implicit", "implicit")])
def test_submission(rider, postfix, via, port, tls, mechanism):
    via(port, tls=tls, auth=mechanism, **LOGIN)
    subject, text = mail()
    rider(["-i", TO], text).must_be_silent()
    postfix.wait_for_mail(subject)
    if mechanism != "auto":
        assert f"sasl_method={mechanism.upper()}, sasl_username=alice" in postfix.log_text()


@pytest.mark.parametrize("mechanism", ["plain", "scram-sha-256"])
def test_odd_password(rider, postfix, via, mechanism):
    via("implicit", tls="implicit", auth=mechanism, user="bob", password_file=rider.write("pw", USERS["bob"]))
    subject, text = mail()
    rider(["-i", TO], text).must_be_silent()
    postfix.wait_for_mail(subject)


@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5", "scram-sha-256"])
def test_wrong_password(rider, postfix, via, mechanism):
    via("submission", tls="starttls", auth=mechanism, user="alice", password="wrong")
    rider(["-i", TO], mail()[1]).must(77, "535")


def test_no_login_no_relaying(rider, postfix, via):
    via("submission", tls="starttls")
    rider(["-i", TO], mail()[1]).must(69, "access denied")


@pytest.mark.parametrize("person, rc, words", [("nobody@example.net", 67, "550 5.1.1"), ("later@example.net", 75,
        "450 4.2.1")])
def test_one_of_two_refused(rider, postfix, via, person, rc, words):
    via("relay", tls="none")
    subject, text = mail()
    rider(["-i", TO, person], text).must(rc, person, words)
    postfix.wait_for_mail(subject)


@pytest.mark.parametrize("port, tls", [("relay", "none"), ("implicit", "implicit")])
@pytest.mark.parametrize("kind", ["dots", "8-bit", "no line end", "CRLF", "2 MB"])
def test_content_comes_whole(rider, postfix, via, port, tls, kind):
    bodies = {"dots": b".\n..\n.x\n" * 1000, "8-bit": "\u00e4\u20ac\n".encode() * 1000, "no line end": b"end",
              "CRLF": b"a\r\n.\r\nb\r\n", "2 MB": b"0123456789abcdef\n" * 120000}
    via(port, tls=tls, **(LOGIN if tls != "none" else {}))
    subject, text = mail(bodies[kind])
    rider(["-i", TO], text).must_be_silent()
    (data,) = postfix.wait_for_mail(subject)
    body = bodies[kind].replace(b"\r\n", b"\n")
    assert body_of(data) == (body if body.endswith(b"\n") else body + b"\n")


def test_too_large(rider, postfix, via):
    via("relay", tls="none")
    run = rider(["-i", TO], mail(b"0123456789abcdef\n" * 1400000)[1])
    assert run.rc in (65, 69) and "20971520" in run.err, run


def test_hundred_recipients(rider, postfix, via):
    via("relay", tls="none")
    subject, text = mail()
    rider(["-i", *[f"p{i}@example.net" for i in range(100)]], text).must_be_silent()
    postfix.wait_for_mail(subject, 100, 20)


def test_chunking_is_used(rider, postfix, via):
    via("relay", tls="none")
    run = rider(["-v", "-i", TO], mail()[1]).must(0)
    assert "BDAT" in run.err


def test_null_sender_and_dsn(rider, postfix, via):
    via("relay", tls="none")
    subject, text = mail()
    rider(["-i", "-f", "<>", "-N", "never", "-R", "hdrs", "-V", "id 1+", TO], text).must_be_silent()
    (data,) = postfix.wait_for_mail(subject)
    assert b"Return-Path: <>" in data


def test_wrong_ports(rider, postfix, via):
    via("implicit", tls="starttls", timeout="2")
    rider(["-i", TO]).must(75, "implicit")
    via("relay", tls="implicit")
    rider(["-i", TO]).must(77, "starttls")
    via("relay", tls="starttls")
    rider(["-i", TO]).must(77, "starttls")


def test_untrusted(rider, postfix, certs):
    rider.configure(config(account(host="localhost", port=postfix.submission, tls="starttls",
            tls_ca=certs.other_ca, **LOGIN)))
    rider(["-i", TO]).must(77, "certificate")
