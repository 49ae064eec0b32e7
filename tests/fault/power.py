# SPDX-License-Identifier: GPL-3.0-or-later
"""Power loss, after each operation: every state that a disk may be in then, by the record of what was done.

What was written to a file since its last sync may be there, in part, as zeros, or not at all. Names made, changed
and removed since the last sync of a folder that they are in may be so or not, each on its own. A rename is done in
both folders or in none.
"""
from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from bed import Bed
from scenarios import Scenario

CHOSEN = ("enqueue small", "enqueue large", "foreground, some wait", "keep what is refused", "deliver one",
          "deliver three", "one taken, one refused, one waits", "all are refused", "expired", "nobody to tell")
DATA = ("none", "all", "half", "zeros")


class Node:
    """A file: what is on the disk, and what was done to it since."""

    def __init__(self, durable: bytes = b""):
        self.durable = durable
        self.since: list[tuple[int, bytes | None]] = []     # (offset, octets), or (length, None): cut there

    def sync(self) -> None:
        self.durable, self.since = self.content("all"), []

    def content(self, how: str) -> bytes:
        data, todo = bytearray(self.durable), self.since
        if how == "none":
            todo = []
        elif how == "half" and len(todo) == 1 and todo[0][1]:
            todo = [(todo[0][0], todo[0][1][:len(todo[0][1]) // 2])]
        elif how == "half":
            todo = todo[:len(todo) // 2]
        for offset, octets in todo:
            if octets is None:
                del data[offset:]
                continue
            end = offset + len(octets)
            data.extend(bytes(max(0, end - len(data))))
            if how == "zeros":
                octets = bytes(data[offset:len(self.durable)]) + bytes(len(octets))
                octets = octets[:end - offset]
            data[offset:end] = octets
        return bytes(data)


@dataclass
class Change:
    """One change of names, which is on the disk for good when one of FOLDERS is synced."""
    kind: str
    path: str
    other: str
    node: Node | None
    folders: tuple[str, ...]


Tree = dict[str, "Node | None"]     # None: a folder


def apply(change: Change, tree: Tree) -> None:
    if change.kind in ("create", "mkdir"):
        tree[change.path] = change.node
    else:
        tree.pop(change.path, None)
    if change.kind == "rename":
        tree[change.other] = change.node


@dataclass
class Disk:
    now: Tree = field(default_factory=dict)
    durable: Tree = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path) -> "Disk":
        tree: Tree = {str(p.relative_to(folder)): None if p.is_dir() else Node(p.read_bytes())
                      for p in sorted(folder.rglob("*"))}
        return cls(dict(tree), tree, [])

    def change(self, kind: str, path: str, other: str = "") -> None:
        node = self.now.get(path) if kind != "create" else Node()
        folders = tuple(str(Path(p).parent) for p in (path, other) if p)
        one = Change(kind, path, other, node, folders)
        apply(one, self.now)
        self.pending.append(one)

    def sync(self, path: str) -> None:
        node = self.now.get(path)
        if node is not None:
            node.sync()
            return
        for one in [c for c in self.pending if path in c.folders]:
            apply(one, self.durable)
            self.pending.remove(one)

    def act(self, name: str, path: str, other: str, offset: int, data: bytes) -> None:
        """One line of the record."""
        node = self.now.get(path)
        if name == "create" and node is None:
            self.change("create", path)
        elif name in ("create", "open") and offset and node is not None:    # O_TRUNC
            node.since.append((0, None))
        elif name in ("mkdir", "unlink", "rename"):
            self.change(name, path, other)
        elif name in ("write", "pwrite") and node is not None:
            node.since.append((offset, data))
        elif name == "ftruncate" and node is not None:
            node.since.append((offset, None))
        elif name in ("fsync", "fdatasync"):
            self.sync(path)

    def states(self) -> Iterator[dict[str, bytes | None]]:
        """What may be found after the power is back, by path; None: a folder."""
        every = range(len(self.pending))
        choices = [list(every)[:n] for n in range(len(self.pending) + 1)]
        choices += [[i for i in every if i != n] for n in every] + [[n] for n in every]
        for choice in choices:
            tree = dict(self.durable)
            for i in choice:
                apply(self.pending[i], tree)
            for how in DATA:
                yield {path: node.content(how) if node else None for path, node in tree.items()
                       if all(str(p) in tree for p in Path(path).parents if str(p) != ".")}


def parse(log: bytes, top: str) -> list[tuple[str, str, str, int, bytes]]:
    """The operations that succeeded, in order; paths as they are below TOP."""
    operations, at = [], 0
    while at < len(log):
        end = log.index(b"\n", at)
        _, name, path, other, offset, length, done = log[at:end].decode().split("\t")
        data = log[end + 1:end + 1 + int(length)]
        at = end + 2 + int(length)
        if done == "1":
            below = [os.path.relpath(p, top) if p.startswith("/") else p for p in (path, other)]
            operations.append((name, below[0], below[1], int(offset), data))
    return operations


def lay_out(folder: Path, state: dict[str, bytes | None]) -> None:
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    for path in sorted(state):
        content = state[path]
        if content is None:
            (folder / path).mkdir(mode=0o700)
        else:
            fd = os.open(folder / path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(fd, content)
            os.close(fd)


def check(bed: Bed, scenario: Scenario, keys: list[str], taken: Counter, told: Counter, ended: bool) -> None:
    """Run without faults on what is there; TAKEN and TOLD is what the server had before."""
    bed.sink.forget()
    bed.sink.taken.update(taken)
    bed.sink.reports.update(told)
    bed.settle()
    assert not bed.names("q") and not bed.names("corrupt"), f"left: {bed.names('q')} {bed.names('corrupt')}"
    for key in keys or ["new"]:
        for person in scenario.to:
            count, bounces = bed.sink.taken[key, person], bed.sink.reports[key, person, "failed"]
            refused, promised = person.startswith(("gone", "full")), keys or ended
            assert refused or not promised or count >= 1, f"lost for {person}"
            assert count <= (1 if ended else 2), f"{count} copies for {person}"
            assert not (refused and keys and scenario.bounces) or bounces >= 1, f"no bounce for {person}"
            assert bounces <= (1 if ended else 2), f"{bounces} bounces for {person}"


def replay(bed: Bed, scenario: Scenario) -> tuple[int, list[str]]:
    """All crashes of one scenario: how many states were tried, and what went wrong."""
    keys = scenario.prepare(bed)
    disk = Disk.of(bed.queue)
    bed.sink.log = bed.log
    done = bed.run(scenario.command(), scenario.mail(), log=True)
    bed.sink.log = None
    assert done.rc == scenario.rc, f"{scenario.name}, without a fault: {done}"
    operations = parse(bed.log.read_bytes(), str(bed.queue))
    taken, told, seen, wrong = Counter(), Counter(), set(), []
    for number in range(len(operations) + 1):
        ended = number == len(operations)
        for state in disk.states():
            mark = (frozenset(state.items()), frozenset(taken.items()), frozenset(told.items()), ended)
            if mark in seen:
                continue
            seen.add(mark)
            lay_out(bed.queue, state)
            try:
                check(bed, scenario, keys, taken, told, ended)
            except AssertionError as error:
                wrong.append(f"{scenario.name}: power lost after operation {number}: {error}")
        if ended:
            break
        name, path, other, offset, data = operations[number]
        if name == "taken" and path.startswith(("gone", "full")):
            told[other, path, "failed"] += 1
        elif name == "taken":
            taken[other, path] += 1
        else:
            disk.act(name, path, other, offset, data)
    return len(seen), wrong
