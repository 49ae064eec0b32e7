# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the files of the queue without the program: postrider-queue(5)."""
from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FOLDERS = ("q", "tmp", "replies", "failed", "corrupt")
PENDING, DELIVERED, REFUSED, TOLD = "?DFB"
WAITING, HELD, STUCK = "qha"
TEMPORARY, RCPT = 2, 8     # kinds and stages, as their numbers stand in the files of replies
TRAILER = len("\nEND " + "0" * 24 + " " + "0" * 15 + " " + "0" * 8 + "\n")


def table() -> list[int]:
    rows = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        rows.append(byte)
    return rows


TABLE = table()


def crc32c(data: bytes, start: int = 0) -> int:
    crc = start ^ 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def new_id(now: float | None = None) -> str:
    number = int((time.time() if now is None else now) * 1_000_000)
    made = "".join(DIGITS[number >> 5 * place & 31] for place in reversed(range(11)))
    return made + "".join(secrets.choice(DIGITS) for _ in range(13))


@dataclass
class Entry:
    """One message; `to` maps each recipient to his mark, or is a list of those who are pending."""
    sender: str = "me@example.com"
    to: dict[str, str] | list[str] = field(default_factory=lambda: ["you@example.net"])
    content: bytes = b"From: me@example.com\r\nSubject: hello\r\n\r\nA line.\r\n"
    account: str = "test"
    id: str = field(default_factory=new_id)
    origin: str = "sendmail"
    uid: int = field(default_factory=os.getuid)
    created: int = field(default_factory=lambda: int(time.time()))
    attempts: int = 0
    next: int | None = None        # None: when it was created
    state: str = WAITING
    warned: bool = False
    parent: str | None = None
    message_id: str | None = None
    notify: int = 0
    ret: str = "-"
    wishes: str = "0 0 0 0"
    envid: str | None = None

    @property
    def marks(self) -> dict[str, str]:
        return self.to if isinstance(self.to, dict) else {address: PENDING for address in self.to}

    def of(self, mark: str) -> list[str]:
        return [address for address, one in self.marks.items() if one == mark]


def facts(letter: str, text: bytes) -> str:
    longest = max((len(line) for line in text.split(b"\r\n")), default=0)
    flags = ("8" if not text.isascii() else "-") + ("0" if b"\0" in text else "-") + \
            ("." if text.startswith(b".") or b"\r\n." in text else "-")
    return f"{letter} {len(text):015} {longest:015} {flags}"


def checked(lines: list[str]) -> int:
    """The checksum of a header: without the line that changes, and without recipients' marks."""
    covered = (line[3:] if line[0] == "R" else line for line in lines if line[0] != "A")
    return crc32c("".join(covered).encode())


def render(e: Entry) -> bytes:
    head, gap, body = e.content.partition(b"\r\n\r\n")
    checksum = crc32c(e.content)
    lines = [f"PR1 {e.id}",
             f"A {e.attempts:05} {e.created if e.next is None else e.next:012} {e.state} {'w' if e.warned else '-'}",
             f"T {e.created:012} {e.uid:010} {e.origin}",
             f"B {len(e.content):015} {checksum:08x}",
             facts("H", head + gap), facts("M", body),
             f"X {e.account}",
             *([f"P {e.parent}"] if e.parent else []),
             *([f"I {e.message_id}"] if e.message_id else []),
             f"N {e.notify} {e.ret}", f"W {e.wishes}",
             *([f"V {e.envid}"] if e.envid else []),
             f"F {e.sender}",
             *(f"R {mark} {address}" for address, mark in e.marks.items())]
    lines.append(f"K {checked(lines):08x}")
    end = f"\nEND {e.id} {len(e.content):015} {checksum:08x}\n"
    return "\n".join(lines).encode() + b"\n\n" + e.content + end.encode()


def make_folders(queue: Path) -> None:
    for name in FOLDERS:
        (queue / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    queue.chmod(0o700)


def write_entry(queue: Path, entry: Entry | None = None, folder: str = "q", **facts_of_it) -> Entry:
    """Put a message into FOLDER of QUEUE, which is made if need be: an Entry, or one of these facts."""
    e = entry or Entry(**facts_of_it)
    make_folders(queue)
    path = queue / folder / e.id
    path.write_bytes(render(e))
    path.chmod(0o600)
    due = e.created if e.next is None else e.next
    os.utime(path, (due, due))
    return e


def write_reply(queue: Path, e: Entry, text: str, *, peer: str = "", hint: str = "", first: int = 0,
                last: int | None = None, kind: int = TEMPORARY, stage: int = RCPT, code: int = 450) -> None:
    """Let TEXT be what was said last about the recipients FIRST to LAST."""
    end = len(e.marks) - 1 if last is None else last
    with open(queue / "replies" / e.id, "a", encoding="utf-8") as file:
        file.write(f"{first} {end} {kind} {stage} {code} 0 0 0\t{peer}\t{text}\t{hint}\n")


def read_entry(path: Path) -> Entry:
    """What a file of the queue holds; an AssertionError if it is not whole."""
    data = path.read_bytes()
    header, _, rest = data.partition(b"\n\n")
    lines = header.decode().split("\n")
    assert lines[0].startswith("PR1 ") and lines[-1] == f"K {checked(lines[:-1]):08x}", lines
    one = {line[0]: line[2:] for line in lines[1:]}
    attempts, due, state, warned = one["A"].split(" ")
    created, uid, origin = one["T"].split(" ")
    size, checksum = one["B"].split(" ")
    notify, ret = one["N"].split(" ")
    content, end = rest[:-TRAILER], rest[-TRAILER:]
    assert len(content) == int(size) and crc32c(content) == int(checksum, 16), path
    assert end == f"\nEND {lines[0][4:]} {size} {checksum}\n".encode(), end
    return Entry(sender=one["F"], to={line[4:]: line[2] for line in lines if line[0] == "R"}, content=content,
                 account=one["X"], id=lines[0][4:], origin=origin, uid=int(uid), created=int(created),
                 attempts=int(attempts), next=int(due), state=state, warned=warned == "w", parent=one.get("P"),
                 message_id=one.get("I"), notify=int(notify), ret=ret, wishes=one["W"], envid=one.get("V"))


def entries(queue: Path, folder: str = "q") -> list[Entry]:
    """All messages in FOLDER, the oldest first."""
    found = []
    for path in sorted((queue / folder).glob("*")):
        try:
            found.append(read_entry(path))
        except FileNotFoundError:
            pass        # it was sent just now
    return found
