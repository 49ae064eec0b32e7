# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions kept between runs: what resumes one, what must not, and that none of it disturbs a delivery."""
import os
import re
import subprocess
from pathlib import Path

import pytest

from helpers import MAIL, YOU
from server import close, raw

SEND = ["-i", YOU]
BOTH = pytest.mark.parametrize("tls", ["starttls", "implicit"])
VERSIONS = pytest.mark.parametrize("version", ["1.2", "1.3"])


def resumed(s) -> list[bool]:
    s.settle()
    return [c.resumed for c in s.connections]


def cache(rider) -> Path:
    return rider.home / ".cache/postrider"


def tickets(rider) -> list[Path]:
    return sorted(cache(rider).iterdir()) if cache(rider).is_dir() else []


@BOTH
@VERSIONS
def test_the_next_run_resumes(rider, server, certs, tls, version):
    s = server(tls=tls, tls_min=version, tls_max=version)
    rider.use(s, tls_ca=certs.ca)
    for _ in range(3):
        rider(SEND).must_be_silent()
    assert resumed(s) == [False, True, True]
    assert [m.secure for m in s.messages] == [True] * 3


def test_the_transcript_tells(rider, server, certs):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    one, two = (re.search(r"\* (.*) \d+ days left, (verified: .*)", rider(["-v", *SEND]).must(0).err).groups()
                for _ in range(2))
    assert one[1].startswith(f"verified: file {certs.ca}"[:60]) and "Test Intermediate" in one[0]
    assert two == (one[0], one[1] + " (session resumed)")
    assert resumed(s) == [False, True]


def test_the_files_are_private(rider, server, certs):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    rider(SEND, env={**rider.environment, "XDG_CACHE_HOME": "relative"}).must_be_silent()
    (one,) = tickets(rider)
    assert re.fullmatch(r"[0-9a-f]{64}\.ticket", one.name)
    assert one.stat().st_mode & 0o7777 == 0o600 and cache(rider).stat().st_mode & 0o7777 == 0o700
    rider(SEND).must_be_silent()
    (two,) = tickets(rider)
    assert two.name == one.name and resumed(s) == [False, True]


def test_old_ones_are_swept(rider, server, certs):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    cache(rider).mkdir(parents=True, mode=0o700)
    for name, age in (("old.ticket", 8), ("new.ticket", 6), (".1234.old.ticket", 8), ("old.policy", 8)):
        (cache(rider) / name).write_text("x")
        when = (cache(rider) / name).stat().st_mtime - age * 24 * 60 * 60
        os.utime(cache(rider) / name, (when, when))
    rider(SEND).must_be_silent()
    left = [p.name for p in tickets(rider) if len(p.name) < 64]
    assert left == ["new.ticket", "old.policy"]


CHANGES = {
    "tls-ca": lambda rider, certs: {"tls_ca": rider.write("copy.pem", certs.ca.read_bytes())},
    "tls-min": lambda rider, certs: {"tls_min": "1.3"},
    "tls-priority": lambda rider, certs: {"tls_priority": "NORMAL"},
    "tls-name": lambda rider, certs: {"tls_name": "localhost"},
    "tls-verify": lambda rider, certs: {"tls_verify": "no"},
    "tls-crl": lambda rider, certs: {"tls_crl": certs.revocations()},
    "tls-fingerprint": lambda rider, certs: {"tls_fingerprint": "spki:" + certs["good"].spki},
    "tls-certificate": lambda rider, certs: {"tls_certificate": certs["client"].certificates,
                                             "tls_key": certs["client"].key},
    "host": lambda rider, certs: {"host": "localhost"},
    "mode": lambda rider, certs: {"tls": "opportunistic"},
}


@pytest.mark.parametrize("what", CHANGES)
def test_another_setting_is_another_session(rider, server, certs, what):
    s = server(tls="starttls", client_ca=certs.ca)
    changed = {"tls_ca": certs.ca, **CHANGES[what](rider, certs)}
    for keys in ({"tls_ca": certs.ca}, changed, changed, {"tls_ca": certs.ca}):
        rider.use(s, **keys)
        rider(SEND).must_be_silent()
    assert resumed(s) == [False, False, True, True]


def test_pins_are_told_apart(rider, server, certs):
    s = server(tls="starttls")
    good, other = "sha256:" + certs["good"].sha256, "sha256:" + "ab" * 32
    for pins, rc in ((good, 0), (f"{other}, {good}", 0), (good, 0), (other, 77), (other, 77)):
        rider.use(s, tls_fingerprint=pins)
        rider(SEND).must(rc)
    assert resumed(s)[:3] == [False, False, True] and not any(resumed(s)[3:])


def test_another_content_of_the_same_file(rider, server, certs):
    """Who takes an authority out of his file does not want to hear from it for another week."""
    s = server(tls="starttls")
    ca = rider.write("ca.pem", certs.ca.read_bytes() + certs.other_ca.read_bytes())
    rider.use(s, tls_ca=ca)
    rider(SEND).must_be_silent()
    ca.write_bytes(certs.other_ca.read_bytes())
    rider(SEND).must(77, "certificate")
    assert len(s.messages) == 1 and resumed(s)[:2] == [False, False]


def test_a_list_that_revokes(rider, server, certs):
    s = server(tls="starttls")
    crl = rider.write("list.crl", certs.revocations().read_bytes())
    rider.use(s, tls_ca=certs.ca, tls_crl=crl)
    rider(SEND).must_be_silent()
    rider(SEND).must_be_silent()
    crl.write_bytes(certs.revocations("good").read_bytes())
    rider(SEND).must(77, "revoked")
    assert resumed(s)[:3] == [False, True, False] and len(s.messages) == 2


def test_a_folder_of_authorities(rider, server, certs):
    folder = rider.home / "hashed"
    folder.mkdir()
    (folder / "root.pem").write_bytes(certs.ca.read_bytes())
    subprocess.run(["openssl", "rehash", str(folder)], check=True)
    s = server(tls="starttls")
    rider.use(s, tls_ca=folder)
    rider(SEND).must_be_silent()
    rider(SEND).must_be_silent()
    (folder / "root.pem").unlink()
    subprocess.run(["openssl", "rehash", str(folder)], check=True)
    assert rider(SEND).rc in (77, 78)
    assert resumed(s)[:2] == [False, True] and len(s.messages) == 2


@BOTH
@pytest.mark.parametrize("kind", ["self-signed", "expired", "wrong-name", "unknown-ca"])
def test_nothing_is_kept_after_a_failed_check(rider, server, certs, tls, kind):
    s = server(tls=tls, cert=kind)
    rider.use(s, host="localhost", tls_ca=certs.ca)
    for _ in range(2):
        rider(SEND).must(77, "certificate")
        assert tickets(rider) == []
    assert not any(resumed(s))


def test_expired_and_pinned(rider, server, certs):
    """Where no date counts, none ends the session."""
    s = server(tls="starttls", cert="expired")
    rider.use(s, tls_fingerprint="sha256:" + certs["expired"].sha256)
    rider(SEND).must_be_silent()
    rider(SEND).must_be_silent()
    assert resumed(s) == [False, True]


def test_check_looks_at_everything(rider, server, certs):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    (before,) = tickets(rider)
    kept = before.read_bytes()
    rider(["--check"], name="postrider").must(0)
    assert before.read_bytes() == kept
    rider(SEND).must_be_silent()
    assert resumed(s) == [False, False, True]


@VERSIONS
def test_a_login_in_a_resumed_session(rider, server, certs, version):
    s = server(tls="starttls", auth="SCRAM-SHA-256", tls_max=version)
    rider.use(s, tls_ca=certs.ca, user="alice", password="wonderland")
    rider(SEND).must_be_silent()
    rider(SEND).must_be_silent()
    assert resumed(s) == [False, True] and [m.user for m in s.messages] == ["alice"] * 2


def test_a_client_certificate_in_a_resumed_session(rider, server, certs):
    client = certs["client"]
    s = server(tls="implicit", client_ca=certs.ca)
    rider.use(s, tls_ca=certs.ca, tls_certificate=client.certificates, tls_key=client.key)
    rider(SEND).must_be_silent()
    rider(SEND).must_be_silent()
    assert resumed(s) == [False, True]
    assert all(c.client_certificate["subject"] == ((("commonName", "client.test"),),) for c in s.connections)


def test_the_server_has_forgotten(rider, server, certs):
    """It was started anew, with other keys, so it shows its certificate; and a wrong one does not pass."""
    one = server(tls="starttls")
    rider.use(one, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    one.settle()
    one.stop()
    two = server(tls="starttls", port=one.port)
    rider(SEND).must_be_silent()
    rider(SEND).must_be_silent()
    assert resumed(two) == [False, True]
    two.stop()
    three = server(tls="starttls", port=one.port, cert="unknown-ca")
    rider(SEND).must(77, "certificate")
    assert three.messages == [] and not any(resumed(three)) and tickets(rider) == []


HANDSHAKE_FAILURE = b"\x15\x03\x03\x00\x02\x02\x28"
DECRYPT_ERROR = b"\x15\x03\x03\x00\x02\x02\x33"


@BOTH
@pytest.mark.parametrize("answer", [HANDSHAKE_FAILURE, DECRYPT_ERROR, b"garbage\r\n", b""],
                         ids=["handshake failure", "decrypt error", "garbage", "closed"])
def test_a_server_that_chokes_on_tickets(rider, server, certs, tls, answer):
    s = server(tls=tls, steps={"2/tls": raw(answer) + close()}, strict=False)
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    run = rider(["-v", *SEND]).must(0, "once more, without resuming")
    assert len(s.messages) == 2 and len(s.connections) == 3, run
    assert resumed(s) == [False, False, False]


def test_a_server_that_always_fails(rider, server, certs):
    s = server(tls="starttls", steps={"2/tls": raw(HANDSHAKE_FAILURE) + close(),
                                      "3/tls": raw(HANDSHAKE_FAILURE) + close()}, strict=False)
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    rider(SEND).must(77, "handshake failed")
    assert len(s.connections) == 3


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_link(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to("../elsewhere")


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def open_to_others(path: Path) -> None:
    path.chmod(0o644)


def open_folder(path: Path) -> None:
    path.parent.chmod(0o777)


def link_folder(path: Path) -> None:
    path.parent.rename(path.parent.parent / "elsewhere")
    path.parent.symlink_to("elsewhere")


def file_for_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("x")


DAMAGE = [flip, cut_off, empty, replace_by_link, replace_by_pipe, replace_by_folder, open_to_others, open_folder,
          link_folder, file_for_folder]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_disturbs_nothing(rider, server, certs, damage):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    damage(tickets(rider)[0])
    rider(SEND).must_be_silent()
    rider(SEND).must_be_silent()
    assert resumed(s)[:2] == [False, False] and len(s.messages) == 3


def test_somebody_elses_ticket(rider, server, certs):
    """What was kept for one server is not offered to another, whatever the file is called."""
    one, two = server(tls="starttls"), server(tls="starttls")
    rider.use(one, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    (first,) = tickets(rider)
    rider.use(two, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    (second,) = set(tickets(rider)) - {first}
    first.rename(second)
    rider(SEND).must_be_silent()
    assert resumed(two) == [False, False]


@pytest.mark.skipif(os.geteuid() != 0, reason="changes the owner of a file")
def test_another_owner(rider, server, certs):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    os.chown(tickets(rider)[0], 12345, 12345)
    rider(SEND).must_be_silent()
    assert resumed(s) == [False, False]


@pytest.mark.parametrize("where", ["/proc/nowhere", "/dev/null", "/proc/self/fd"])
def test_no_place_for_a_cache(rider, server, certs, where):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    for _ in range(2):
        rider(SEND, env={**rider.environment, "XDG_CACHE_HOME": where}).must_be_silent()
    assert resumed(s) == [False, False] and len(s.messages) == 2


def test_many_at_once(rider, server, certs):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    runs = [rider.start(SEND, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(8)]
    for run in runs:
        _, err = run.communicate(MAIL, timeout=20)
        assert run.returncode == 0 and err == b""
    assert len(s.messages) == 9 and any(resumed(s))
    (one,) = tickets(rider)
    assert one.stat().st_size > 100
    rider(SEND).must_be_silent()
    assert s.connections[-1].resumed
