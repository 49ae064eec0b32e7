# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault at every call of the service, while it takes in what was left in the drop folder, and sends it.

The service runs as a user of its own, in a mount namespace, confined as it is when it is installed. Only root can
do that."""
from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Callable

import inject
import service_bed
from bed import OLD, SHARE, Sink, what_happened
from queue_files import new_id
from scenarios import Scenario

WHO = "ok@x.test"
FOLDERS = ("q", "tmp", "drop", "import", "corrupt", "failed")
GRACE = 0.1         # seconds that the service gets after the fault, to make it worse
PATIENCE = 10.0     # and to do what it can do
DROPPED = Scenario("import of what was dropped", [WHO])     # for the names of cases


def until(holds: Callable[[], object], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Importer:
    def __init__(self, folder: Path, shim: Path, sink: Sink):
        self.sink, self.shim = sink, shim
        self.share = folder / "share"
        self.share.write_bytes(bytes(SHARE))
        self.share.chmod(0o666)
        self.bed = service_bed.ServiceBed(folder)
        self.bed.configure(service_bed.account(None, host="127.0.0.1", port=str(sink.port), tls="none", from_=None))
        self.key = ""

    def prepare(self) -> None:
        """One message in the drop folder, and nothing else."""
        self.sink.forget()
        for path in self.bed.path(self.bed.queue).iterdir():
            if path.name != "drop":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in self.bed.drop.iterdir():
            path.unlink()
        self.key = new_id()
        path = self.bed.drop / self.key
        path.write_bytes(service_bed.submission(WHO, mail=b"X-Key: %s\n\nA line.\n" % self.key.encode()))
        os.chown(path, service_bed.NOBODY, -1)
        path.chmod(0o640)

    def start(self, *variables: str) -> None:
        self.bed.errors = open(self.bed.folder / "daemon.err", "wb")
        command = self.bed.inside("env", *variables, "/run/bin/postrider", "-bD", uid=service_bed.SERVICE)
        self.bed.daemon = service_bed.subprocess.Popen(
            command, env=service_bed.environment(), stdin=service_bed.subprocess.DEVNULL, stdout=self.bed.errors,
            stderr=self.bed.errors)

    def end(self) -> None:
        if not until(lambda: self.bed.daemon.poll() is not None, 0):
            self.bed.daemon.terminate()
        if not until(lambda: self.bed.daemon.poll() is not None, PATIENCE):
            self.bed.kill_all()
            raise AssertionError("the service does not end")
        self.bed.errors.close()
        self.bed.daemon = None

    @property
    def fired(self) -> int:
        return what_happened(self.share)[0]

    def is_done(self) -> bool:
        return self.sink.taken[self.key, WHO] > 0 and not any(self.bed.names(f) for f in ("q", "drop", "import"))

    def run(self, at: int, how: str) -> list[str]:
        """With a fault, until it had its effect; gives the names of the calls."""
        self.share.write_bytes(bytes(SHARE))
        self.start(f"LD_PRELOAD={self.shim}", f"FAULT_FOLDER={self.bed.queue}", f"FAULT_SHARE={self.share}",
                   f"FAULT_AT={at}", f"FAULT_HOW={how}")
        until(lambda: self.is_done() or self.fired or self.bed.daemon.poll() is not None, PATIENCE)
        until(self.is_done, GRACE if self.fired else 0)
        self.end()
        return what_happened(self.share)[1]

    def settle(self) -> None:
        for path in self.bed.folder_of("tmp").glob("*"):
            os.utime(path, (time.time() - OLD,) * 2)
        self.start()
        until(self.is_done, PATIENCE)
        self.end()


def run_case(one: Importer, case: inject.Case) -> bool:
    one.prepare()
    one.run(case.number, case.how)
    if one.fired == 0:
        return False
    early = one.sink.taken[one.key, WHO]
    one.settle()
    taken = one.sink.taken[one.key, WHO]
    left = [folder for folder in FOLDERS if one.bed.folder_of(folder).is_dir() and one.bed.names(folder)]
    assert taken >= 1, f"lost; left in {left}: {one.bed.words()}"
    assert not left, f"left in {left}"
    assert taken <= 1 + early, f"{taken} copies"
    return True


def run_all(folder: Path, program: Path, shim: Path, everything: bool) -> tuple[int, list[str]]:
    """How many faults there were, and what went wrong. Not everything: death alone, where it may cost mail."""
    os.environ["POSTRIDER"] = str(program)
    folder.chmod(0o755)
    one = Importer(folder, shim, Sink())
    try:
        one.prepare()
        calls = one.run(0, "count")
        assert one.is_done(), f"without a fault: {one.bed.words()}"
        cases = inject.cases_of(DROPPED, calls)
        if not everything:
            cases = [case for case in inject.sample(cases, 0, 0) if case.how == "kill"]
        wrong = []
        for case in cases:
            try:
                run_case(one, case)
            except AssertionError as error:
                wrong.append(f"{case}: {error}")
        return len(cases), wrong
    finally:
        one.bed.stop()
