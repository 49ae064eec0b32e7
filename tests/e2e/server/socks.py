# SPDX-License-Identifier: GPL-3.0-or-later
"""A SOCKS5 proxy (RFC 1928): every target is a server of the test, and it remembers what it was asked for."""
from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading

from .acceptor import Acceptor

IPV4, NAME, IPV6 = 1, 3, 4


class Socks(Acceptor):
    """Use as a context.

    target      where all connections go: (host, port)
    method      of authentication that it chooses; 255: none of those offered
    code        of its reply; 0: the connection stands
    greeting    bytes that it says in place of all this
    """

    def __init__(self, target: tuple[str, int] | None = None, *, method: int = 0, code: int = 0,
                 greeting: bytes = b""):
        super().__init__()
        self.target, self.method, self.code, self.greeting = target, method, code, greeting
        self.asked: list[tuple[int, str, int]] = []     # kind of address, address, port
        self.url = f"socks5://127.0.0.1:{self.port}"

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            if self.greeting:
                client.sendall(self.greeting)
                lines.read()
                return
            _, count = lines.read(2)
            assert lines.read(count) == b"\0", "only going without a login is offered"
            client.sendall(bytes((5, self.method)))
            if self.method == 0:
                self._connect(client, lines)

    def _connect(self, client: socket.socket, lines) -> None:
        _, command, _, kind = lines.read(4)
        assert command == 1
        raw = lines.read(lines.read(1)[0] if kind == NAME else {IPV4: 4, IPV6: 16}[kind])
        family = {IPV4: socket.AF_INET, IPV6: socket.AF_INET6}.get(kind)
        address = socket.inet_ntop(family, raw) if family else raw.decode()
        self.asked.append((kind, address, *struct.unpack("!H", lines.read(2))))
        head = bytes((5, self.code, 0, NAME, 4)) + b"here" + b"\0\1"
        if self.code:
            client.sendall(head)
            return
        with socket.create_connection(self.target) as server:
            # What the server says at once leaves in one piece with this, which is hard on careless clients.
            select.select([server], [], [], 0.1)
            server.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                head += server.recv(65536)
            server.setblocking(True)
            client.sendall(head)
            threading.Thread(target=pump, args=(server, client), daemon=True).start()
            pump(client, server)


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
