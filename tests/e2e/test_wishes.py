# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of servers that offer it (RFC 8689, 4865, 2852, 6710), and the limits they name (RFC 9422)."""
import pytest

from helpers import YOU

PEOPLE = [f"p{i}@example.net" for i in range(5)]

# key, value, keyword that grants it, the parameter that MAIL gets, exit code where it is not granted
WISHES = [
    ("require-tls", "yes", "REQUIRETLS", ("REQUIRETLS", ""), 77),
    ("hold-for", "1h", "FUTURERELEASE 86400 2030-01-01T00:00:00Z", ("HOLDFOR", "3600"), 69),
    ("deliver-by", "1d", "DELIVERBY 600", ("BY", "86400;R"), 69),
    ("priority", "-3", "MT-PRIORITY STANAG4406", ("MT-PRIORITY", "-3"), 69),
]


@pytest.mark.parametrize("key, value, keyword, parameter, rc", WISHES, ids=[w[0] for w in WISHES])
def test_granted(rider, server, certs, key, value, keyword, parameter, rc):
    s = server(tls="starttls", keywords=["PIPELINING", keyword])
    rider.use(s, tls_ca=certs.ca)
    rider([f"--{key}={value}", YOU], name="postrider").must_be_silent()
    name, text = parameter
    assert s.message.params[name] == text


@pytest.mark.parametrize("key, value, keyword, parameter, rc", WISHES, ids=[w[0] for w in WISHES])
def test_not_granted_nothing_sent(rider, server, certs, key, value, keyword, parameter, rc):
    s = server(tls="starttls", keywords=["PIPELINING"])
    rider.use(s, tls_ca=certs.ca)
    rider([f"--{key}={value}", YOU], name="postrider").must(rc, keyword.split()[0], key)
    assert "MAIL" not in s.verbs


@pytest.mark.parametrize("key, value, keyword", [
    ("hold-for", "2d", "FUTURERELEASE 86400 2030-01-01T00:00:00Z"), ("deliver-by", "60", "DELIVERBY 600"),
])
def test_granted_only_within_limits(rider, server, key, value, keyword):
    s = server(keywords=["PIPELINING", keyword])
    rider.use(s)
    rider([f"--{key}={value}", YOU], name="postrider").must(69, key)
    assert "MAIL" not in s.verbs


def test_require_tls_is_no_use_in_the_clear(rider, server):
    s = server(keywords=["PIPELINING", "REQUIRETLS"])
    rider.use(s)
    rider(["--require-tls=yes", YOU], name="postrider").must(77, "REQUIRETLS")
    assert "MAIL" not in s.verbs


def test_no_wish_no_parameter(rider, server):
    s = server(keywords=["PIPELINING", *(w[2] for w in WISHES if w[0] != "require-tls")])
    rider.use(s)
    rider([YOU]).must_be_silent()
    assert s.message.params == {}


@pytest.mark.parametrize("keywords", [["PIPELINING"], ["PIPELINING", "CHUNKING"], []],
                         ids=["DATA", "BDAT", "lockstep"])
def test_recipients_within_the_limit(rider, server, keywords):
    s = server(keywords=[*keywords, "LIMITS RCPTMAX=2"])
    rider.use(s)
    rider([*PEOPLE]).must_be_silent()
    assert [len(m.to) for m in s.messages] == [2, 2, 1]
    assert [a for m in s.messages for a in m.to] == PEOPLE and len(s.connections) == 1


def test_domains_within_the_limit(rider, server):
    s = server(keywords=["PIPELINING", "LIMITS RCPTDOMAINMAX=1"])
    rider.use(s)
    rider(["a@x.test", "b@y.test", "c@X.test", "d@y.test"]).must_be_silent()
    assert [m.to for m in s.messages] == [["a@x.test", "c@X.test"], ["b@y.test", "d@y.test"]]


def test_messages_within_the_limit_of_a_connection(rider, server):
    s = server(keywords=["PIPELINING", "LIMITS MAILMAX=1 RCPTMAX=2"])
    rider.use(s)
    rider([*PEOPLE]).must_be_silent()
    assert len(s.messages) == 3 and len(s.connections) == 3
