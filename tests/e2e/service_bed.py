# SPDX-License-Identifier: GPL-3.0-or-later
"""The service for callers without credentials, and these callers.

Its paths are built into the program, so it gets a mount namespace in which they are its own: nothing of this system's
is touched. That takes root."""
from __future__ import annotations

import os
import re
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

import pytest

from helpers import MAIL, Run, account, config, program
from queue_bed import until
from queue_files import Entry, crc32c, entries
from server import Server

SERVICE = 61001         # who the service runs as
NOBODY = 65534          # has a passwd entry
NAMELESS = 61002        # has none
SECRET = "hunter2-rosebud"

SETUP = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
for top in {tops}; do mount -t tmpfs -o mode=755 tmpfs $top; done
mkdir -p /run/bin /run/postrider {etc} {queue}/drop
cp {program} /run/bin/postrider
for name in sendmail mailq; do ln -s postrider /run/bin/$name; done
chown -R {service}:{service} /run/postrider {queue}
chmod 711 {queue}
chmod 3733 {queue}/drop
echo ready
exec sleep 600
"""


def built_in(pattern: bytes) -> str:
    found = re.search(b"(/[ -~]*)" + pattern + b"\\0", program().read_bytes())
    assert found, pattern
    return found.group(1).decode()


def existing(path: str) -> str:
    """PATH, or what of it exists."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS") or k == "GCOV_PREFIX"}
    return {"PATH": "/usr/bin:/bin", **kept}


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class ServiceBed:
    """Zero or one service, and its callers. `path` turns a path of theirs into one that the test can open."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.etc = built_in(b"/postrider\\.ini")
        self.queue = built_in(b"/spool/postrider") + "/spool/postrider"
        tops = sorted({existing(self.etc), existing(self.queue)})
        tops = [t for t in tops if not any(t.startswith(other + "/") for other in tops)]
        if any(t in ("/", "/etc", "/usr", "/run") for t in tops):
            pytest.skip(f"no namespace of its own for a program built for {tops}")
        setup = SETUP.format(tops=" ".join(tops), etc=self.etc, queue=self.queue, program=program(), service=SERVICE)
        self.holder = subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-c", setup],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.daemon: subprocess.Popen | None = None
        if self.holder.stdout.readline() != "ready\n":
            self.stop()
            pytest.skip("no mount namespace can be had here")

    def path(self, path: str) -> Path:
        return Path(f"/proc/{self.holder.pid}/root{path}")

    @property
    def drop(self) -> Path:
        return self.path(self.queue + "/drop")

    def folder_of(self, name: str) -> Path:
        return self.path(f"{self.queue}/{name}")

    def messages(self) -> list[Entry]:
        return entries(self.path(self.queue), "q")

    def names(self, folder: str) -> list[str]:
        return sorted(p.name for p in self.folder_of(folder).glob("*"))

    def configure(self, *sections: str, **keys: str) -> None:
        file = self.path(self.etc + "/postrider.ini")
        file.write_text(config(*sections, **{"queue": None, **keys}))
        os.chown(file, 0, SERVICE)
        file.chmod(0o640)

    def use(self, server: Server | None = None, **keys: object) -> "ServiceBed":
        where = {} if server else {"host": "127.0.0.1", "port": "1", "tls": "none"}
        self.configure(account(server, **{**where, "from": None, **keys}))
        return self

    def inside(self, *command: str, uid: int) -> list[str]:
        return ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", "--", "setpriv", f"--reuid={uid}",
                f"--regid={uid}", "--clear-groups", "--", *command]

    def start(self, *, uid: int = SERVICE, through: tuple[str, ...] = (), **more) -> "ServiceBed":
        self.errors = open(self.folder / "daemon.err", "wb")
        self.daemon = subprocess.Popen(self.inside(*through, "/run/bin/postrider", "-bD", uid=uid), env=environment(),
                                       stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors, **more)
        assert until(self.answers), self.words()
        return self

    def words(self) -> str:
        return (self.folder / "daemon.err").read_text()

    def answers(self) -> bool:
        try:
            self.connect().close()
            return True
        except OSError:
            return False

    def end(self) -> None:
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(timeout=20)
            self.daemon = None
            self.errors.close()
            assert "Sanitizer" not in self.words(), self.words()

    def kill_all(self) -> None:
        """The daemon, and whatever it has started, at once."""
        family = [self.daemon.pid]
        for pid in family:
            try:
                os.kill(pid, signal.SIGSTOP)
                family += children_of(pid)
            except (ProcessLookupError, FileNotFoundError):
                pass        # it has just ended
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.daemon.wait()
        self.daemon = None
        self.errors.close()

    def stop(self) -> None:
        try:
            self.end()
        finally:
            self.holder.kill()
            self.holder.wait()
            self.holder.stdout.close()

    def spooler(self) -> int:
        """The pid of the process that accepts: the first that the daemon starts."""
        assert until(lambda: children_of(self.daemon.pid))
        return children_of(self.daemon.pid)[0]

    def connect(self, uid: int = 0) -> socket.socket:
        """As UID. The way to the socket is root's, so it is gone before."""
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(20)
        here = os.open(".", os.O_PATH)
        os.chdir(self.path("/run/postrider"))
        os.seteuid(uid)
        try:
            s.connect("submit")
        except OSError:
            s.close()
            raise
        finally:
            os.seteuid(0)
            os.fchdir(here)
            os.close(here)
        return s

    def ask(self, request: bytes, uid: int = NOBODY) -> dict[int, bytes]:
        """Send REQUEST, and nothing more; all that the service answers."""
        with self.connect(uid) as s:
            try:
                s.sendall(request)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass        # it has heard enough
            return answer(s)

    def call(self, args: list[str], mail: bytes | int = MAIL, *, uid: int = NOBODY, name: str = "sendmail",
             through: tuple[str, ...] = (), env: dict[str, str] | None = None, timeout: float = 30) -> Run:
        """Run the program as UID, by a command THROUGH which it is started."""
        began = time.monotonic()
        source = {"stdin": mail} if isinstance(mail, int) else {"input": mail}
        done = subprocess.run(self.inside(*through, "/run/bin/" + name, *args, uid=uid),
                              env={**environment(), **(env or {})}, capture_output=True, timeout=timeout, **source)
        run = Run(done.returncode, done.stdout.decode("utf-8", "backslashreplace"),
                  done.stderr.decode("utf-8", "backslashreplace"), time.monotonic() - began)
        assert "AddressSanitizer" not in run.err and run.rc >= 0, str(run)
        return run


# ---- the stream, as src/delivery/frames.h says ----

SUBMIT, LIST = 1, 2
(VERB, FLAGS, SENDER, NAME, RECIPIENT, NOTIFY, RET, ENVID, ACCOUNT, DELIVERY, ID, SELECT, BODY, KIND, SENTENCE, HINT,
 QUEUED, END) = range(1, 19)

def frame(kind: int, value: bytes) -> bytes:
    return struct.pack(">BI", kind, len(value)) + value


def stream(*frames: tuple[int, bytes], verb: int = SUBMIT, end: bool = True) -> bytes:
    data = b"PRS1" + frame(VERB, bytes([verb])) + b"".join(frame(*f) for f in frames)
    octets = sum(len(v) for k, v in frames if k == BODY)
    return data + (frame(END, struct.pack(">QI", octets, crc32c(data))) if end else b"")


def submission(*to: str, mail: bytes = MAIL, **more) -> bytes:
    return stream(*[(RECIPIENT, a.encode()) for a in to], (BODY, mail), **more)


def answer(s: socket.socket) -> dict[int, bytes]:
    """All that the service says, by kind of frame; empty: nothing."""
    data = b""
    try:
        while piece := s.recv(65536):
            data += piece
    except ConnectionError:
        pass
    assert not data or data.startswith(b"PRS1"), data
    at, found = 4, {}
    while at < len(data):
        kind, length = struct.unpack_from(">BI", data, at)
        found[kind] = found.get(kind, b"") + data[at + 5:at + 5 + length]
        at += 5 + length
    return found
