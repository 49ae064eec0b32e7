# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program as its callers do, and writes its config."""
from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from server import Server

TOP = Path(__file__).resolve().parents[2]
ME = "me@example.com"
YOU = "you@example.net"
MAIL = b"From: me@example.com\nTo: you@example.net\nSubject: hello\n\nA line.\n"

# What a test sets nothing else for: no queue, no log, no aliases of this machine, and little
# patience.
QUIET = {"queue": "never", "log": "none", "timeout": "3", "connect-timeout": "3",
         "domain": "example.com", "hello": "client.test", "aliases": ""}


def program() -> Path:
    return Path(os.environ.get("POSTRIDER") or TOP / "build" / "postrider").resolve()


def config(*sections: str, **keys: str) -> str:
    """A whole file: the keys before the first section (`_` stands for `-`), then the sections."""
    top = {**QUIET, **{k.replace("_", "-"): v for k, v in keys.items()}}
    return "".join(f"{k} = {v}\n" for k, v in top.items() if v is not None) + "\n" + "\n".join(sections)


def account(server: Server | None = None, name: str = "test", **keys: object) -> str:
    """A section for SERVER; a key of None leaves that key out."""
    values: dict[str, object] = {"from": ME}
    if server:
        host = f"[{server.host}]" if ":" in server.host else server.host
        values["host"] = f"unix:{server.path}" if server.path else host
        values["port"] = server.port or None
        values["tls"] = server.tls or "none"
    values.update({k.rstrip("_").replace("_", "-"): v for k, v in keys.items()})
    return f"[account {name}]\n" + "".join(f"{k} = {v}\n" for k, v in values.items() if v is not None)


@dataclass
class Run:
    rc: int                 # negative: killed by that signal
    out: str
    err: str
    seconds: float
    peak_rss: int = 0       # KiB, when asked for

    def __str__(self) -> str:
        return f"exit {self.rc} after {self.seconds:.2f} s\nstdout: {self.out}\nstderr: {self.err}"

    def must(self, rc: int, *said: str) -> "Run":
        """Assert the exit code, and that stderr holds each of SAID (any case)."""
        assert self.rc == rc, f"expected exit {rc}, got {self}"
        for text in said:
            assert text.lower() in self.err.lower(), f"expected '{text}' in {self}"
        return self

    def must_be_silent(self) -> "Run":
        """Success without a word, which callers rely on."""
        self.must(0)
        assert self.out == "" and self.err == "", str(self)
        return self


class Rider:
    """The program in a home of its own. Call it: rider(["-t"], MAIL, config=...)."""

    def __init__(self, folder: Path):
        self.program = program()
        self.home = folder / "home"
        self.bin = folder / "bin"
        for path in (self.home / ".config", self.home / "tmp", self.bin):
            path.mkdir(parents=True)
        for name in ("postrider", "sendmail", "mailq", "newaliases"):
            (self.bin / name).symlink_to(self.program)
        self.config_file = self.home / ".config" / "postrider.ini"
        self.environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin",
                            "TMPDIR": str(self.home / "tmp"),
                            "XDG_CONFIG_HOME": str(self.home / ".config"),
                            "XDG_STATE_HOME": str(self.home / ".local/state"),
                            "XDG_CACHE_HOME": str(self.home / ".cache"),
                            "XDG_RUNTIME_DIR": str(self.home / "tmp")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE", "GCOV_PREFIX"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def configure(self, text: str) -> Path:
        self.config_file.write_text(text)
        self.config_file.chmod(0o600)
        return self.config_file

    def use(self, server: Server, **keys: object) -> "Rider":
        """Configure one account for SERVER."""
        self.configure(config(account(server, **keys)))
        return self

    def write(self, name: str, content: str | bytes, mode: int = 0o600) -> Path:
        """A file in the home, for password-file, aliases and the like."""
        path = self.home / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def start(self, args: list[str] | tuple[str, ...] = (), *, name: str = "sendmail", stdin=subprocess.PIPE,
              env: dict[str, str] | None = None, stdout=None, stderr=None, **more) -> subprocess.Popen:
        command = [str(self.bin / name), *args]
        return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=self.home,
                                env=self.environment if env is None else env, **more)

    def __call__(self, args: list[str] | tuple[str, ...] = (), stdin: bytes | int = MAIL, *,
                 name: str = "sendmail", env: dict[str, str] | None = None, timeout: float = 20,
                 watch_memory: bool = False, **more) -> Run:
        """Run it to its end. STDIN is what it reads from a pipe, or a descriptor."""
        began = time.monotonic()
        out_path, err_path = self.home / "tmp/out", self.home / "tmp/err"
        with open(out_path, "wb") as out, open(err_path, "wb") as err:
            source = stdin if isinstance(stdin, int) else subprocess.PIPE
            process = self.start(args, name=name, stdin=source, env=env, stdout=out, stderr=err, **more)
            if not isinstance(stdin, int):
                threading.Thread(target=feed, args=(process, stdin), daemon=True).start()
            peak = wait_for(process, began + timeout, watch_memory)
        seconds = time.monotonic() - began
        run = Run(process.returncode, read(out_path), read(err_path), seconds, peak)
        assert "AddressSanitizer" not in run.err and "runtime error:" not in run.err, str(run)
        assert run.rc >= 0, f"killed by a signal: {run}"
        return run


def read(path: Path) -> str:
    text = path.read_bytes().decode("utf-8", "backslashreplace")
    path.unlink()
    return text


def feed(process: subprocess.Popen, data: bytes) -> None:
    assert process.stdin
    try:
        process.stdin.write(data)
        process.stdin.close()
    except OSError:
        pass        # it did not want to read all of it


def wait_for(process: subprocess.Popen, end: float, watch_memory: bool) -> int:
    peak = 0
    while process.poll() is None:
        if time.monotonic() > end:
            process.kill()
            process.wait()
            raise AssertionError(f"the program did not end in time: {process.args}")
        if watch_memory:
            peak = max(peak, peak_rss(process.pid))
        time.sleep(0.003)
    return peak


def peak_rss(pid: int) -> int:
    """KiB. Not wait4's ru_maxrss: that one remembers the Python that forked."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
