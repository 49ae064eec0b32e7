# SPDX-License-Identifier: GPL-3.0-or-later
"""Against Dovecot's submission service, which relays to a scripted server."""
import uuid

import pytest

from helpers import ME, account, config
from real.dovecot import USERS, token

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("real")]
TO = "someone@example.net"


@pytest.fixture
def via(rider, dovecot):
    def use(mechanism: str = "plain", user: str = "alice", password: str | None = None, **keys):
        file = rider.write("pw", USERS[user] if password is None else password)
        rider.configure(config(account(host="127.0.0.1", port=dovecot.submission, tls="none", auth=mechanism,
                                       user=user, password_file=file, **keys), timeout="10"))
    return use


def relayed(dovecot, subject: str):
    return [m for m in dovecot.sink.messages if subject.encode() in m.head]


@pytest.mark.parametrize("user", ["alice", "bob"])
@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256"])
def test_mechanism(rider, dovecot, via, mechanism, user):
    via(mechanism, user)
    subject = uuid.uuid4().hex
    rider(["-i", TO], f"From: {ME}\nSubject: {subject}\n\n.dot\n.\nend\n".encode()).must_be_silent()
    (message,) = relayed(dovecot, subject)
    assert message.to == [TO] and message.body == b".dot\r\n.\r\nend\r\n"


@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5", "scram-sha-256"])
def test_wrong_password(rider, dovecot, via, mechanism):
    via(mechanism, password="wrong")
    rider(["-i", TO]).must(77, "535")


def test_auto_takes_scram_on_a_plain_link(rider, dovecot, via):
    via("auto")
    subject = uuid.uuid4().hex
    rider(["-v", "-i", TO], f"Subject: {subject}\n\nx\n".encode()).must(0, "AUTH SCRAM-SHA-256")
    assert len(relayed(dovecot, subject)) == 1


@pytest.fixture
def by_token(rider, dovecot, certs):
    def use(text: str, auth: str = "auto", **keys):
        command = keys.pop("command", f"cat {rider.write('token', text)}")
        rider.configure(config(account(host="127.0.0.1", port=dovecot.submissions, tls="implicit", tls_ca=certs.ca,
                                       auth=auth, user="alice", token_command=command), timeout="10"))
    return use


@pytest.mark.parametrize("auth, name", [("auto", "OAUTHBEARER"), ("oauthbearer", "OAUTHBEARER"),
                                        ("xoauth2", "XOAUTH2")])
@pytest.mark.parametrize("size", [10, 2000], ids=["short", "long"])
def test_token(rider, dovecot, by_token, auth, name, size):
    """Dovecot takes no AUTH line of more than a KiB, so this shows that a long token comes behind it."""
    by_token(token("alice", more="x" * size), auth)
    subject = uuid.uuid4().hex
    rider(["-v", "-i", TO], f"Subject: {subject}\n\nx\n".encode()).must(0, f"logged in as alice with {name}")
    assert len(relayed(dovecot, subject)) == 1


@pytest.mark.parametrize("auth", ["oauthbearer", "xoauth2"])
@pytest.mark.parametrize("bad", [token("alice", lifetime=-30), token("bob"), token("alice")[:-4] + "AAAA", "nonsense"],
                         ids=["expired", "another's", "forged", "nonsense"])
def test_bad_token(rider, dovecot, by_token, auth, bad):
    by_token(bad, auth)
    run = rider(["-i", TO]).must(77, "535", '"status"', "token-command")
    assert bad not in run.err


@pytest.mark.parametrize("auth", ["oauthbearer", "xoauth2"])
def test_expired_token_is_renewed(rider, dovecot, by_token, auth):
    rider.write("tokens", token("alice", lifetime=-30) + "\n" + token("alice") + "\n")
    by_token("", auth, command=f"cd {rider.home} && head -n 1 tokens && sed -i 1d tokens")
    subject = uuid.uuid4().hex
    rider(["-i", TO], f"Subject: {subject}\n\nx\n".encode()).must_be_silent()
    assert len(relayed(dovecot, subject)) == 1


def test_scram_over_tls(rider, dovecot, certs):
    """Dovecot 2.3 offers no -PLUS, and hears that we would have taken it."""
    rider.configure(config(account(host="127.0.0.1", port=dovecot.submissions, tls="implicit", tls_ca=certs.ca,
                                   user="alice", password="wonderland"), timeout="10"))
    rider(["-v", "-i", TO]).must(0, "logged in as alice with SCRAM-SHA-256")


def test_large_message(rider, dovecot, via):
    via()
    subject = uuid.uuid4().hex
    body = b"0123456789abcdef\n" * 200000
    rider(["-i", TO], f"Subject: {subject}\n\n".encode() + body).must_be_silent()
    assert relayed(dovecot, subject)[0].body == body.replace(b"\n", b"\r\n")


def test_what_the_relay_behind_it_refuses(rider, dovecot, via):
    via()
    dovecot.sink.steps["rcpt:no@x.test"] = "550 5.1.1 no such user"
    rider(["-i", "no@x.test"]).must(67, "550", "no such user")
