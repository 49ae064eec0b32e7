# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that keeps what it cannot send, and what tests ask of its queue."""
from __future__ import annotations

import time
from pathlib import Path
from typing import Callable

from helpers import MAIL, YOU, Rider, Run, account, config
from queue_files import FOLDERS, PENDING, Entry, entries, write_entry
from server import Server

PATIENCE = 10       # seconds that something in the background may take on a busy machine


def until(holds: Callable[[], object]) -> bool:
    """Wait for what a process in the background is to do."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.01)
    return bool(holds())


class QueueBed:
    """The queue of RIDER's own, empty at first."""

    def __init__(self, rider: Rider):
        self.rider = rider
        self.path: Path = rider.home / ".local/state/postrider/queue"

    def use(self, server: Server | None = None, **keys: object) -> "QueueBed":
        """One account, which queues."""
        return self.configure(account(server, **keys))

    def configure(self, *sections: str, **keys: str) -> "QueueBed":
        self.rider.configure(config(*sections, **{"queue": None, **keys}))
        return self

    def send(self, *args: str, mail: bytes = MAIL, **more) -> Run:
        return self.rider(["-i", *(args or (YOU,))], mail, **more)

    def run(self, *args: str, **more) -> Run:
        """A run of the queue, over what is due unless ARGS say otherwise."""
        return self.rider(list(args) or ["-q"], b"", name="postrider", **more)

    def flush(self, **more) -> Run:
        return self.run("--flush", **more)

    def put(self, **facts) -> Entry:
        """A message that was queued before."""
        return write_entry(self.path, **facts)

    def all(self, folder: str = "q") -> list[Entry]:
        """What FOLDER holds; a file that is not whole, and what others may read, is a failure."""
        for path in (self.path / folder).glob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
        return entries(self.path, folder)

    @property
    def one(self) -> Entry:
        found = self.all()
        assert len(found) == 1, found
        return found[0]

    @property
    def waiting(self) -> list[list[str]]:
        """Of each message, who still waits."""
        return [e.of(PENDING) for e in self.all()]

    def names(self, folder: str = "q") -> list[str]:
        return sorted(p.name for p in (self.path / folder).glob("*"))

    @property
    def is_clean(self) -> bool:
        """Nothing waits, and nothing is left over."""
        return not any(self.names(folder) for folder in FOLDERS)
