# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, Iterator

import pytest

from helpers import Rider, program
from queue_bed import QueueBed
from real.dns import Dns
from real.dovecot import Dovecot
from real.exim import Exim
from real.opensmtpd import OpenSmtpd
from real.postfix import Postfix
from server import Certificates, Server
from service_bed import ServiceBed


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(certs: Certificates) -> Iterator[Callable[..., Server]]:
    """Start scripted servers: server(steps=..., tls=...). Each is stopped at the end, and every sin of the
    client against the RFCs fails the test, unless it said strict=False. `cert` names a kind of certificate."""
    started: list[tuple[Server, bool]] = []

    def start(*, cert: str = "good", strict: bool = True, **options) -> Server:
        if options.get("tls"):
            options["chain"] = certs[cert]
        one = Server(**options).start()
        started.append((one, strict))
        return one

    yield start
    for one, _ in started:
        one.settle(2)
        one.stop()
    sins = [sin for one, strict in started if strict for c in one.connections for sin in c.violations]
    assert not sins, sins


@pytest.fixture
def rider(tmp_path: Path) -> Rider:
    if not program().exists():
        pytest.fail(f"no program at {program()}: build it, or set POSTRIDER", pytrace=False)
    return Rider(tmp_path)


@pytest.fixture
def queue(rider: Rider) -> QueueBed:
    return QueueBed(rider)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceBed]:
    """The system's config, queue and socket in a namespace of their own; configure it, and start it."""
    if os.geteuid() != 0:
        pytest.skip("only root gets a mount namespace")
    bed = ServiceBed(tmp_path)
    try:
        yield bed
    finally:
        bed.stop()


@pytest.fixture(scope="session")
def dovecot(certs: Certificates) -> Iterator[Dovecot]:
    """Its submission service relays to `dovecot.sink`, a scripted server."""
    with Server() as sink:
        one = Dovecot(sink, certs["good"])
        try:
            yield one.start()
        finally:
            one.stop()


@pytest.fixture(scope="session")
def postfix(certs: Certificates, dovecot: Dovecot) -> Iterator[Postfix]:
    one = Postfix(certs["good"], dovecot.auth_socket)
    try:
        yield one.start()
    finally:
        one.stop()


@pytest.fixture(scope="session")
def exim(certs: Certificates) -> Iterator[Exim]:
    one = Exim(certs["good"])
    try:
        yield one.start()
    finally:
        one.stop()


@pytest.fixture(scope="session")
def opensmtpd() -> Iterator[OpenSmtpd]:
    one = OpenSmtpd()
    try:
        yield one.start()
    finally:
        one.stop()


@pytest.fixture(scope="session")
def dns() -> Iterator[Dns]:
    one = Dns()
    try:
        yield one.start()
    finally:
        one.stop()
