# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenarios, measured: a server for each, and all programs against it."""
import contextlib
import os
import subprocess
import sys
from pathlib import Path

import programs
from measure import Failed, Meter
from relay import Relay
from queue_bench import QueueBench
from scenarios import FAR, LARGE, SMALL, Scenario

sys.path.append(str(Path(__file__).resolve().parents[1] / "e2e"))
from server.certs import Certificates

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
LINE = b"QWxsIG1haWwgaXMgdGV4dCwgYW5kIGEgbG90IG9mIG1haWwgaXMgYmFzZTY0IG9mIHNvbWV0aGlu\n"
RTT = 0.02
HUGE = 256 << 20
SLOW = 3        # seconds; what takes longer is not measured again


class Bench:
    """Each method yields (scenario, program's name, numbers by the names of UNITS)."""

    def __init__(self, folder, program):
        self.folder, self.program = folder, program
        self.tools = program.parent / "tests/bench"
        self.certificates = Certificates(folder)
        self.authorities = folder / "authorities.pem"
        self.authorities.write_bytes(BUNDLE.read_bytes() + self.certificates.ca.read_bytes())
        self.meter = Meter(self.tools, folder, {"PATH": os.environ["PATH"], "HOME": str(folder)})
        self.senders = programs.installed(program, folder)

    @contextlib.contextmanager
    def sink(self, scenario):
        """A server for SCENARIO: its port."""
        chain = self.certificates["good"]
        command = [self.tools / "sink", "-c", chain.certificates, "-k", chain.key]
        command += ["-i"] * (scenario.tls == "implicit")
        with subprocess.Popen([*command, "--", *scenario.keywords], stdout=subprocess.PIPE) as process:
            try:
                yield int(process.stdout.readline())
            finally:
                process.kill()

    def message(self, size):
        """A file with a message of base64, as most of large mail is."""
        path = self.folder / "message"
        with open(path, "wb") as file:
            file.write(b"From: me@example.com\nTo: reader0@example.net\nSubject: bench\n\n")
            while file.tell() < size:
                file.write((LINE * 4096)[:size - file.tell()])
        return path

    def each(self, scenario, port, measure):
        """A row for each program: MEASURE takes a command. A peer that fails is left out, aloud."""
        route = programs.Route(port, scenario.tls, scenario.login, self.authorities)
        for sender in self.senders:
            try:
                yield scenario, sender.name, measure(sender.command(route, scenario.recipients))
            except Failed as failure:
                if sender is self.senders[0]:
                    raise
                print(f"bench: {failure}", file=sys.stderr)

    def costs(self, command, mail, code=0):
        times = self.meter.times(command, mail, 50, code)
        return {"instructions": self.meter.instructions(command, mail, code),
                "calls": self.meter.calls(command, mail, code),
                "wall": times.wall, "cpu": times.cpu, "memory": times.memory}

    def small(self):
        """One message of 2 KiB"""
        mail = self.message(2048)
        for scenario in SMALL:
            with self.sink(scenario) as port:
                yield from self.each(scenario, port, lambda command: self.costs(command, mail))
        yield from QueueBench(self, "one").one()

    def start(self):
        """Nothing sent"""
        mail, program = self.message(2048), str(self.program)
        for option, code in (("--version", 0), ("--no-such-option", 64)):
            yield Scenario(option), self.senders[0].name, self.costs([program, option], mail, code)

    def far(self):
        """One message of 2 KiB, to a server 20 ms away"""
        mail = self.message(2048)
        for scenario in FAR:
            with self.sink(scenario) as port:
                relay = Relay(port, RTT)

                def wait(command):
                    wall = self.meter.times(command, mail, 7).wall
                    return {"trips": relay.trips, "wall": wall}
                yield from self.each(scenario, relay.port, wait)

    def large(self):
        """One message of 256 MiB"""
        mail = self.message(HUGE)

        def pour(command):
            times = self.meter.times(command, mail, 1)
            if times.wall < SLOW:
                times = self.meter.times(command, mail, 5)
            return {"speed": HUGE / times.fastest, "wall": times.wall, "cpu": times.cpu, "memory": times.memory}
        for scenario in LARGE:
            with self.sink(scenario) as port:
                yield from self.each(scenario, port, pour)

    def enqueue(self):
        """Messages of 2 KiB into the queue"""
        yield from QueueBench(self, "enqueue").enqueue()

    def list(self):
        """10,000 messages in the queue"""
        yield from QueueBench(self, "list").list()

    def flush(self):
        """Messages of 2 KiB out of the queue, by one connection"""
        yield from QueueBench(self, "flush").flush()
