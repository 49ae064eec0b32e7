# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS: Knot has the zones, and signs them; Unbound resolves and validates, as the servers do that people use."""
from __future__ import annotations

import subprocess
from pathlib import Path

from .base import RealServer, free_ports, library_path, unpacked

PLAIN, SIGNED, BOGUS = "plain.test", "signed.test", "bogus.test"
ZONES = (PLAIN, SIGNED, BOGUS)

KNOT = """\
server:
  rundir: {folder}/run
  listen: 127.0.0.1@{port}
database:
  storage: {folder}/db
log:
  - target: stderr
    any: info
policy:
  - id: quick
    algorithm: ecdsap256sha256
    single-type-signing: on
template:
  - id: default
    storage: {folder}/zones
    file: "%s.zone"
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
zone:
  - domain: {plain}
  - domain: {signed}
    dnssec-signing: on
    dnssec-policy: quick
  - domain: {bogus}
    dnssec-signing: on
    dnssec-policy: quick
"""

# Nothing is cached, so that what a test publishes counts at once; and nobody outside is asked anything.
UNBOUND = """\
server:
  interface: 127.0.0.1
  port: {port}
  do-ip6: no
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  do-not-query-localhost: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  log-servfail: yes
  module-config: "validator iterator"
  trust-anchor-file: "{folder}/anchors"
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
  local-zone: "." refuse
  local-zone: "test." transparent
remote-control:
  control-enable: no
"""

STUB = """\
stub-zone:
  name: "{zone}"
  stub-addr: 127.0.0.1@{port}
  stub-no-cache: yes
"""

RECORDS = """\
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
@ TXT "v=spf1 -all"
@ MX 20 mx2
@ MX 10 mx1
ns A 127.0.0.1
mx1 A 127.0.0.1
mx1 AAAA ::1
mx2 CNAME mx1
implicit A 127.0.0.1
alias CNAME implicit
alias2 CNAME alias
dangling CNAME nowhere
null MX 0 .
self MX 0 localhost.
literal MX 0 192.0.2.1.
nomail TXT "neither MX nor address"
_submissions._tcp SRV 0 1 465 mx1
_submission._tcp SRV 10 0 587 mx1
_submission._tcp SRV 0 0 2587 mx2
_submissions._tcp.none SRV 0 0 0 .
_submission._tcp.none SRV 0 0 0 .
_25._tcp.mx1 TLSA 3 1 1 ( 0123456789abcdef0123456789abcdef
  0123456789abcdef0123456789abcdef )
""" + "".join(f"large MX {n} {'x' * 40}.{n}.large\n" for n in range(1, 61))

# A key that nobody signs with, so that the zone looks forged.
OTHER_ANCHOR = f"{BOGUS}. DS 1 13 2 {'00' * 32}\n"


class Authority(RealServer):
    """Knot: each zone of ZONES holds RECORDS."""

    def __init__(self, root: Path):
        super().__init__("knot")
        self.root = root
        (self.port,) = free_ports(1)
        self.environment = {"PATH": "/usr/sbin:/usr/bin", "LD_LIBRARY_PATH": library_path(root)}
        self.config = self.folder / "knot.conf"

    def start(self) -> "Authority":
        for name in ("run", "db", "zones"):
            (self.folder / name).mkdir()
        for zone in ZONES:
            self.file(zone).write_text(RECORDS)
        self.config.write_text(KNOT.format(folder=self.folder, port=self.port, plain=PLAIN, signed=SIGNED,
                                           bogus=BOGUS))
        self.launch([str(self.root / "usr/sbin/knotd"), "-c", str(self.config)], self.environment, self.port)
        return self

    def file(self, zone: str) -> Path:
        return self.folder / "zones" / f"{zone}.zone"

    def run(self, program: str, *arguments: str) -> str:
        done = subprocess.run([str(self.root / "usr/sbin" / program), "-c", str(self.config), *arguments],
                              env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.args, done.stdout, done.stderr, self.log_text()[-2000:])
        return done.stdout

    def anchor(self, zone: str) -> str:
        return self.run("keymgr", zone, "ds")

    def publish(self, lines: str) -> None:
        """Add LINES, in the format of zone files, to each zone; they count when this returns."""
        for zone in ZONES:
            with self.file(zone).open("a") as file:
                file.write(lines.rstrip("\n") + "\n")
        self.run("knotc", "--blocking", "zone-reload")


class Resolver(RealServer):
    """Unbound, with the zones of AUTHORITY: signed.test validates, bogus.test does not."""

    def __init__(self, authority: Authority):
        super().__init__("unbound")
        self.authority = authority
        (self.port,) = free_ports(1)

    def start(self) -> "Resolver":
        authority = self.authority
        (self.folder / "anchors").write_text(authority.anchor(SIGNED) + OTHER_ANCHOR)
        stubs = "".join(STUB.format(zone=zone, port=authority.port) for zone in ZONES)
        config = self.folder / "unbound.conf"
        config.write_text(UNBOUND.format(folder=self.folder, port=self.port) + stubs)
        self.launch([str(authority.root / "usr/sbin/unbound"), "-d", "-c", str(config)], authority.environment,
                    self.port)
        return self


class Dns:
    """`resolver` is what the key of that name gets."""

    def __init__(self) -> None:
        self.authority = Authority(unpacked())
        self._resolver: Resolver | None = None

    def start(self) -> "Dns":
        self.authority.start()
        self._resolver = Resolver(self.authority)
        self._resolver.start()
        return self

    @property
    def resolver(self) -> str:
        assert self._resolver
        return f"127.0.0.1:{self._resolver.port}"

    def publish(self, lines: str) -> None:
        self.authority.publish(lines)

    def stop(self) -> None:
        for one in (self._resolver, self.authority):
            if one:
                one.stop()
