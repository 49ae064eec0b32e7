# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's side of AUTH (RFC 4954). Each mechanism is a generator: it yields challenges, is sent the
client's answers, and returns the user's name, or raises Refused."""
from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from typing import Callable, Generator

Exchange = Generator[bytes, bytes, str]
Users = dict[str, str]
Bindings = dict[str, bytes]     # the channel bindings that the server can check, by type
ROUNDS = 4096


class Refused(Exception):
    pass


class Cancelled(Exception):
    pass


def _check(users: Users, user: bytes, password: bytes) -> str:
    name = user.decode("utf-8", "replace")
    if users.get(name, "\0").encode() != password:
        raise Refused(name)
    return name


def plain(users: Users) -> Exchange:
    """RFC 4616."""
    parts = (yield b"").split(b"\0")
    if len(parts) != 3 or parts[0] not in (b"", parts[1]):
        raise Refused("malformed")
    return _check(users, parts[1], parts[2])


def login(users: Users) -> Exchange:
    user = yield b"Username:"
    password = yield b"Password:"
    return _check(users, user, password)


def cram_md5(users: Users) -> Exchange:
    """RFC 2195."""
    challenge = b"<%d.1@bed.test>" % int.from_bytes(os.urandom(4), "big")
    user, _, digest = (yield challenge).partition(b" ")
    password = users.get(user.decode("utf-8", "replace"), "\0").encode()
    if hmac.new(password, challenge, "md5").hexdigest().encode() != digest:
        raise Refused(user.decode("utf-8", "replace"))
    return user.decode()


def xoauth2(users: Users) -> Exchange:
    parts = dict(p.split(b"=", 1) for p in (yield b"").split(b"\x01") if b"=" in p)
    user = parts.get(b"user", b"")
    token = parts.get(b"auth", b"").partition(b"Bearer ")[2]
    return (yield from _bearer(users, user, token))


def oauthbearer(users: Users) -> Exchange:
    """RFC 7628."""
    first = yield b""
    user = first.partition(b"a=")[2].partition(b",")[0]
    token = first.partition(b"auth=Bearer ")[2].partition(b"\x01")[0]
    return (yield from _bearer(users, user, token))


def _bearer(users: Users, user: bytes, token: bytes) -> Exchange:
    try:
        return _check(users, user, token)
    except Refused:
        yield b'{"status":"401","schemes":"bearer","scope":"\x1b[31mmail"}'
        raise


def _fields(message: bytes) -> dict[bytes, bytes]:
    return dict(p.split(b"=", 1) for p in message.split(b",") if b"=" in p)


def _channel(header: bytes, plus: bool, bindings: Bindings) -> bytes:
    """What the client has to repeat and sign. Who says that we offer no -PLUS did not see our offer."""
    flag = header.split(b",")[0]
    if plus:
        kind = flag.partition(b"p=")[2].decode()
        if kind not in bindings:
            raise Refused("channel binding")
        return header + bindings[kind]
    if flag != b"n" and (flag != b"y" or bindings):
        raise Refused("channel binding")
    return header


def _scram(algorithm: str, plus: bool) -> Callable[[Users, Bindings], Exchange]:
    """RFC 5802. BINDINGS are empty where the server knows no -PLUS."""
    def exchange(users: Users, bindings: Bindings) -> Exchange:
        first = yield b""
        bare = first.split(b",", 2)[2]
        channel = _channel(first[:-len(bare)], plus, bindings)
        want = _fields(bare)
        user = want[b"n"].replace(b"=2C", b",").replace(b"=3D", b"=").decode()
        nonce = want[b"r"] + base64.b64encode(os.urandom(9))
        salt = os.urandom(12)
        offer = b"r=%s,s=%s,i=%d" % (nonce, base64.b64encode(salt), ROUNDS)
        final = yield offer
        proof = _fields(final)
        if proof.get(b"r") != nonce or proof.get(b"c") != base64.b64encode(channel):
            raise Refused(user)
        said = bare + b"," + offer + b"," + final.rpartition(b",p=")[0]
        signature = _verify(algorithm, users.get(user, "\0").encode(), salt, said, proof.get(b"p", b""))
        if (yield b"v=" + base64.b64encode(signature)) != b"":
            raise Refused(user)
        return user
    return exchange


def _verify(algorithm: str, password: bytes, salt: bytes, said: bytes, proof: bytes) -> bytes:
    """The server's signature, if PROOF is right."""
    def mac(key: bytes, text: bytes) -> bytes:
        return hmac.new(key, text, algorithm).digest()
    salted = hashlib.pbkdf2_hmac(algorithm, password, salt, ROUNDS)
    client_key = mac(salted, b"Client Key")
    stored = hashlib.new(algorithm, client_key).digest()
    mask = mac(stored, said)
    wanted = bytes(a ^ b for a, b in zip(client_key, mask))
    if base64.b64encode(wanted) != proof:
        raise Refused("proof")
    return mac(mac(salted, b"Server Key"), said)


MECHANISMS: dict[str, Callable[[Users], Exchange]] = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram_md5,
    "XOAUTH2": xoauth2,
    "OAUTHBEARER": oauthbearer,
}
SCRAM = {
    "SCRAM-SHA-1": _scram("sha1", False),
    "SCRAM-SHA-1-PLUS": _scram("sha1", True),
    "SCRAM-SHA-256": _scram("sha256", False),
    "SCRAM-SHA-256-PLUS": _scram("sha256", True),
}
CLIENT_FIRST = {"PLAIN", "XOAUTH2", "OAUTHBEARER", *SCRAM}


def begin(name: str, users: Users, bindings: Bindings) -> Exchange | None:
    """The exchange of the mechanism called NAME, or None if there is no such mechanism."""
    if name in SCRAM:
        return SCRAM[name](users, bindings)
    return MECHANISMS[name](users) if name in MECHANISMS else None


def decode(line: bytes) -> bytes:
    """An answer's base64; `*` gives up, `=` is the empty initial response."""
    if line == b"*":
        raise Cancelled()
    if line == b"=":
        return b""
    try:
        return base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise Refused("base64") from error
