# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, and what is asked of the program."""
from dataclasses import dataclass, field

MANY = tuple(f"reader{n}@example.net" for n in range(100))
DATA = ("PIPELINING", "SIZE", "8BITMIME", "STARTTLS", "AUTH PLAIN")
CHUNKS = (*DATA, "CHUNKING")


@dataclass(frozen=True)
class Scenario:
    name: str
    tls: str = "none"           # or starttls, implicit; the certificate is verified
    login: bool = False
    keywords: tuple = CHUNKS    # what the server offers
    recipients: tuple = MANY[:1]
    targets: dict = field(default_factory=dict)     # by the names of UNITS


# name: heading, how a number is printed, whether a target is the least
UNITS = {
    "instructions": ("M instr", lambda n: f"{n / 1e6:.2f}", False),
    "calls": ("calls", "{:.0f}".format, False),
    "trips": ("trips", "{:.0f}".format, False),
    "rate": ("msg/s", "{:.0f}".format, True),
    "share": ("of disk", "{:.0%}".format, True),
    "speed": ("MB/s", lambda n: f"{n / 1e6:.0f}", True),
    "wall": ("wall ms", lambda s: f"{s * 1e3:.1f}", False),
    "cpu": ("CPU ms", lambda s: f"{s * 1e3:.1f}", False),
    "memory": ("RSS KiB", "{:.0f}".format, False),
}

RSS = 8192

SMALL = (
    Scenario("plain", targets={"instructions": 0.4e6, "memory": RSS}),
    Scenario("STARTTLS", "starttls", targets={"instructions": 20e6, "memory": RSS}),
    Scenario("implicit TLS, AUTH PLAIN", "implicit", True, targets={"instructions": 20e6, "memory": RSS}),
)
FAR = (
    Scenario("plain, CHUNKING", targets={"trips": 4}),
    Scenario("plain, DATA", keywords=DATA, targets={"trips": 5}),
    Scenario("STARTTLS, AUTH PLAIN", "starttls", True, targets={"trips": 8}),
    Scenario("implicit TLS, AUTH PLAIN", "implicit", True, targets={"trips": 6}),
    Scenario("plain, 100 recipients", recipients=MANY, targets={"trips": 4}),
)
LARGE = (
    Scenario("plain, BDAT", targets={"speed": 500e6, "memory": RSS}),
    Scenario("plain, DATA", keywords=DATA, targets={"speed": 500e6, "memory": RSS}),
    Scenario("STARTTLS, BDAT", "starttls", targets={"memory": RSS}),
    Scenario("STARTTLS, DATA", "starttls", keywords=DATA, targets={"memory": RSS}),
)

# Disks differ by more than programs do: a share is of what a loop of one process does on the same one. The targets are
# 800, 1600 and 3000 messages a second, where that loop does 1660.
DISK = Scenario("the disk alone")
DISK_CROWD = Scenario("the disk alone, 20 at once")
QUEUED = Scenario("-odq, into the queue", targets={"instructions": 0.4e6, "memory": RSS})
ENQUEUE = Scenario("-odq", targets={"share": 0.48})
ENQUEUE_CROWD = Scenario("-odq, 20 at once", targets={"share": 0.96})
SESSION = Scenario("-bs -odq, one session", targets={"share": 0.96})
LISTS = (
    (Scenario("--list", targets={"wall": 0.1, "memory": RSS}), "--list"),
    (Scenario("--list --json", targets={"wall": 0.1, "memory": RSS}), "--json", "--list"),
    (Scenario("-q, nothing due", targets={"wall": 0.1, "memory": RSS}), "-q"),
)
FLUSHES = (
    (Scenario("1,000, BDAT", targets={"share": 1.8, "memory": RSS}), 1000),
    (Scenario("1,000, DATA", keywords=DATA, targets={"share": 1.8, "memory": RSS}), 1000),
    (Scenario("10,000, BDAT", targets={"share": 1.8, "memory": RSS}), 10_000),
)
