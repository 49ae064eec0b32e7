# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program needs of the system, and what it does where that is missing."""
import re
import subprocess

import pytest

from helpers import MAIL, YOU


@pytest.fixture
def needed(rider) -> set[str]:
    """The libraries that are loaded before the program begins, by name."""
    dynamic = subprocess.run(["readelf", "-dW", rider.program], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(lib\w+)\.so", dynamic))


def test_needs_libc_and_inih_alone(rider, needed):
    if b"__asan_init" in rider.program.read_bytes():
        pytest.skip("a sanitizer brings libraries of its own")
    assert needed == {"libc", "libinih"}


@pytest.fixture
def without(rider, needed):
    """The environment of a system that lacks the two libraries which are opened when they are needed."""
    if needed & {"libgnutls", "libidn2"}:
        pytest.skip("they are linked")
    folder = rider.home / "lib"
    folder.mkdir()
    for name in re.findall(rb"lib(?:gnutls|idn2)\.so[.\d]*", rider.program.read_bytes()):
        (folder / name.decode()).touch()
    return {**rider.environment, "LD_LIBRARY_PATH": str(folder)}


@pytest.mark.smoke
def test_without_gnutls(rider, server, certs, without):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    rider(["-i", YOU], env=without).must(71, "library", "libgnutls")
    assert s.messages == [] and YOU not in s.heard.decode()
    t = server()
    rider.use(t)
    rider(["-i", YOU], MAIL, env=without).must_be_silent()
    assert t.message.to == [YOU]


@pytest.mark.smoke
def test_without_idn2(rider, server, without):
    s = server()
    rider.use(s)
    rider(["-i", "a@b\u00fccher.example"], env=without).must(71, "library", "libidn2")
    assert s.messages == []
