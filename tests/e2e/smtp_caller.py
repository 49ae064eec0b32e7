# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the program's own SMTP server: one that says what a test wants said, over pipes or a socket."""
from __future__ import annotations

import select
import smtplib
import socket
import subprocess
import time
from dataclasses import dataclass

PATIENCE = 10       # seconds for a reply


@dataclass
class Reply:
    code: int
    text: str           # all lines, without codes

    def __eq__(self, other: object) -> bool:
        return self.code == other if isinstance(other, int) else NotImplemented


class Caller:
    """Speaks to a process on its pipes, or through a socket; lines are read strictly."""

    def __init__(self, process: subprocess.Popen | None = None, sock: socket.socket | None = None):
        self.process, self.sock, self.rest = process, sock, b""

    def write(self, data: bytes) -> None:
        if self.sock:
            self.sock.sendall(data)
        else:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def read(self) -> bytes:
        """What comes next, b"" at the end."""
        source = self.sock or self.process.stdout
        assert select.select([source], [], [], PATIENCE)[0], f"no answer; so far: {self.rest!r}"
        if not self.sock:
            return source.read1(65536)
        try:
            return self.sock.recv(65536)
        except ConnectionResetError:
            return b""

    def line(self) -> bytes:
        while b"\r\n" not in self.rest:
            piece = self.read()
            assert piece, f"the end where a reply should be: {self.rest!r}"
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\r\n")
        assert b"\n" not in line and b"\r" not in line and len(line) <= 510, line
        return line

    def reply(self) -> Reply:
        lines = [self.line()]
        while lines[-1][3:4] == b"-":
            lines.append(self.line())
        assert all(one[:3] == lines[0][:3] and one[3:4] in (b" ", b"-") for one in lines), lines
        return Reply(int(lines[0][:3]), "\n".join(one[4:].decode() for one in lines))

    def say(self, line: str) -> Reply:
        self.write(line.encode() + b"\r\n")
        return self.reply()

    def message(self, mail: bytes, sender: str, *to: str) -> Reply:
        """A whole message, which ends in LF, in lock step; the reply to its end, or the first refusal."""
        for line in (f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{one}>" for one in to)):
            reply = self.say(line)
            if reply.code != 250:
                return reply
        assert self.say("DATA") == 354
        self.write(mail.replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return self.reply()

    def hang_up(self) -> bytes:
        """Close our side, and read what is still said."""
        if self.sock:
            self.sock.shutdown(socket.SHUT_WR)
        else:
            self.process.stdin.close()
        return self.drain()

    def drain(self) -> bytes:
        said = self.rest
        for piece in iter(self.read, b""):
            said += piece
        self.rest = b""
        return said

    def end(self, rc: int = 0) -> None:
        """The process is over, and nothing was said on standard error."""
        self.process.wait(PATIENCE)
        err = self.process.stderr.read()
        assert (self.process.returncode, err) == (rc, b""), err
        self.close()

    def close(self) -> None:
        if self.sock:
            self.sock.close()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr) if self.process else ():
            try:
                pipe.close()
            except BrokenPipeError:
                pass        # it did not want to hear the rest


def connect(port: int, host: str = "127.0.0.1") -> Caller:
    return Caller(sock=socket.create_connection((host, port), PATIENCE))


def wait_for_port(port: int, host: str = "127.0.0.1") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection((host, port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"nobody listens at port {port}")


class PipeSMTP(smtplib.SMTP):
    """Python's own client, on a socket that a process has as its standard input and output."""

    def __init__(self, sock: socket.socket):
        super().__init__(local_hostname="client.test")
        self.sock = sock
        code, text = self.getreply()
        assert code == 220, text
