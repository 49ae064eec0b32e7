# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection of the scripted server: the commands, and the places where the script steps in."""
from __future__ import annotations

import re
import select
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from . import sasl
from .actions import Action, action, raw
from .payload import read_chunk, read_data
from .record import Connection, Message, Recipient
from .wire import Gone, Wire

if TYPE_CHECKING:
    from .listener import Server

MUST_BE_LAST = {"EHLO", "HELO", "STARTTLS", "AUTH", "DATA", "QUIT", "NOOP", "VRFY"}   # RFC 2920, 3.1
COMMAND_OCTETS = 512
ENVELOPE_OCTETS = 1536    # MAIL and RCPT grow with the extensions; more than any of them asks for


class Session:
    def __init__(self, server: "Server", wire: Wire, record: Connection, stopped: threading.Event):
        self.server = server
        self.wire = wire
        self.record = record
        self.stopped = stopped
        self.secure = False
        self.user = ""              # who has logged in
        self.candidate = ""         # who is about to
        self.offered: set[str] = set()      # keywords of our last EHLO
        self.seen: Counter[str] = Counter()
        self._handlers = {
            "EHLO": self.on_ehlo, "HELO": self.on_helo, "LHLO": self.on_ehlo, "STARTTLS": self.on_starttls,
            "AUTH": self.on_auth, "MAIL": self.on_mail, "RCPT": self.on_rcpt, "DATA": self.on_data,
            "BDAT": self.on_bdat, "RSET": self.on_rset, "NOOP": self.on_noop, "QUIT": self.on_quit,
        }
        self.clear()

    # the script

    def find(self, name: str, detail: str = "") -> Action | None:
        """The script's action for this occurrence of NAME, the most specific one."""
        self.seen[name] += 1
        keys = [f"{name}:{detail}", f"{name}:{self.seen[name]}", name]
        for key in [f"{self.record.number}/{k}" for k in keys] + keys:
            if key in self.server.steps:
                return action(self.server.steps[key])
        return None

    def step(self, name: str, usual: str | bytes | Action, detail: str = "") -> int:
        """Do what the script says at NAME, or the usual; gives the code that the client saw."""
        todo = self.planned(name, usual, detail)
        self.run(todo)
        return todo.code

    def planned(self, name: str, usual: str | bytes | Action, detail: str = "") -> Action:
        todo = self.find(name, detail)
        return todo.with_default(action(usual)) if todo else action(usual)

    def run(self, todo: Action) -> None:
        for op in todo.ops:
            op.run(self)

    def pause(self, seconds: float) -> None:
        if self.stopped.wait(seconds):
            raise Gone("stopped")

    def stall(self) -> None:
        """Neither read nor speak until the client is gone."""
        while not self.stopped.is_set():
            poll = select.poll()
            poll.register(self.wire.sock, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
            if poll.poll(100):
                raise Gone("eof")
        raise Gone("stopped")

    def end(self, how: str, orderly: bool) -> None:
        self.wire.close(orderly)
        raise Gone(how)

    def reset(self) -> None:
        self.wire.reset()
        raise Gone("reset by us")

    # the conversation

    def serve(self) -> None:
        try:
            self.open()
            while True:
                self.command()
        except Gone as gone:
            self.record.end = str(gone)
        finally:
            self.record.ended = time.monotonic()
            self.wire.close(orderly=True)

    def open(self) -> None:
        self.step("connect", raw(b""))
        if self.server.tls == "implicit":
            self.shake_hands()
        else:
            self.record.greeted_first = True
            if self.wire.has_more():
                self.sin(f"spoke before the greeting: {self.wire.buffer[:60]!r}")
        self.step("greeting", "220 bed.test ESMTP")

    def shake_hands(self) -> None:
        spoil = self.find("tls")
        if spoil:
            self.wire.wait_for_client()     # bytes that come before its hello would be another fault
            self.run(spoil)
        self.wire.handshake(self.server.context)
        self.secure = True
        self.step("secured", raw(b""))

    def command(self) -> None:
        line = self.wire.read_line()
        text = line.rstrip(b"\r\n").decode("utf-8" if self.offers("SMTPUTF8") else "latin-1", "replace")
        verb = text.split(" ", 1)[0].upper()
        self.check_command(line, verb)
        self.record.commands.append(text)
        handler = self._handlers.get(verb)
        if handler:
            handler(text[len(verb):].strip())
        else:
            self.step("unknown", "500 5.5.1 command not known")

    def sin(self, what: str) -> None:
        self.record.violations.append(what)

    def check_command(self, line: bytes, verb: str) -> None:
        limit = ENVELOPE_OCTETS if verb in ("MAIL", "RCPT") else COMMAND_OCTETS
        limit = 12288 if verb == "AUTH" else limit      # RFC 4954, 4
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            self.sin(f"bare CR or LF in a command: {line[:80]!r}")
        if len(line) > limit:
            self.sin(f"command of {len(line)} octets: {line[:40]!r}")
        odd = rb"[\x00-\x1f\x7f]" if self.offers("SMTPUTF8") else rb"[^\x20-\x7e]"
        if re.search(odd, line.rstrip(b"\r\n")):
            self.sin(f"command is not printable ASCII: {line[:80]!r}")
        if verb in MUST_BE_LAST and self.wire.has_more():
            self.sin(f"more behind {verb}: {self.wire.buffer[:60]!r}")
        elif not self.offers("PIPELINING") and verb != "BDAT" and self.wire.has_more():
            self.sin(f"pipelined without leave behind {verb}: {self.wire.buffer[:60]!r}")

    # greetings and TLS

    def keywords(self) -> list[str]:
        words = list(self.server.keywords)
        if self.server.tls == "starttls" and not self.secure:
            words.append("STARTTLS")
        if self.server.auth and (self.secure or not self.server.auth_needs_tls):
            words.append("AUTH " + self.server.auth)
        return words

    def on_ehlo(self, argument: str) -> None:
        words = self.keywords()
        lines = ["bed.test greets " + argument] + words
        text = "\n".join(f"250{'-' if i < len(lines) - 1 else ' '}{line}" for i, line in enumerate(lines))
        self.clear()
        if not argument:
            self.sin("EHLO without a name")
        todo = self.planned("ehlo", text)
        if todo.code == 250:
            said = b"".join(op.text for op in todo.ops).decode("latin-1").upper()
            self.offered = set(re.findall(r"^250[- ]([A-Z0-9-]+)", said, re.M))
        self.run(todo)

    def offers(self, keyword: str) -> bool:
        return keyword in self.offered

    def on_helo(self, argument: str) -> None:
        self.clear()
        self.offered = set()
        self.step("helo", "250 bed.test")

    def on_starttls(self, _: str) -> None:
        if self.server.tls != "starttls" or self.secure:
            self.step("starttls", "502 5.5.1 no STARTTLS here")
            return
        if self.step("starttls", "220 2.0.0 go ahead") != 220:
            return
        self.clear()
        self.offered = set()
        self.shake_hands()

    # AUTH

    def on_auth(self, argument: str) -> None:
        words = argument.split(" ")
        name = words[0].upper()
        if self.server.auth_needs_tls and not self.secure:
            self.sin("AUTH without TLS")
        mechanism = sasl.begin(name, self.server.users, self.bindings())
        if not mechanism or name not in self.server.auth.upper().split():
            self.record.auth.append((name, "unknown"))
            self.step("auth", "504 5.5.4 mechanism not known")
            return
        first = words[1].encode("latin-1") if len(words) > 1 else None
        outcome = self.exchange(mechanism, name, first)
        self.record.auth.append((name, outcome))
        code = {"ok": "235 2.7.0 welcome", "cancelled": "501 5.7.0 cancelled",
                "refused": "535 5.7.8 credentials refused"}.get(outcome)
        if code and self.settled(code) == 235 and outcome == "ok":
            self.record.user = self.user = self.candidate

    def bindings(self) -> sasl.Bindings:
        """Python has no tls-exporter, so -PLUS is for TLS up to 1.2."""
        if not self.secure or not self.server.chain or not self.server.binds:
            return {}
        return {"tls-server-end-point": bytes.fromhex(self.server.chain.sha256)}

    def settled(self, usual: str) -> int:
        """The last word of AUTH; a script that answers 334 here asks on until the client gives up."""
        while (code := self.step("auth", usual)) == 334:
            if self.wire.read_line().rstrip(b"\r\n") == b"*":
                return self.step("auth-cancel", "501 5.7.0 cancelled")
        return code

    def exchange(self, mechanism: sasl.Exchange, name: str, first: bytes | None) -> str:
        """Run the rounds; gives ok, refused, cancelled, or scripted where the script ended it."""
        try:
            challenge = next(mechanism)
            if first is not None:
                challenge = mechanism.send(sasl.decode(first))
            elif name in sasl.CLIENT_FIRST and challenge == b"":
                self.seen["auth-empty"] += 1
            while True:
                encoded = sasl.base64.b64encode(challenge).decode()
                if self.step("auth-round", f"334 {encoded}") != 334:
                    return "scripted"
                challenge = mechanism.send(sasl.decode(self.wire.read_line().rstrip(b"\r\n")))
        except StopIteration as done:
            self.candidate = done.value
            return "ok"
        except sasl.Cancelled:
            return "cancelled"
        except (sasl.Refused, KeyError, IndexError, ValueError):
            return "refused"

    # the transaction

    def clear(self) -> None:
        self.sender: str | None = None
        self.params: dict[str, str] = {}
        self.recipients: list[Recipient] = []
        self.chunks: list[int] = []
        self.parts: list[bytes] = []

    def path(self, argument: str, keyword: str) -> tuple[str, dict[str, str]] | None:
        """`FROM:<a@b> SIZE=1` becomes ("a@b", {"SIZE": "1"})."""
        found = re.fullmatch(rf"{keyword}:<((?:\"(?:\\.|[^\"\\])*\"|[^\">])*)>((?: [^ ]+)*)", argument)
        if not found:
            self.sin(f"malformed path: {argument[:100]!r}")
            return None
        params = dict((p.partition("=")[0].upper(), p.partition("=")[2]) for p in found[2].split())
        for name in params:
            self.check_parameter(name)
        return found[1], params

    def check_parameter(self, name: str) -> None:
        needs = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8", "RET": "DSN", "ENVID": "DSN",
                 "NOTIFY": "DSN", "ORCPT": "DSN", "REQUIRETLS": "REQUIRETLS", "AUTH": "AUTH",
                 "HOLDFOR": "FUTURERELEASE", "BY": "DELIVERBY", "MT-PRIORITY": "MT-PRIORITY"}
        if name not in needs or not self.offers(needs[name]):
            self.sin(f"parameter {name} was not offered")

    def on_mail(self, argument: str) -> None:
        if self.sender is not None:
            self.sin("MAIL inside a transaction")
        parsed = self.path(argument, "FROM")
        code = self.step("mail", "250 2.1.0 ok" if parsed else "501 5.5.4 syntax")
        if parsed and code == 250:
            self.clear()
            self.sender, self.params = parsed

    def on_rcpt(self, argument: str) -> None:
        parsed = self.path(argument, "TO")
        usual = "250 2.1.5 ok" if parsed and parsed[0] and self.sender is not None else "503 5.5.1 sequence"
        code = self.step("rcpt", usual, parsed[0] if parsed else "")
        if parsed and self.sender is not None:
            self.recipients.append(Recipient(parsed[0], parsed[1], code))

    def accepted(self) -> bool:
        return any(200 <= r.code < 300 for r in self.recipients)

    def on_data(self, _: str) -> None:
        ready = "354 end with a dot" if self.accepted() else "554 5.5.1 no valid recipients"
        if self.step("data", ready) == 354:
            wire, decoded = read_data(self)
            self.finish("dot", wire, decoded, "DATA")

    def on_bdat(self, argument: str) -> None:
        size, _, last = argument.partition(" ")
        if not self.offers("CHUNKING"):
            self.sin("BDAT was not offered")
        part = read_chunk(self, int(size))
        if not self.accepted():
            self.step("bdat", "503 5.5.1 no valid recipients")
            return
        self.chunks.append(int(size))
        self.parts.append(part)
        if last.upper() == "LAST":
            whole = b"".join(self.parts)
            self.finish("bdat", whole, whole, "BDAT")
        elif self.step("bdat", "250 2.0.0 chunk taken") != 250:
            self.clear()

    def finish(self, step: str, wire: bytes, decoded: bytes, command: str) -> None:
        message = Message(self.sender or "", self.params, self.recipients, wire, decoded, command,
                          self.chunks, False, self.secure, self.user)
        self.record.messages.append(message)
        self.clear()
        todo = self.planned(step, f"250 2.0.0 taken as {len(self.record.messages)}")
        message.accepted = 200 <= todo.code < 300
        self.run(todo)

    def on_rset(self, _: str) -> None:
        self.clear()
        self.step("rset", "250 2.0.0 reset")

    def on_noop(self, _: str) -> None:
        self.step("noop", "250 2.0.0 ok")

    def on_quit(self, _: str) -> None:
        self.step("quit", "221 2.0.0 bye")
        self.end("quit", orderly=True)
