# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step of the script does in place of the server's usual answer.

Actions are joined with `+`; a str is a reply, bytes are sent as they are:

    reply("250-one\\n250 two")        lines get CRLF
    raw(b"250 no line end")           bytes as they are
    wait(2) + default()               the usual answer, late
    drip("220 hello", every=0.2)      byte by byte
    endless(b"250-more\\r\\n")        until the client goes
    stall()                           never answer
    close(), cut(), reset()           with TLS's goodbye, without it, by RST
    alert()                           TLS's fatal alert, from outside
    after(5000, reply("554 no"))      in the middle of the data: for the step "body" only
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Union

Step = Union["Action", str, bytes]


class Op:
    """One thing to do; `text` is what it sends, where that is known beforehand."""
    text = b""

    def run(self, session) -> None:
        raise NotImplementedError


@dataclass
class Send(Op):
    text: bytes

    def run(self, session) -> None:
        session.wire.send(self.text)


@dataclass
class Drip(Op):
    text: bytes
    every: float = 0.1
    size: int = 1

    def run(self, session) -> None:
        for i in range(0, len(self.text), self.size):
            session.wire.send(self.text[i:i + self.size])
            session.pause(self.every)


@dataclass
class Endless(Op):
    text: bytes

    def run(self, session) -> None:
        while True:
            session.wire.send(self.text, record=False)


@dataclass
class Call(Op):
    """An act that sends nothing that counts as a reply."""
    act: Callable

    def run(self, session) -> None:
        self.act(session)


class Default(Op):
    """Stands for the server's usual answer; the session puts it in."""


def joined(ops: list[Op]) -> list[Op]:
    """Neighbouring pieces become one write, so that they arrive together."""
    result: list[Op] = []
    for op in ops:
        if result and isinstance(op, Send) and isinstance(result[-1], Send):
            result[-1] = Send(result[-1].text + op.text)
        else:
            result.append(op)
    return result


class Action:
    def __init__(self, *ops: Op, offset: int = 0):
        self.ops = list(ops)
        self.offset = offset    # of after()

    def __add__(self, other: Step) -> "Action":
        return Action(*joined(self.ops + action(other).ops), offset=self.offset)

    def __radd__(self, other: Step) -> "Action":
        return action(other) + self

    def with_default(self, usual: "Action") -> "Action":
        ops: list[Op] = []
        for op in self.ops:
            ops.extend(usual.ops if isinstance(op, Default) else [op])
        return Action(*joined(ops), offset=self.offset)

    @property
    def code(self) -> int:
        """The code of the first reply in it, or 0."""
        for op in self.ops:
            found = re.match(rb"\d{3}", op.text)
            if op.text:
                return int(found[0]) if found else 0
        return 0


def action(step: Step) -> Action:
    if isinstance(step, Action):
        return step
    return raw(step) if isinstance(step, bytes) else reply(step)


def reply(text: str) -> Action:
    lines = text.encode("latin-1").split(b"\n")
    return Action(Send(b"".join(line + b"\r\n" for line in lines)))


def replies(*texts: str) -> Action:
    """Several replies at once, where one is due."""
    return reply("\n".join(texts))


def raw(data: bytes) -> Action:
    return Action(Send(data))


def drip(text: str | bytes, every: float = 0.1, size: int = 1) -> Action:
    data = text if isinstance(text, bytes) else text.encode("latin-1") + b"\r\n"
    return Action(Drip(data, every, size))


def endless(chunk: bytes) -> Action:
    return Action(Endless(chunk))


def wait(seconds: float) -> Action:
    return Action(Call(lambda session: session.pause(seconds)))


def stall() -> Action:
    return Action(Call(lambda session: session.stall()))


def close() -> Action:
    return Action(Call(lambda session: session.end("closed", orderly=True)))


def cut() -> Action:
    return Action(Call(lambda session: session.end("closed", orderly=False)))


def reset() -> Action:
    return Action(Call(lambda session: session.reset()))


def default() -> Action:
    return Action(Default())


def alert() -> Action:
    """A fatal alert, unprotected, in the middle of a TLS session: what no peer may take as said by the server."""
    return Action(Call(lambda session: session.wire.send_raw(b"\x15\x03\x03\x00\x02\x02\x28")))


def after(offset: int, then: Step) -> Action:
    return Action(*action(then).ops, offset=offset)
