# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue, measured: into it, what is in it, and out of it. Other queues need a service of their own to be set up,
and are not beside it."""
import os
from pathlib import Path

from measure import Failed
from programs import Route
from scenarios import DISK, DISK_CROWD, ENQUEUE, ENQUEUE_CROWD, FLUSHES, LISTS, QUEUED, SESSION, Scenario

PROGRAM, NOBODY = "postrider", "disk"
ROUNDS, EACH = 3, 500
CROWD = 20
FULL = 10_000
PAGES = Path("/proc/sys/vm/drop_caches")
RECIPIENT = "reader0@example.net"


class QueueBench:
    """A queue below BENCH's folder, and what is done to it."""

    def __init__(self, bench, name):
        self.bench, self.meter, self.path = bench, bench.meter, bench.folder / name
        self.mail = bench.message(2048)

    def command(self, *options, port=1):
        """A run of the program with this queue; nobody listens at port 1."""
        sender = self.bench.senders[0]
        config = sender.command(Route(port), ())[:3]
        keys = ("--queue=on-failure", f"--queue-dir={self.path}", "--connections=1")
        return [*config, *keys, *options]

    def fill(self, count, at_once=CROWD):
        return self.meter.tool("crowd", count, at_once, self.mail, *self.command("-odq", "-i", "--", RECIPIENT))

    def disk(self, count, at_once=1):
        return self.meter.tool("disk", count, at_once, self.mail, self.bench.folder / "disk")

    def dialogue(self, count):
        """What a client of -bs says, in one go: a file."""
        content = self.mail.read_bytes().replace(b"\n", b"\r\n")
        one = b"MAIL FROM:<me@example.com>\r\nRCPT TO:<%b>\r\nDATA\r\n%b\r\n.\r\n" % (RECIPIENT.encode(), content)
        path = self.bench.folder / "dialogue"
        path.write_bytes(b"EHLO bench\r\n" + one * count + b"QUIT\r\n")
        return path

    def one(self):
        """One message into a queue that is there already."""
        self.fill(1)
        yield QUEUED, PROGRAM, self.bench.costs(self.command("-odq", "-i", "--", RECIPIENT), self.mail)

    def enqueue(self):
        """All ways take turns, and the best time of each counts: what else uses the disk only ever adds."""
        self.fill(1)
        dialogue = self.dialogue(EACH)
        ways = ((DISK, NOBODY, lambda: self.disk(EACH)), (DISK_CROWD, NOBODY, lambda: self.disk(EACH, CROWD)),
                (ENQUEUE, PROGRAM, lambda: self.fill(EACH, 1)), (ENQUEUE_CROWD, PROGRAM, lambda: self.fill(EACH)),
                (SESSION, PROGRAM, lambda: self.meter.times(self.command("-bs", "-odq"), dialogue, 1).fastest))
        rounds = [[measure() for _, _, measure in ways] for _ in range(ROUNDS)]
        took = [min(times) for times in zip(*rounds)]
        for (scenario, program, _), seconds in zip(ways, took):
            yield scenario, program, {"rate": EACH / seconds, "share": took[0] / seconds}

    def list(self):
        """The first look is at a disk that has forgotten all, where we may make it forget."""
        self.fill(FULL)
        self.meter.times(self.command("-q"), self.mail, 1)
        for scenario, *options in LISTS:
            for name, runs in (("cold", 1), ("warm", 9)):
                if name == "cold" and not forget():
                    continue
                times = self.meter.times(self.command(*options), self.mail, runs)
                targets = scenario.targets if name == "warm" else {}
                yield (Scenario(f"{scenario.name}, {name}", targets=targets), PROGRAM,
                       {"wall": times.wall, "cpu": times.cpu, "memory": times.memory})

    def emptied(self, count, port):
        """What it takes to send COUNT messages."""
        self.fill(count)
        times = self.meter.times(self.command("--flush", port=port), self.mail, 1)
        left = sum(1 for _ in (self.path / "q").iterdir())
        if left:
            raise Failed(f"{left} messages are still in the queue")
        return times

    def flush(self):
        """As above; each message takes one fdatasync, where the disk alone has two."""
        for scenario, count in FLUSHES:
            with self.bench.sink(scenario) as port:
                rounds = [(self.disk(EACH), self.emptied(count, port)) for _ in range(ROUNDS)]
            alone = EACH / min(disk for disk, _ in rounds)
            best = min((times for _, times in rounds), key=lambda t: t.wall)
            rate = count / best.wall
            yield (scenario, PROGRAM,
                   {"rate": rate, "share": rate / alone, "cpu": best.cpu, "memory": best.memory})


def forget():
    """Let the system forget what is on its disks; only root may."""
    try:
        os.sync()
        PAGES.write_text("3\n")
        return True
    except OSError:
        return False
