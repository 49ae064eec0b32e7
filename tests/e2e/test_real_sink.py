# SPDX-License-Identifier: GPL-3.0-or-later
"""Against Postfix's own test server, smtp-sink, which fails on demand; it needs no root."""
import os
import subprocess

import pytest

from helpers import MAIL, YOU, account, config
from real.base import free_ports, library_path, unpacked, wait_for_port

pytestmark = pytest.mark.real
CASES = [
    ("as it is", [], 0), ("no ESMTP", ["-e"], 0), ("no pipelining", ["-p"], 0), ("no 8BITMIME", ["-8"], 0),
    ("connect refused, hard", ["-f", "connect"], 75), ("connect refused, soft", ["-r", "connect"], 75),
    ("EHLO and HELO refused", ["-f", "ehlo,helo"], 75),
    ("MAIL refused, hard", ["-f", "mail"], 69), ("MAIL refused, soft", ["-r", "mail"], 75),
    ("RCPT refused, soft", ["-r", "rcpt"], 75),
    ("DATA refused, hard", ["-f", "data"], 69), ("DATA refused, soft", ["-r", "data"], 75),
    ("dot refused, hard", ["-f", "."], 69), ("dot refused, soft", ["-r", "."], 75),
    ("closes at MAIL", ["-q", "mail"], 75), ("closes at DATA", ["-q", "data"], 75), ("closes at the dot", ["-q",
            "."], 75),
    ("421 at RCPT", ["-Q", "rcpt"], 75), ("421 at the dot", ["-Q", "."], 75), ("closes at QUIT", ["-q", "quit"], 0),
]


@pytest.fixture
def sink(tmp_path):
    """Start smtp-sink with options; gives its port."""
    running: list[subprocess.Popen] = []
    root = unpacked()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []    # it does not run as root

    def start(options: list[str]) -> int:
        (port,) = free_ports(1)
        command = [str(root / "usr/sbin/smtp-sink"), "-c", *user, *options, f"127.0.0.1:{port}", "16"]
        process = subprocess.Popen(command, env={"LD_LIBRARY_PATH": library_path(root)}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        running.append(process)
        wait_for_port(port, process, tmp_path / "none")
        return port

    yield start
    for process in running:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("name, options, rc", CASES, ids=[c[0] for c in CASES])
def test_smtp_sink(rider, sink, name, options, rc):
    rider.configure(config(account(host="127.0.0.1", port=sink(options), tls="none")))
    rider(["-i", YOU], MAIL).must(rc)
