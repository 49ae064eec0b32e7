# SPDX-License-Identifier: GPL-3.0-or-later
"""An OAuth provider over HTTPS: what it answers is a script, and it remembers what it was asked."""
from __future__ import annotations

import json
import socket
import ssl
import time
import urllib.parse
from typing import Callable

from .acceptor import Acceptor
from .certs import Chain


def answer(code: int = 200, **members: object) -> bytes:
    """A whole response with a JSON object."""
    return http(json.dumps(members).encode(), code)


def http(body: bytes, code: int = 200, *fields: str) -> bytes:
    head = [f"HTTP/1.1 {code} words", "Content-Type: application/json", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def refusal(error: str, words: str | None = None, code: int = 400) -> bytes:
    return answer(code, error=error, **({"error_description": words} if words else {}))


def granted(token: str, **members: object) -> bytes:
    return answer(**{"access_token": token, "token_type": "Bearer", "expires_in": 3600, **members})


class Provider(Acceptor):
    """Use as a context. Each question takes the next answer of the script; the last one repeats. An answer is bytes;
    None closes the connection at once, a number waits for so many seconds and says nothing; what can be called gives
    one of these."""

    def __init__(self, chain: Chain, *answers: bytes | float | None | Callable[[], bytes]):
        super().__init__()
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []   # the forms; "/" is the path
        self.heads: list[str] = []
        self.times: list[float] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(chain.certificates, chain.key)
        self.url = f"https://localhost:{self.port}"

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(10)
        try:
            with client, self._context.wrap_socket(client, server_side=True) as stream:
                self._reply(stream)
        except OSError:
            pass        # it did not like our certificate, or had heard enough

    def _reply(self, stream: ssl.SSLSocket) -> None:
        with stream.makefile("rb") as lines:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += lines.readline()
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            form = dict(urllib.parse.parse_qsl(lines.read(int(fields["Content-Length"])).decode(),
                                               keep_blank_values=True, strict_parsing=True))
        assert fields["Content-Type"] == "application/x-www-form-urlencoded"
        self.heads.append(head.decode())
        self.times.append(time.monotonic())
        self.asked.append({"/": head.decode().split(" ")[1], **form})
        say = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(say):
            say = say()
        if isinstance(say, (int, float)):
            time.sleep(say)
        elif say is not None:
            stream.sendall(say)
            stream.unwrap()
