# SPDX-License-Identifier: GPL-3.0-or-later
"""S124: a huge message goes through in a small space, and fast."""
import os

import pytest

MEGABYTES = 256
LIMIT_KIB = 8 * 1024


@pytest.fixture(scope="module")
def huge(tmp_path_factory):
    """A file of so many megabytes of short lines; sparse it cannot be, so it is made once."""
    path = tmp_path_factory.mktemp("huge") / "mail"
    line = b"The quick brown fox jumps over the lazy dog, and nobody minds it at all.\n"
    block = line * (1024 * 1024 // len(line))
    with open(path, "wb") as file:
        file.write(b"Subject: huge\n\n")
        for _ in range(MEGABYTES):
            file.write(block)
    yield path
    path.unlink()


@pytest.mark.skipif("asan" in os.environ.get("POSTRIDER", ""), reason="sanitizers need more memory")
@pytest.mark.parametrize("source", ["file", "pipe"])
@pytest.mark.parametrize("tls, keywords", [("", ["PIPELINING"]), ("", ["PIPELINING", "CHUNKING"]), ("implicit",
        ["PIPELINING"])],
                         ids=["DATA", "BDAT", "TLS"])
def test_S124_memory_stays_flat(rider, server, certs, huge, tls, keywords, source):
    s = server(discard=True, tls=tls, keywords=keywords)
    rider.use(s, timeout="30", **({"tls_ca": certs.ca} if tls else {}))
    if source == "file":
        with open(huge, "rb") as file:
            run = rider(["-i", "a@x.test"], file.fileno(), timeout=60, watch_memory=True)
    else:
        run = rider(["-i", "a@x.test"], huge.read_bytes(), timeout=60, watch_memory=True)
    run.must_be_silent()
    assert s.message.accepted and 0 < run.peak_rss <= LIMIT_KIB, f"{run.peak_rss} KiB in {run.seconds:.1f} s"
