# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted SMTP server: correct by default, wrong on demand, and it remembers everything.

    s = server(steps={"rcpt:2": "550 5.1.1 no such user"})
    s = server(steps={"data": reply("354 go") + b"250 ok\\r\\n"})

See tests/README for the list of steps and actions.
"""
from .actions import (after, alert, close, cut, default, drip, endless, raw, replies, reply, reset,
                      stall, wait)
from .certs import Certificates, Chain
from .listener import Server
from .provider import Provider
from .record import Connection, Message, Recipient
from .socks import Socks

__all__ = ["Certificates", "Chain", "Connection", "Message", "Provider", "Recipient", "Server", "Socks", "after",
           "alert", "close", "cut", "default", "drip", "endless", "raw", "replies", "reply", "reset", "stall", "wait"]
