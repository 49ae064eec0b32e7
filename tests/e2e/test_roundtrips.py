# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the program waits for the server: the gates of the page about speed, section 3.

The server waits 50 ms of silence before each answer, so that a turn is a turn however the client's pieces come.
"""
import pytest

from helpers import YOU

LOGIN = {"user": "alice", "password": "wonderland"}
DATA, BDAT = ["PIPELINING", "SIZE", "8BITMIME"], ["PIPELINING", "SIZE", "8BITMIME", "CHUNKING"]
TRIPS = [
    ("plain, DATA", "", DATA, 1, 5),
    ("plain, BDAT", "", BDAT, 1, 4),
    ("plain, 100 recipients, DATA", "", DATA, 100, 5),
    ("plain, 100 recipients, BDAT", "", BDAT, 100, 4),
    ("STARTTLS and AUTH PLAIN, DATA", "starttls", DATA, 1, 9),
    ("STARTTLS and AUTH PLAIN, BDAT", "starttls", BDAT, 1, 8),
    ("implicit TLS and AUTH PLAIN, DATA", "implicit", DATA, 1, 7),
    ("implicit TLS and AUTH PLAIN, BDAT", "implicit", BDAT, 1, 6),
    ("implicit TLS, 100 recipients, BDAT", "implicit", BDAT, 100, 6),
]


@pytest.mark.parametrize("name, tls, keywords, recipients, trips", TRIPS, ids=[t[0] for t in TRIPS])
def test_trips(rider, server, certs, name, tls, keywords, recipients, trips):
    s = server(quiet=0.05, tls=tls, keywords=keywords, auth="PLAIN" if tls else "")
    rider.use(s, auth="plain" if tls else None, **({"tls_ca": certs.ca, **LOGIN} if tls else {}))
    people = [f"p{i}@x.test" for i in range(recipients)]
    rider(["-i", *people]).must_be_silent()
    assert len(s.message.to) == recipients
    assert s.connection.trips <= trips, s.verbs


def test_scram_costs_two_more(rider, server, certs):
    s = server(quiet=0.05, tls="implicit", keywords=DATA, auth="SCRAM-SHA-256")
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    rider(["-i", YOU]).must_be_silent()
    assert s.connection.trips <= 9


def test_quit_does_not_wait(rider, server):
    """QUIT rides in the last group, and its answer is not waited for longer than it must."""
    s = server(quiet=0.05, keywords=DATA)
    rider.use(s)
    rider(["-i", YOU]).must_be_silent()
    assert s.verbs[-1] == "QUIT" and s.connection.trips <= 5
