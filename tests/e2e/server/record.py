# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server remembers: connections, what was said in them, and the messages they brought."""
from __future__ import annotations

import email
import email.message
import email.policy
import time
from dataclasses import dataclass, field


@dataclass
class Recipient:
    address: str             # between the angle brackets
    params: dict[str, str]   # ESMTP parameters, names in upper case
    code: int                # what we answered


@dataclass
class Message:
    """One transaction whose data came in whole; `accepted` says whether we answered 2xx."""
    sender: str
    params: dict[str, str]
    recipients: list[Recipient]
    wire: bytes              # as it came: dot-stuffed with DATA, without the final dot
    data: bytes              # decoded
    command: str             # DATA or BDAT
    chunks: list[int]        # sizes of BDAT's chunks
    accepted: bool
    secure: bool             # came over TLS
    user: str                # who had authenticated; empty if nobody

    @property
    def to(self) -> list[str]:
        """The recipients that we accepted, in order."""
        return [r.address for r in self.recipients if 200 <= r.code < 300]

    @property
    def head(self) -> bytes:
        """The header section, every line with its line end."""
        return self.data.split(b"\r\n\r\n", 1)[0] + b"\r\n"

    @property
    def body(self) -> bytes:
        return self.data.split(b"\r\n\r\n", 1)[1]

    @property
    def parsed(self) -> email.message.Message:
        return email.message_from_bytes(self.data, policy=email.policy.compat32)

    def fields(self, name: str) -> list[str]:
        """The unfolded values of the fields called NAME, in order."""
        unfold = email.message_from_bytes(self.head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" "))
        return unfold.get_all(name) or []

    def field(self, name: str) -> str:
        """The value of the one field called NAME; more or fewer than one is a failure."""
        values = self.fields(name)
        assert len(values) == 1, f"{name}: {values}"
        return values[0]


@dataclass
class Event:
    when: float
    direction: str           # "in" from the client, "out" to it
    data: bytes
    secure: bool


@dataclass
class Connection:
    number: int              # 1, 2, ... in the order of their coming
    began: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    events: list[Event] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)     # as sent, without line end
    messages: list[Message] = field(default_factory=list)
    auth: list[tuple[str, str]] = field(default_factory=list)  # (mechanism, outcome)
    violations: list[str] = field(default_factory=list)   # the client's sins against the RFCs
    turns: int = 0           # how often the client waited for us before it spoke; see wire.py
    greeted_first: bool = False
    tls_version: str = ""
    tls_error: str = ""
    resumed: bool = False
    sni: str | None = None
    client_certificate: dict | None = None
    user: str = ""
    end: str = ""            # see gone

    @property
    def gone(self) -> str:
        """How it ended, or "" if it goes on: "quit", "eof", "reset", "closed", "stopped"."""
        self.settle()
        return self.end

    def settle(self, seconds: float = 5.0) -> None:
        """Wait until it has ended: the program may be gone before we saw its last word."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.ended:
            time.sleep(0.005)

    @property
    def verbs(self) -> list[str]:
        return [c.split(None, 1)[0].split(":")[0].upper() for c in self.commands if c.split()]

    @property
    def trips(self) -> int:
        """Round trips as the client sees them: connect, the greeting if we speak first, and each turn."""
        return 1 + int(self.greeted_first) + self.turns

    def heard(self, secure: bool | None = None) -> bytes:
        """All bytes of the client, decrypted; only those outside or inside TLS on demand."""
        return b"".join(e.data for e in self.events
                        if e.direction == "in" and secure in (None, e.secure))

    def said(self) -> bytes:
        return b"".join(e.data for e in self.events if e.direction == "out")
