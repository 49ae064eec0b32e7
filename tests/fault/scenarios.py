# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program is doing when the fault hits it. A new scenario is a row in SCENARIOS."""
from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import Callable

import queue_files
from bed import OLD, Bed

DAY = 86400
SMALL = b"A line.\n"
LARGE = b"".join(b"%07d " % i + b"x" * 55 + b"\n" for i in range(300 * 1024 // 64))


@dataclass
class Scenario:
    name: str
    to: list[str]                                   # recipients of each message
    args: list[str] = field(default_factory=list)   # of a submission; without, it is a run of the queue
    body: bytes = SMALL
    rc: int = 0                 # without a fault
    messages: int = 1           # that a run finds
    facts: Callable[[], dict] = dict                # what else their files say
    before: Callable[[Bed], object] = lambda bed: None
    bounces: int | None = None  # reports "failed" on those who are gone, or full; None: not more than one
    failed: int = 0             # messages that end in failed/
    root: bool = False          # only root can do it

    @property
    def submits(self) -> bool:
        return bool(self.args)

    def prepare(self, bed: Bed) -> list[str]:
        """Make the queue; gives the keys of the messages that were promised."""
        bed.clear()
        self.before(bed)
        return [] if self.submits else [bed.put(to=self.to, **self.facts()).id for _ in range(self.messages)]

    def command(self) -> list[str]:
        return ["-i", *self.args, *self.to] if self.submits else ["-q"]

    def mail(self) -> bytes:
        return b"X-Key: new\nSubject: x\n\n" + self.body if self.submits else b""


def expired() -> dict:
    return {"created": int(time.time()) - 6 * DAY, "attempts": 9}


def late() -> dict:
    return {"created": int(time.time()) - 5 * 3600, "attempts": 3}


def nobody() -> dict:
    return {"sender": ""}


def leave_drafts(bed: Bed) -> None:
    """What two who died had begun, and one who is at it."""
    queue_files.make_folders(bed.queue)
    for age in OLD, OLD, 0:
        path = bed.queue / "tmp" / queue_files.new_id()
        path.write_bytes(b"PR1 ")
        path.chmod(0o600)
        os.utime(path, (time.time() - age,) * 2)


def give_away(bed: Bed) -> None:
    os.chown(bed.queue, 65534, 65534)


OK, BUSY, GONE, FULL = "ok@x.test", "busy@x.test", "gone@x.test", "full@x.test"

SCENARIOS = [
    Scenario("enqueue small", [OK], ["-odq"]),
    Scenario("enqueue large", [OK], ["-odq"], body=LARGE),
    Scenario("enqueue into old folders", [OK, BUSY], ["-odq"], before=leave_drafts),
    Scenario("foreground, fails for now", [BUSY], ["-odi"]),
    Scenario("foreground, some wait", [OK, BUSY], ["-odi"]),
    Scenario("foreground, some wait, some are refused", [OK, BUSY, GONE], ["-odi"], rc=67, bounces=0),
    Scenario("foreground, large, fails for now", [BUSY], ["-odi"], body=LARGE),
    Scenario("background", [OK], ["-odb"]),
    Scenario("background, some are refused", [OK, GONE], ["-odb"], bounces=1),
    Scenario("keep what is refused", [GONE], ["-odi", "-oem"], rc=67, failed=1),
    Scenario("deliver one", [OK]),
    Scenario("deliver three", ["ok@x.test", "ok2@x.test"], messages=3),
    Scenario("one taken, one refused, one waits", [OK, GONE, BUSY], bounces=1),
    Scenario("all are refused", [GONE, "gone2@x.test"], bounces=1),
    Scenario("expired", [OK, FULL], facts=expired, bounces=1),
    Scenario("late", [BUSY], facts=late),
    Scenario("nobody to tell", [OK, GONE], facts=nobody, failed=1, bounces=0),
    Scenario("sweep", [OK], before=leave_drafts),
    Scenario("root, in the queue of somebody else", [OK], ["-odq"], before=give_away, root=True),
]
