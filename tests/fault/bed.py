# SPDX-License-Identifier: GPL-3.0-or-later
"""What all parts of the fault tests stand on: a fast server, a queue of its own, and the program with the shim."""
from __future__ import annotations

import ctypes
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/e2e"))

import queue_files  # noqa: E402

ME = "me@example.com"
LIMIT = 20          # seconds for one run of the program
SUBREAPER = 36      # prctl(2): whose parent died becomes our child
SHARE, NAME = 64 * 1024, 12     # octets, as in shim.c
OLD = 2 * 3600      # seconds; a draft of that age is swept away


def adopt_orphans() -> None:
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


class Sink:
    """An SMTP server that remembers who got what. What it answers to RCPT is in the address:
    gone...: 550; full...: 450; busy...: 450 until `calm` is set; others get 250. Until then it may be rude, too: out
    of so many answers one, at random, is 421 with its hanging up, or hanging up without a word."""

    def __init__(self) -> None:
        self.calm = False
        self.rude = 0                   # one out of so many; 0: never
        self.log: Path | None = None    # gets a line for each recipient, before he is answered for
        self.lock = threading.Lock()
        self.taken: Counter[tuple[str, str]] = Counter()    # (key of the message, recipient)
        self.reports: Counter[tuple[str, str, str]] = Counter()     # (key, recipient, action)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def forget(self) -> None:
        with self.lock:
            self.taken.clear()
            self.reports.clear()
            self.calm = False

    def accept(self) -> None:
        while True:
            one, _ = self.socket.accept()
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one: socket.socket) -> None:
        try:
            with one, one.makefile("rb") as lines:
                self.talk(one, lines)
        except OSError:
            pass    # killed on the way

    def talk(self, one: socket.socket, lines) -> None:
        sender, people = "", []
        one.sendall(b"220 sink\r\n")
        for line in lines:
            verb, argument = line[:4].upper(), line[4:].strip()
            answer = b"250 ok\r\n"
            if verb == b"EHLO":
                answer = b"250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n"
            elif verb == b"MAIL":
                sender, people = path_in(argument), []
            elif verb == b"RCPT":
                answer = self.judge(path_in(argument), people)
            elif verb == b"DATA":
                answer = b"354 go\r\n" if people else b"554 nobody\r\n"
            elif verb == b"QUIT":
                answer = b"221 bye\r\n"
            if self.hangs_up(one):
                return
            one.sendall(answer)
            if answer.startswith(b"354"):
                data = read_data(lines)
                if data is None or self.hangs_up(one):
                    return
                self.take(sender, people, data)
                one.sendall(b"250 taken\r\n")
                people = []
            elif verb == b"QUIT":
                return

    def hangs_up(self, one: socket.socket) -> bool:
        if not self.rude or self.calm or random.randrange(self.rude) != 0:
            return False
        if random.random() < 0.5:
            one.sendall(b"421 4.3.2 closing\r\n")
        return True

    def judge(self, person: str, people: list[str]) -> bytes:
        if person.startswith("gone"):
            return b"550 5.1.1 no such user\r\n"
        if person.startswith("full") or (person.startswith("busy") and not self.calm):
            return b"450 4.2.2 not now\r\n"
        people.append(person)
        return b"250 ok\r\n"

    def take(self, sender: str, people: list[str], data: bytes) -> None:
        key = next(iter(re.findall(rb"^X-Key: (\S+)", data, re.M)), b"?").decode()
        action = next(iter(re.findall(rb"^Action: (\S+)", data, re.M)), b"?").decode()
        about = [p.decode() for p in re.findall(rb"^Final-Recipient: rfc822; (\S+)", data, re.M)]
        with self.lock:
            if about:
                self.reports.update((key, person, action) for person in about)
            else:
                self.taken.update((key, person) for person in people)
        if self.log:
            what = "".join(f"0\ttaken\t{person}\t{key}\t0\t0\t1\n\n" for person in about or people)
            fd = os.open(self.log, os.O_WRONLY | os.O_APPEND)
            os.write(fd, what.encode())
            os.close(fd)


def path_in(argument: bytes) -> str:
    return argument[argument.index(b"<") + 1:argument.index(b">")].decode()


def read_data(lines) -> bytes | None:
    pieces = []
    for line in lines:
        if line == b".\r\n":
            return b"".join(pieces)
        pieces.append(line)
    return None


@dataclass
class Outcome:
    rc: int                 # of the program itself; negative: killed
    err: str
    killed: bool            # it, or another process of its
    fired: int              # how often the shim stepped in
    calls: list[str]        # names of all calls that were counted


def what_happened(share: Path) -> tuple[int, list[str]]:
    """How often the shim stepped in, and the names of the calls, as it left them in SHARE."""
    data = share.read_bytes()
    count, fired = struct.unpack("II", data[:8])
    names = [data[at:at + NAME].rstrip(b"\0").decode() for at in range(NAME, NAME * (count + 1), NAME)]
    return fired, names


class Bed:
    """One home, one queue, one sink; used for one case after the other."""

    def __init__(self, folder: Path, program: Path, shim: Path, sink: Sink | None = None):
        self.program, self.shim = program, shim
        self.sink = sink or Sink()
        self.home = folder
        self.home.mkdir(parents=True)
        self.queue = self.home / "queue"
        self.log = self.home / "calls"
        self.share = self.home / "share"
        self.share.write_bytes(bytes(SHARE))
        self.config = self.home / "postrider.ini"
        self.configure()
        self.environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def configure(self, **keys: str) -> None:
        rows = {"host": "127.0.0.1", "port": str(self.sink.port), "tls": "none", "from": ME, "log": "none",
                "domain": "example.com", "hello": "client.test", "aliases": "", "timeout": "5", "warn": "4h",
                "retry": "1h", "connections": "1", "queue-dir": str(self.queue),
                **{k.replace("_", "-"): v for k, v in keys.items()}}
        self.config.write_text("".join(f"{k} = {v}\n" for k, v in rows.items()))
        self.config.chmod(0o600)

    def clear(self) -> None:
        shutil.rmtree(self.queue, ignore_errors=True)
        self.queue.mkdir(mode=0o700)
        self.sink.forget()

    def put(self, **facts) -> queue_files.Entry:
        """A message in the queue; its key is its id."""
        one = queue_files.Entry(account="default", **facts)
        one.content = b"From: me@example.com\r\nX-Key: %s\r\n\r\nA line.\r\n" % one.id.encode()
        return queue_files.write_entry(self.queue, one)

    def start(self, args: list[str], at: int = 0, how: str = "", log: bool = False, **more) -> subprocess.Popen:
        """AT and HOW as the shim has them; without HOW, and without LOG, there is no shim."""
        env = dict(self.environment)
        if how or log:
            env.update(LD_PRELOAD=str(self.shim), FAULT_FOLDER=str(self.queue), FAULT_SHARE=str(self.share),
                       FAULT_AT=str(at), FAULT_HOW=how)
        if log:
            env["FAULT_LOG"] = str(self.log)
        return subprocess.Popen([str(self.program), "-C", str(self.config), *args], stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, cwd="/", **more)

    def run(self, args: list[str], stdin: bytes = b"", at: int = 0, how: str = "", log: bool = False) -> Outcome:
        """Run it, and wait for those that it left in the background."""
        self.share.write_bytes(bytes(SHARE))
        if log:
            self.log.write_bytes(b"")
        process = self.start(args, at, how, log)
        try:
            _, err = process.communicate(stdin, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError(f"{args}: not done after {LIMIT} s") from None
        bury()
        fired, calls = what_happened(self.share)
        killed = how == "kill" and fired != 0
        assert process.returncode >= 0 or killed, f"it died of signal {-process.returncode}"
        return Outcome(process.returncode, err.decode("utf-8", "replace"), killed, fired, calls)

    def settle(self) -> None:
        """No more faults: let everything be sent that is there, and age what the dead left."""
        self.sink.calm = True
        for path in (self.queue / "tmp").glob("*"):
            os.utime(path, (time.time() - OLD,) * 2)
        for _ in range(3):
            done = self.run(["--flush"])
            assert done.rc == 0 and not done.err, f"a run without faults: {done}"
            if not self.names("q"):
                return

    def names(self, folder: str) -> list[str]:
        return sorted(p.name for p in (self.queue / folder).glob("*"))

    def entries(self, folder: str = "q") -> list[queue_files.Entry]:
        """What is there; an AssertionError for a file that is not whole."""
        return queue_files.entries(self.queue, folder)


def bury() -> None:
    """Wait for all our children, adopted ones too."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            pid, how = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.0005)
        elif os.WIFSIGNALED(how):
            assert os.WTERMSIG(how) == signal.SIGKILL, f"a process died of signal {os.WTERMSIG(how)}"
    raise AssertionError("what was left in the background does not end")
