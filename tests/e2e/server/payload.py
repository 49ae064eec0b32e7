# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a message's data, and looking for what must never be in it."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .wire import Gone

if TYPE_CHECKING:
    from .session import Session

LINE_OCTETS = 998       # RFC 5322, 2.1.1, without CRLF
END = b"\r\n.\r\n"


class Interruption:
    """The script's step "body": acts once, when so many bytes have come."""

    def __init__(self, session: "Session"):
        self.session = session
        self.todo = session.find("body")

    def look(self, count: int) -> None:
        if self.todo and count >= self.todo.offset:
            todo, self.todo = self.todo, None
            for op in todo.ops:
                op.run(self.session)


def read_data(session: "Session") -> tuple[bytes, bytes]:
    """Up to the final dot; gives what came (without the dot's line) and what it means."""
    if session.server.discard:
        return discard(session), b""
    wire = session.wire
    data = bytearray(b"\r\n")       # so that a dot in the first line is found alike
    interruption = Interruption(session)
    searched = 0
    while (end := data.find(END, searched)) < 0:
        interruption.look(len(data) - 2)
        searched = max(0, len(data) - len(END))
        try:
            data += wire.read_some()
        except Gone:
            check_data(session, undotted(bytes(data[2:])), complete=False)
            raise
    wire.unread(bytes(data[end + len(END):]))
    content = bytes(data[2:end + 2])
    decoded = undotted(content)
    check_data(session, decoded, complete=True)
    return content, decoded


def undotted(data: bytes) -> bytes:
    """Without the dots of transparency, which count for no limit either (RFC 5321, 4.5.3.1.6)."""
    return re.sub(rb"(?m)^\.", b"", data)


def discard(session: "Session") -> bytes:
    """For huge messages: keep nothing but the count, as a decimal number."""
    count, tail = 0, b"\r\n"
    while True:
        piece = session.wire.read_some()
        session.record.events.clear()
        count += len(piece)
        tail += piece
        end = tail.find(END)
        if end >= 0:
            rest = tail[end + len(END):]
            session.wire.unread(rest)
            return b"%d" % (count - len(rest) - 3)
        tail = tail[1 - len(END):]


def read_chunk(session: "Session", size: int) -> bytes:
    interruption = Interruption(session)
    pieces, count = [], 0
    while count < size:
        interruption.look(count)
        piece = session.wire.read_some()
        session.wire.unread(piece[size - count:])
        piece = piece[:size - count]
        count += len(piece)
        if session.server.discard:
            session.record.events.clear()
        else:
            pieces.append(piece)
    chunk = b"".join(pieces)
    check_data(session, chunk, complete=False)
    return chunk


def check_data(session: "Session", data: bytes, complete: bool) -> None:
    """Note every sin against RFC 5321, 2.3.8 and 5322, 2.1.1."""
    if re.search(rb"\r(?!\n|\Z)|(?<!\r)\n", data[1 if data[:1] == b"\n" else 0:]):
        session.sin("bare CR or LF in the data")
    if complete and data and not data.endswith(b"\r\n"):
        session.sin("data does not end with a line end")
    if any(len(line) > LINE_OCTETS for line in data.split(b"\r\n")):
        session.sin("line of more than 998 octets")
    if b"\0" in data:
        session.sin("NUL in the data")
    if session.params.get("BODY", "").upper() != "8BITMIME" and re.search(rb"[\x80-\xff]", data):
        session.sin("8-bit data without BODY=8BITMIME")
