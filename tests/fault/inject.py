# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault at every call: the program is spoiled once, then runs without faults, and nothing may be lost."""
from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass

from bed import Bed, Outcome
from scenarios import Scenario

ROOM, DISK = ("ENOSPC", "EDQUOT", "full"), ("EIO", "dead")
# What each call can fail with. What is interrupted, or moves less than it was to, is no failure.
FAULTS = {
    "open": ("EMFILE", "EINTR", *DISK),
    "create": ("EMFILE", "EINTR", *DISK, *ROOM),
    "mkdir": (*DISK, *ROOM),
    "rename": (*DISK, *ROOM),
    "unlink": DISK,
    "fsync": ("EINTR", *DISK, *ROOM),
    "fdatasync": ("EINTR", *DISK, "ENOSPC", "EDQUOT"),
    "futimens": DISK,
    "flock": DISK,
    "fcntl": DISK,
    "fchown": (*DISK, "EDQUOT"),
    "ftruncate": DISK,
    "fstat": DISK,
    "fstatat": DISK,
    "readdir": DISK,
    "close": ("EINTR", *DISK),
    "write": ("EINTR", "short", *DISK, *ROOM),
    "pwrite": ("EINTR", "short", *DISK, *ROOM),
    "read": ("EINTR", "short", *DISK),
    "pread": ("EINTR", "short", *DISK),
}
DURABLE = ("write", "pwrite", "fsync", "fdatasync", "rename", "unlink")
HARMLESS = ("EINTR", "short")


@dataclass
class Case:
    scenario: Scenario
    number: int         # of the call
    call: str           # its name
    how: str

    def __str__(self) -> str:
        return f"{self.scenario.name}: {self.how} at call {self.number}, {self.call}"


def calls_of(bed: Bed, scenario: Scenario) -> list[str]:
    """The names of the calls that SCENARIO makes without a fault."""
    scenario.prepare(bed)
    done = bed.run(scenario.command(), scenario.mail(), log=True)
    assert done.rc == scenario.rc and done.calls, f"{scenario.name}, without a fault: {done}"
    return done.calls


def cases_of(scenario: Scenario, calls: list[str]) -> list[Case]:
    return [Case(scenario, number, call, how) for number, call in enumerate(calls, 1)
            for how in ("kill", *FAULTS[call])]


def sample(cases: list[Case], share: float, seed: int) -> list[Case]:
    """All that may cost mail, and SHARE of the others."""
    dice = random.Random(seed)
    return [c for c in cases
            if (c.call in DURABLE and c.how in ("kill", "EIO", "ENOSPC")) or dice.random() < share]


def about(report: bytes) -> list[str]:
    return [person.decode() for person in re.findall(rb"^Final-Recipient: rfc822; (\S+)", report, re.M)]


def check_before(bed: Bed, case: Case, done: Outcome) -> None:
    """While the fault is fresh: what the exit code says is so."""
    queued = bed.entries()      # all of it is whole
    if done.killed or not case.scenario.submits:
        return
    waiting = {person for e in queued for person, mark in e.marks.items() if mark in "?F"}
    taken = {person for _, person in bed.sink.taken}
    told = {person for e in queued if e.parent for person in about(e.content)} | {p for _, p, _ in bed.sink.reports}
    if done.rc == case.scenario.rc:
        nowhere = [person for person in case.scenario.to
                   if person not in waiting | taken | told and not (done.rc and f"<{person}>" in done.err)]
        assert not nowhere, f"promised, but nowhere: {nowhere}; {done.err}"
    else:
        assert not waiting, f"told that it failed, but these are in the queue: {waiting}"
        assert done.err.startswith("postrider: "), "it failed without a word"
        assert taken != set(case.scenario.to), "told that it failed, but all have it"


def slack(case: Case, done: Outcome) -> int:
    """How often more than once somebody may get it: what nobody could write down."""
    if done.killed or case.how == "dead":
        return 1
    return int(case.call in ("pwrite", "fdatasync") and case.how in ("EIO", "ENOSPC", "EDQUOT"))


def was_promised(scenario: Scenario, done: Outcome, person: str) -> bool:
    """Was PERSON's copy in the queue, or said to be there or on its way?"""
    if not scenario.submits:
        return True
    return done.rc == scenario.rc and not (done.rc and f"<{person}>" in done.err)


def check_after(bed: Bed, case: Case, done: Outcome, keys: list[str], early: Counter) -> None:
    """Without faults everything ends where it belongs. EARLY is what the server had before."""
    s = case.scenario
    for folder in ("q", "corrupt"):
        assert not bed.names(folder), f"left in {folder}/: {bed.entries(folder)}"
    assert not bed.names("tmp"), f"left in tmp/: {bed.names('tmp')}"
    for key in keys or ["new"]:
        for person in s.to:
            refused = person.startswith(("gone", "full"))
            count, least = bed.sink.taken[key, person], int(was_promised(s, done, person))
            assert refused or count >= least, f"lost for {person}"
            most = 1 + slack(case, done) * early[key, person]
            assert count <= most, f"{count} copies for {person}"
            told = bed.sink.reports[key, person, "failed"]
            wanted = s.bounces if refused and least and s.bounces is not None else 0
            assert told >= wanted, f"no bounce for {person}"
            most = int(refused) + slack(case, done) * early[key, person, "failed"]
            assert told <= most, f"{told} bounces for {person}"
            late, most = bed.sink.reports[key, person, "delayed"], 1 + slack(case, done) * early[key, person, "delayed"]
            assert late <= most, f"{late} notices of delay"
    kept = len(bed.names("failed"))
    assert kept <= s.failed and (kept == s.failed or s.submits), f"{kept} in failed/"


def run_case(bed: Bed, case: Case) -> bool:
    """False if the fault found nothing to hit. AssertionError if an invariant is broken."""
    keys = case.scenario.prepare(bed)
    done = bed.run(case.scenario.command(), case.scenario.mail(), case.number, case.how)
    if done.fired == 0:
        return False
    assert done.killed or done.rc >= 0, f"it died: {done}"
    if case.how in HARMLESS:
        assert done.rc == case.scenario.rc, f"what is no failure became one: {done}"
    check_before(bed, case, done)
    early = bed.sink.taken + bed.sink.reports
    bed.settle()
    check_after(bed, case, done, keys, early)
    return True
