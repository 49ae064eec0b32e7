# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes to and from one client, in the clear or through TLS, recorded, and counted in turns.

A turn begins when bytes of the client come after we said something (or as the first thing of all): the client
had waited for us. On loopback a client that writes its group in pieces may get our answer to the first piece
before the last one arrives; so where turns are to be counted, `quiet` makes the server listen until nothing
came for that long, before it answers. Then turns are what the client pays for on a slow line, as
facts about speed count them: connect + greeting + turns.

TLS runs over memory, so that the raw bytes of a handshake are ours to count and to spoil.
"""
from __future__ import annotations

import select
import socket
import ssl
import struct
import time

from .record import Connection, Event

IDLE = 60.0     # no client of a test is silent for so long


class Gone(Exception):
    """The connection is over; says how."""


class Wire:
    def __init__(self, sock: socket.socket, record: Connection, quiet: float = 0.0):
        self.sock = sock
        self.record = record
        self.quiet = quiet
        self.buffer = b""
        self.tls: ssl.SSLObject | None = None
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._our_word = True
        sock.settimeout(IDLE)

    # what the session uses

    def send(self, data: bytes, record: bool = True) -> None:
        if record:
            self._note("out", data)
        if self.tls:
            self.tls.write(data)
            data = self._out.read()
        self.send_raw(data)

    def read_line(self) -> bytes:
        """Up to and with the next LF."""
        while b"\n" not in self.buffer:
            self._fill()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line + b"\n"

    def read_some(self) -> bytes:
        """What is there, at least one byte."""
        if not self.buffer:
            self._fill()
        data, self.buffer = self.buffer, b""
        return data

    def unread(self, data: bytes) -> None:
        self.buffer = data + self.buffer

    def has_more(self) -> bool:
        """Has the client sent more than was asked for so far?"""
        if not self.buffer and select.select([self.sock], [], [], 0)[0]:
            try:
                self._fill()
            except Gone:
                return False
        return bool(self.buffer)

    def wait_for_client(self) -> None:
        """Until there is something to read, or it is gone."""
        select.select([self.sock], [], [], IDLE)

    def handshake(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self._in, self._out, server_side=True)
        if self.buffer:
            self._in.write(self.buffer)
            self.buffer = b""
        try:
            self._shake(tls)
        finally:
            self.record.sni = getattr(tls, "asked_for", None)
        self.tls = tls
        self.record.tls_version = tls.version() or ""
        self.record.resumed = bool(tls.session_reused)
        self.record.client_certificate = tls.getpeercert()

    def close(self, orderly: bool) -> None:
        if self.tls and orderly:
            try:
                self.tls.unwrap()
            except (ssl.SSLError, OSError):
                pass
            try:
                self.send_raw(self._out.read())
            except Gone:
                pass
        self._drain()
        self.sock.close()

    def reset(self) -> None:
        """Close with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def send_raw(self, data: bytes) -> None:
        """To the socket, around TLS."""
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone("reset") from error
        if data:
            self._our_word = True

    # inside

    def _note(self, direction: str, data: bytes) -> None:
        event = Event(time.monotonic(), direction, data, self.tls is not None)
        self.record.events.append(event)

    def _drain(self) -> None:
        """Take what is still in flight, lest the kernel turns our close into a reset."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            end = time.monotonic() + 2
            while time.monotonic() < end:
                self.sock.settimeout(max(0.01, end - time.monotonic()))
                data = self.sock.recv(65536)
                if not data:
                    return
                if not self.tls:
                    self._note("in", data)
        except OSError:
            pass

    def _recv(self) -> bytes:
        try:
            data = self.sock.recv(262144)
        except socket.timeout as error:
            raise Gone("idle") from error
        except OSError as error:
            raise Gone("reset") from error
        if not data:
            raise Gone("eof")
        return data

    def _turn(self) -> None:
        if self._our_word:
            self.record.turns += 1
            self._our_word = False

    def _recv_flight(self) -> bytes:
        data = self._recv()
        while self.quiet and select.select([self.sock], [], [], self.quiet)[0]:
            try:
                data += self._recv()
            except Gone:
                break       # what came before the end still counts; the next read says it again
        return data

    def _fill(self) -> None:
        if not self.tls:
            data = self._recv_flight()
            self._turn()
        else:
            data = self._decrypted()
        self._note("in", data)
        self.buffer += data

    def _decrypted(self) -> bytes:
        """Some of the client's words; a mere goodbye of TLS's is no turn."""
        assert self.tls
        data, waited = b"", False
        while not data:
            try:
                while piece := self.tls.read(65536):
                    data += piece
                raise Gone("eof")
            except ssl.SSLWantReadError:
                if not data:
                    self._in.write(self._recv_flight())
                    waited = True
            except ssl.SSLZeroReturnError as error:
                if not data:
                    raise Gone("eof") from error
            except ssl.SSLError as error:
                if not data:
                    raise Gone("tls") from error
        if waited:
            self._turn()
        return data

    def _shake(self, tls: ssl.SSLObject) -> None:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.send_raw(self._out.read())
                self._in.write(self._recv_flight())
                self._turn()
            except ssl.SSLError as error:
                self.record.tls_error = str(error)
                self.send_raw(self._out.read())
                raise Gone("tls") from error
        self.send_raw(self._out.read())
