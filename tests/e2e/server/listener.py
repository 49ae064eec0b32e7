# SPDX-License-Identifier: GPL-3.0-or-later
"""The listening side: one thread that accepts, one for each connection."""
from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Sequence

from .actions import Step
from .certs import Chain
from .record import Connection, Message
from .session import Session
from .wire import Wire

KEYWORDS = ("PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN")
USERS = {"alice": "wonderland"}


class Server:
    """Use as a context, or start() and stop().

    keywords    of EHLO; STARTTLS and AUTH come by themselves. Add "CHUNKING" to be sent BDAT
    steps       the script, see tests/README
    tls         "", "starttls" or "implicit", with `chain` as certificate
    auth        mechanisms offered; under TLS only, unless auth_needs_tls is false
    binds       the server can do SCRAM's -PLUS, whether `auth` offers it or somebody took it out
    quiet       seconds of silence before an answer, so that turns can be counted (see wire.py)
    discard     keep no data, for huge messages
    port        to listen at; 0: a free one
    backlog     connections that the kernel may hold; accepting=False never takes one
    """

    def __init__(self, *, keywords: Sequence[str] = KEYWORDS, steps: dict[str, Step] | None = None,
                 tls: str = "", chain: Chain | None = None, tls_min: str = "", tls_max: str = "",
                 client_ca: Path | None = None, auth: str = "", auth_needs_tls: bool = True, binds: bool = False,
                 users: dict[str, str] | None = None, quiet: float = 0.0, discard: bool = False,
                 address: str = "127.0.0.1", port: int = 0, path: Path | None = None, receive_buffer: int = 0):
        self.keywords = list(keywords)
        self.steps = dict(steps or {})
        self.tls, self.chain = tls, chain
        self.auth, self.auth_needs_tls = auth, auth_needs_tls
        self.binds = binds
        self.users = users or dict(USERS)
        self.quiet, self.discard = quiet, discard
        self.connections: list[Connection] = []
        self.path = path
        self.host = address
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._wires: list[Wire] = []
        self._socket = self._bind((address, port), path, receive_buffer)
        self.port = 0 if path else self._socket.getsockname()[1]
        self.context = make_context(chain, tls_min, tls_max, client_ca) if tls and chain else None

    @staticmethod
    def _bind(address: tuple[str, int], path: Path | None, receive_buffer: int) -> socket.socket:
        if path:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.bind(str(path))
        else:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if receive_buffer:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.bind(address)
        sock.listen(32)
        return sock

    def start(self) -> "Server":
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        self._threads.append(thread)
        return self

    def stop(self) -> None:
        self._stopped.set()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()
        for wire in self._wires:
            try:
                wire.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self._threads:
            thread.join(5)
        if self.path:
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            if not self.path:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            record = Connection(len(self.connections) + 1)
            wire = Wire(sock, record, self.quiet)
            self.connections.append(record)
            self._wires.append(wire)
            session = Session(self, wire, record, self._stopped)
            thread = threading.Thread(target=session.serve, daemon=True)
            thread.start()
            self._threads.append(thread)

    # what tests ask

    def settle(self, seconds: float = 5.0) -> None:
        """Wait until every connection has ended."""
        end = time.monotonic() + seconds
        for connection in self.connections:
            connection.settle(end - time.monotonic())

    @property
    def messages(self) -> list[Message]:
        """The messages that were accepted, over all connections."""
        self.settle()
        return [m for c in self.connections for m in c.messages if m.accepted]

    @property
    def message(self) -> Message:
        """The one message; more or fewer is a failure."""
        messages = self.messages
        assert len(messages) == 1, f"{len(messages)} messages; commands: {self.commands}"
        return messages[0]

    @property
    def connection(self) -> Connection:
        self.settle()
        assert len(self.connections) == 1, f"{len(self.connections)} connections"
        return self.connections[0]

    @property
    def commands(self) -> list[str]:
        self.settle()
        return [line for c in self.connections for line in c.commands]

    @property
    def verbs(self) -> list[str]:
        self.settle()
        return [verb for c in self.connections for verb in c.verbs]

    @property
    def heard(self) -> bytes:
        self.settle()
        return b"".join(c.heard() for c in self.connections)

    @property
    def violations(self) -> list[str]:
        self.settle()
        return [v for c in self.connections for v in c.violations]


def make_context(chain: Chain, least: str, most: str, client_ca: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")      # what is too weak is the client's to say
    context.load_cert_chain(chain.certificates, chain.key)
    versions = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
                "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
    if least in ("1.0", "1.1") or most in ("1.0", "1.1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    if least:
        context.minimum_version = versions[least]
    if most:
        context.maximum_version = versions[most]
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    context.sni_callback = remember_name
    return context


def remember_name(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
    connection.asked_for = name  # type: ignore[attr-defined]
