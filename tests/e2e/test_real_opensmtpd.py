# SPDX-License-Identifier: GPL-3.0-or-later
"""Against OpenSMTPD, which takes one command at a time."""
import uuid

import pytest

from helpers import ME, account, config
from real.base import body_of

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("real")]
TO = "someone@example.net"


def mail(body: bytes = b"line\n.\n..dots\n") -> tuple[str, bytes]:
    subject = uuid.uuid4().hex
    return subject, f"From: {ME}\nTo: {TO}\nSubject: {subject}\n\n".encode() + body


@pytest.fixture
def via(rider, opensmtpd):
    rider.configure(config(account(host=f"127.0.0.1:{opensmtpd.port}", tls="none"), timeout="10"))
    return rider


def test_relay(via, opensmtpd):
    subject, text = mail()
    via(["-i", TO], text).must_be_silent()
    (data,) = opensmtpd.wait_for_mail(subject)
    assert body_of(data) == b"line\n.\n..dots\n" and f"<{ME}>".encode() in data


def test_null_sender_and_dsn(via, opensmtpd):
    subject, text = mail()
    via(["-i", "-f", "", "-N", "never", "-R", "hdrs", "-V", "id+1", TO], text).must_be_silent()
    opensmtpd.wait_for_mail(subject)


@pytest.mark.parametrize("person", ["nobody@example.net", "x@elsewhere.example"])
def test_one_of_two_refused(via, opensmtpd, person):
    subject, text = mail()
    via(["-i", TO, person], text).must(67, person)
    opensmtpd.wait_for_mail(subject)


def test_all_refused(via, opensmtpd):
    via(["-i", "nobody@example.net"], mail()[1]).must(67, "nobody")


@pytest.mark.parametrize("body", [b".\n..\n.x\n" * 1000, "\u00e4\n".encode() * 99, b"0123456789abcdef\n" * 120000],
                         ids=["dots", "8-bit", "2 MB"])
def test_content_comes_whole(via, opensmtpd, body):
    subject, text = mail(body)
    via(["-i", TO], text).must_be_silent()
    assert body_of(opensmtpd.wait_for_mail(subject)[0]) == body


def test_too_large(via, opensmtpd):
    via(["-i", TO], mail(b"0123456789abcdef\n" * 1500000)[1]).must(69)


def test_many_messages_over_one_connection(queue, opensmtpd):
    """What one of them meets is nothing to the others."""
    queue.configure(account(host=f"127.0.0.1:{opensmtpd.port}", tls="none", connections=1), timeout="10")
    sent = []
    for to in (TO, "nobody@example.net", TO, TO):
        sent.append(uuid.uuid4().hex)
        queue.put(to=[to], sender="", content=f"From: {ME}\r\nSubject: {sent[-1]}\r\n\r\nx\r\n".encode())
    queue.run().must_be_silent()
    for place in 0, 2, 3:
        opensmtpd.wait_for_mail(sent[place])
    assert queue.names() == [] and len(queue.names("failed")) == 1
