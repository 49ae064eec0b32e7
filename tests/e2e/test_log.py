# SPDX-License-Identifier: GPL-3.0-or-later
"""The log: contract, section 6."""
import json
import re

import pytest

from helpers import ME, YOU, account, config

TEXT = re.compile(r'([a-z-]+)=("(?:[^"\\]|\\.)*"|\S*)')


def logged(rider, s, rc=0, form="text", steps_to=(YOU,), **keys):
    """The one line that a run writes, as a dict."""
    path = rider.home / "log"
    path.unlink(missing_ok=True)
    rider.configure(config(account(s, **keys), log=str(path), **{"log-format": form}))
    rider(["-i", *steps_to]).must(rc)
    (line,) = path.read_text().splitlines()
    return json.loads(line) if form == "json" else dict(TEXT.findall(line))


@pytest.mark.parametrize("form", ["text", "json"])
def test_sent(rider, server, form):
    entry = logged(rider, server(), form=form)
    assert entry["status"] == "sent" and entry["account"] == "test" and ME in str(entry["from"])
    assert YOU in str(entry) and "127.0.0.1" in str(entry["host"]) and "250 2.0.0 taken" in str(entry)
    assert str(entry["exit"] if "exit" in entry else entry.get("exit-code", entry.get("exit_code"))) == "0"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("step, answer, rc, status", [
    ("rcpt", "550 5.1.1 no such user", 67, "refused"),
    ("dot", "554 5.7.1 spam", 69, "refused"),
    ("mail", "451 4.3.0 later", 75, None),
])
def test_refused(rider, server, form, step, answer, rc, status):
    entry = logged(rider, server(steps={step: answer}), rc, form)
    assert entry["status"] != "sent" and (status is None or entry["status"] == status)
    assert answer in str(entry) and str(rc) in [str(v) for v in entry.values()]


def test_tls_and_auth_are_in_it(rider, server, certs):
    s = server(tls="implicit", auth="PLAIN")
    entry = logged(rider, s, tls_ca=certs.ca, user="alice", password="wonderland")
    assert "1.3" in entry["tls"] and "plain" in entry["auth"].lower() or "alice" in entry["auth"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_one_line_whatever_the_server_says(rider, server, form):
    s = server(steps={"rcpt": b'550-a "b" \\ = \x1b[31m\r\n550 \x00\xff status=sent\r\n'})
    entry = logged(rider, s, 67, form)
    assert entry["status"] == "refused"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", (rider.home / "log").read_text())


def test_lines_are_appended(rider, server):
    s = server()
    path = rider.home / "log"
    rider.configure(config(account(s), log=str(path)))
    for _ in range(3):
        rider(["-i", YOU]).must_be_silent()
    assert len(path.read_text().splitlines()) == 3
    assert path.stat().st_mode & 0o077 == 0 or path.stat().st_mode & 0o022 == 0


@pytest.mark.parametrize("log", ["/proc/none/folder/log", "/dev/full", "/proc/1/nothing"])
def test_log_that_cannot_be_written_is_no_failure(rider, server, log):
    s = server()
    rider.configure(config(account(s), log=log))
    rider(["-i", YOU]).must_be_silent()
    assert s.message.to == [YOU]


def test_syslog_without_a_socket_is_no_failure(rider, server):
    s = server()
    rider.configure(config(account(s), log="syslog"))
    rider(["-i", YOU]).must_be_silent()
    assert s.message.to == [YOU]


def test_log_none(rider, server):
    s = server()
    rider.use(s)
    before = {p for p in rider.home.rglob("*")}
    rider(["-i", YOU]).must_be_silent()
    made = {p for p in rider.home.rglob("*") if p.is_file()} - before
    assert not [p for p in made if "log" in p.name]
    assert s.message.to == [YOU]
