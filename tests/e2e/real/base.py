# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real servers have in common: where they lie, how they start and stop, and who may run them."""
from __future__ import annotations

import email
import email.message
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[3]
LIBRARIES = ("usr/lib/postfix", "usr/lib/dovecot", "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu")


def build_folder() -> Path:
    program = os.environ.get("POSTRIDER")
    return Path(os.environ.get("BUILD") or (Path(program).parent if program else TOP / "build")).resolve()


def unpacked() -> Path:
    """The root of the unpacked packages. Without them the test is skipped, or fails where
    POSTRIDER_REAL=required says that they must be there."""
    script = Path(__file__).parent / "fetch.sh"
    done = subprocess.run([script, build_folder()], capture_output=True, text=True, check=False)
    if done.returncode:
        complain(f"{script.name} could not fetch the servers: {done.stderr.strip()[-200:]}")
    return build_folder() / "real" / "root"


def complain(reason: str) -> None:
    if os.environ.get("POSTRIDER_REAL") == "required":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def need_root(what: str) -> None:
    if os.geteuid() != 0:
        complain(f"{what} must be started by root")


def library_path(root: Path) -> str:
    return ":".join(str(root / folder) for folder in LIBRARIES)


def free_ports(count: int) -> list[int]:
    """Ports for servers that cannot bind to port 0 themselves. They lie below those that the kernel hands out,
    so that no scripted server of another test takes one before its owner does."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(max(1024, first - 20000), first)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        if port not in ports:
            ports.append(port)
    return ports


def wait_for_port(port: int, process: subprocess.Popen, log: Path, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            time.sleep(0.1)     # it may be another's port, and our server about to give up
            if process.poll() is None:
                return
        except OSError:
            time.sleep(0.05)
    text = log.read_text(errors="replace") if log.exists() else ""
    raise AssertionError(f"no server on port {port}; {process.args}; its log:\n{text[-3000:]}")


class RealServer:
    """A folder, a process, a log, and mail delivered to Maildirs below `mail`."""

    def __init__(self, name: str):
        # Not below pytest's folder: that one is closed to other users, and names of sockets must be short.
        self.folder = Path(tempfile.mkdtemp(prefix=f"pr-{name}-"))
        self.folder.chmod(0o755)
        self.mail = self.folder / "mail"
        self.log = self.folder / "log"
        self.output = self.folder / "output"
        self.process: subprocess.Popen | None = None

    def launch(self, command: list[str], environment: dict[str, str], port: int) -> None:
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, start_new_session=True)
        wait_for_port(port, self.process, self.log if self.log.exists() else self.output)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_text(self) -> str:
        return "".join(p.read_text(errors="replace") for p in (self.log, self.output) if p.exists())

    def wait_for_mail(self, subject: str, count: int = 1, seconds: float = 10) -> list[bytes]:
        """The raw messages with this subject, as delivered; COUNT of them or a failure."""
        end = time.monotonic() + seconds
        found: list[bytes] = []
        while time.monotonic() < end:
            found = [data for data in self.delivered() if subject_of(data) == subject]
            if len(found) >= count:
                break
            time.sleep(0.05)
        assert len(found) == count, f"{len(found)} messages '{subject}'; log:\n{self.log_text()[-3000:]}"
        return found

    def delivered(self) -> list[bytes]:
        return [p.read_bytes() for p in self.mail.glob("**/new/*") if p.is_file()]


def subject_of(data: bytes) -> str:
    return str(email.message_from_bytes(data)["Subject"])


def body_of(data: bytes) -> bytes:
    """With LF line ends, as Maildirs keep it or not."""
    return data.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]
