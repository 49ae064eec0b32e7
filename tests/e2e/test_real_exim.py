# SPDX-License-Identifier: GPL-3.0-or-later
"""Against Exim: another server, and another TLS library than Postfix's."""
import uuid

import pytest

from helpers import ME, account, config
from real.base import body_of

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("real")]
TO = "someone@example.net"
LOGIN = {"user": "alice", "password": "wonderland"}


def mail(body: bytes = b"line\n.\n..dots\n") -> tuple[str, bytes]:
    subject = uuid.uuid4().hex
    return subject, f"From: {ME}\nTo: {TO}\nSubject: {subject}\n\n".encode() + body


@pytest.fixture
def via(rider, exim, certs):
    def use(tls: str, **keys):
        port = exim.implicit if tls == "implicit" else exim.port
        rider.configure(config(account(host="localhost", port=port, tls=tls, tls_ca=certs.ca, **keys), timeout="10"))
    return use


@pytest.mark.parametrize("tls", ["none", "starttls"])
def test_relay(rider, exim, via, tls):
    via(tls)
    subject, text = mail()
    rider(["-i", TO], text).must_be_silent()
    (data,) = exim.wait_for_mail(subject)
    assert body_of(data) == b"line\n.\n..dots\n" and f"Return-path: <{ME}>".encode() in data


@pytest.mark.parametrize("mechanism", ["auto", "plain", "login", "cram-md5"])
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_submission(rider, exim, via, tls, mechanism):
    via(tls, auth=mechanism, **LOGIN)
    subject, text = mail()
    rider(["-i", TO], text).must_be_silent()
    exim.wait_for_mail(subject)


@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5"])
def test_wrong_password(rider, exim, via, mechanism):
    via("implicit", auth=mechanism, user="alice", password="wrong")
    rider(["-i", TO], mail()[1]).must(77, "535")


def test_no_login(rider, exim, via):
    via("implicit")
    run = rider(["-i", TO], mail()[1])
    assert run.rc in (67, 69) and "log in first" in run.err, run


@pytest.mark.parametrize("person, rc", [("nobody@example.net", 67), ("later@example.net", 75)])
def test_one_of_two_refused(rider, exim, via, person, rc):
    via("none")
    subject, text = mail()
    rider(["-i", TO, person], text).must(rc, person)
    exim.wait_for_mail(subject)


@pytest.mark.parametrize("tls", ["none", "implicit"])
@pytest.mark.parametrize("body", [b".\n..\n.x\n" * 1000, "\u00e4\n".encode() * 99, b"0123456789abcdef\n" * 120000],
                         ids=["dots", "8-bit", "2 MB"])
def test_content_comes_whole(rider, exim, via, tls, body):
    via(tls, **(LOGIN if tls != "none" else {}))
    subject, text = mail(body)
    rider(["-i", TO], text).must_be_silent()
    assert body_of(exim.wait_for_mail(subject)[0]) == body
