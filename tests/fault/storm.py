# SPDX-License-Identifier: GPL-3.0-or-later
"""Many who submit and many who run the queue, all at once, and somebody who kills them at random."""
from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

from bed import LIMIT, Bed, bury

SUBMITTERS, RUNNERS = 8, 4
WAYS = ("-odq", "-odq", "-odi", "-odb")


class Storm:
    def __init__(self, bed: Bed, seconds: float, kills: bool, seed: int):
        self.bed, self.kills = bed, kills
        self.dice = random.Random(seed)
        self.end = time.monotonic() + seconds
        self.lock = threading.Lock()
        self.promised: dict[str, list[str]] = {}
        self.maybe: set[str] = set()            # those whose submitter was killed
        self.killed = 0
        self.running: set[int] = set()
        self.trouble: list[str] = []

    def run_one(self, args: list[str], mail: bytes) -> int | None:
        """Its exit code; None: killed."""
        process = self.bed.start(args)
        with self.lock:
            self.running.add(process.pid)
        _, err = process.communicate(mail, timeout=LIMIT)
        with self.lock:
            self.running.discard(process.pid)
        if process.returncode == -signal.SIGKILL and self.kills:
            return None
        # A run whose worker was killed says so.
        if process.returncode != 0 and not (self.kills and b"died of signal 9" in err):
            self.trouble.append(f"{args}: exit {process.returncode}: {err.decode()}")
        return process.returncode

    def submit(self, number: int) -> None:
        dice, count = random.Random(number), 0
        while time.monotonic() < self.end:
            count += 1
            key = f"s{number}-{count}"
            people = [f"{kind}{i}@x.test" for i, kind in enumerate(dice.choices(("ok", "busy"), k=dice.randint(1, 3)))]
            body = b"x" * 70 + b"\n"
            mail = b"X-Key: %s\n\n" % key.encode() + body * (4000 if dice.random() < 0.02 else 2)
            rc = self.run_one(["-i", dice.choice(WAYS), *people], mail)
            with self.lock:
                if rc == 0:
                    self.promised[key] = people
                else:
                    self.maybe.add(key)

    def flush(self, number: int) -> None:
        dice = random.Random(number)
        while time.monotonic() < self.end:
            self.run_one([dice.choice(("-q", "--flush"))], b"")
            time.sleep(0.02)

    def kill(self) -> None:
        while time.monotonic() < self.end:
            time.sleep(self.dice.uniform(0.01, 0.12))
            with self.lock:
                victims = [pid for one in self.running for pid in (one, *children_of(one))]
                victims += children_of(os.getpid())     # what was left in the background
                self.dice.shuffle(victims)
                self.killed += any(kill_one(victim) for victim in victims)

    def blow(self) -> dict[str, int]:
        """All of it; gives the numbers. Anything lost or doubled too often is an AssertionError."""
        self.bed.configure(connections="3")
        self.bed.clear()
        self.bed.sink.rude = 40
        threads = [threading.Thread(target=self.submit, args=(n,)) for n in range(SUBMITTERS)]
        threads += [threading.Thread(target=self.flush, args=(n,)) for n in range(RUNNERS)]
        if self.kills:
            threads.append(threading.Thread(target=self.kill))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        bury()
        self.bed.settle()
        return self.count()

    def count(self) -> dict[str, int]:
        taken: Counter = self.bed.sink.taken
        lost = [f"{key} for {p}" for key, people in self.promised.items() for p in people if not taken[key, p]]
        doubled = sum(count - 1 for count in taken.values() if count > 1)
        assert not self.trouble, self.trouble[:3]
        assert not lost, f"{len(lost)} lost: {lost[:3]}"
        assert doubled <= self.killed, f"{doubled} doubled by {self.killed} kills"
        assert not self.bed.names("q") and not self.bed.names("corrupt") and not self.bed.names("tmp")
        unknown = {key for key, _ in taken} - set(self.promised) - self.maybe
        assert not unknown, f"messages that nobody sent: {unknown}"
        return {"messages": len(self.promised), "recipients": sum(map(len, self.promised.values())),
                "kills": self.killed, "doubled": doubled, "lost": 0}


def children_of(pid: int) -> list[int]:
    try:
        pids = [int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]
    except OSError:
        return []
    return pids


def kill_one(pid: int) -> bool:
    try:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return False
    return True
