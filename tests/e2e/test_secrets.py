# SPDX-License-Identifier: GPL-3.0-or-later
"""S065: the password is nowhere but on the wire to a server that may have it."""
import base64
import threading
import time
from pathlib import Path

import pytest

from helpers import YOU, account, config
from server import reply, wait

SECRET = "Tr0ub4dor&3-xyzzy"
USER = "alice"
FORMS = {SECRET, *(base64.b64encode(text.encode()).decode().rstrip("=")[:20] for text in (
    SECRET, f"\0{USER}\0{SECRET}", f" {SECRET}", f"  {SECRET}"))}
MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"]


def leaks(text: str) -> list[str]:
    return [form for form in FORMS if form in text]


def sources(rider) -> dict[str, dict]:
    return {"password": {"password": f'"{SECRET}"'},
            "password-command": {"password-command": f"echo '{SECRET}'"},
            "password-file": {"password-file": rider.write("pw", SECRET)}}


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("steps", [
    {}, {"auth": "535 5.7.8 no"}, {"auth": "454 4.7.0 later"}, {"auth": "gibberish"}, {"mail": "550 no"},
], ids=["success", "refused", "later", "nonsense", "sender refused"])
def test_S065_not_in_what_we_say(rider, server, certs, mechanism, steps):
    s = server(tls="implicit", auth=mechanism, users={USER: SECRET}, steps=steps)
    for name, keys in sources(rider).items():
        rider.configure(config(account(s, tls_ca=certs.ca, user=USER, **keys), log=str(rider.home / "log")))
        run = rider(["-v", "-i", YOU])
        log = rider.home / "log"
        assert not leaks(run.out + run.err + (log.read_text() if log.exists() else "")), f"{name}: {run}"
        assert "AUTH" in s.verbs and "********" in run.err, run


def test_S065_challenges_are_not_shown(rider, server, certs):
    """Whoever reads what SCRAM's server says can try passwords on it, at home and at leisure."""
    s = server(tls="implicit", auth="SCRAM-SHA-256", users={USER: SECRET})
    rider.use(s, tls_ca=certs.ca, user=USER, password=f'"{SECRET}"')
    run = rider(["-v", "-i", YOU]).must(0, "< 334 ********")
    said = b"".join(e.data for e in s.connection.events if e.direction == "out").decode().splitlines()
    challenges = [line[4:] for line in said if line.startswith("334 ")]
    assert len(challenges) == 2 and not [c for c in challenges if c in run.err], run


ECHOES = [
    ("PLAIN", "535 5.7.8 no: {plain}"), ("PLAIN", "235 {plain}"), ("PLAIN", "334 {plain}"),
    ("PLAIN", "535-{plain}\n535 5.7.8 bad password {password}"), ("LOGIN", "535-{login}\n535 5.7.8 {login} is bad"),
    ("LOGIN", "334 {login}"), ("CRAM-MD5", "535 {password}"),
]


@pytest.mark.parametrize("mechanism, echo", ECHOES)
def test_S065_not_even_when_the_server_says_it(rider, server, certs, mechanism, echo):
    """A server may echo what it was sent; then it would go to logs and bounces."""
    text = echo.format(plain=base64.b64encode(f"\0{USER}\0{SECRET}".encode()).decode(),
                       login=base64.b64encode(SECRET.encode()).decode(), password=SECRET)
    s = server(tls="implicit", auth=mechanism, users={USER: SECRET}, steps={"auth": text})
    rider.configure(config(account(s, tls_ca=certs.ca, user=USER, auth=mechanism.lower(), password=f'"{SECRET}"'),
                           log=str(rider.home / "log")))
    run = rider(["-v", "-i", YOU])
    log = rider.home / "log"
    assert "AUTH" in s.verbs and run.err
    assert not leaks(run.out + run.err + (log.read_text() if log.exists() else "")), run


@pytest.mark.parametrize("name", ["password", "password-command", "password-file"])
def test_S065_not_in_the_process_list(rider, server, certs, name):
    """While the session lasts: our own command line and environment, and those of our children."""
    s = server(tls="implicit", auth="PLAIN", users={USER: SECRET}, steps={"mail": wait(0.5) + reply("250 ok")})
    keys = sources(rider)[name]
    if name == "password-command":      # the command itself may be seen; what it prints must not
        keys = {name: f"cat {rider.write('pw', SECRET)}"}
    rider.configure(config(account(s, tls_ca=certs.ca, user=USER, **keys)))
    seen: list[str] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.extend(read_all("cmdline") + read_all("environ"))
            time.sleep(0.05)
    thread = threading.Thread(target=watch)
    thread.start()
    run = rider(["-i", YOU])
    stop.set()
    thread.join()
    run.must_be_silent()
    assert s.message.user == USER and not leaks("\n".join(seen))


def read_all(name: str) -> list[str]:
    found = []
    for path in Path("/proc").glob(f"[0-9]*/{name}"):
        try:
            found.append(path.read_bytes().decode("latin-1"))
        except OSError:
            pass
    return found


@pytest.mark.parametrize("line", ['password = "{0}', "pasword = {0}", "password {0}", "password = {0} ${{NOT_SET}}"])
def test_S065_not_in_errors_about_the_config(rider, server, line):
    rider.configure(config(account(server(), user=USER)) + line.format(SECRET) + "\n")
    run = rider(["-i", YOU]).must(78)
    assert SECRET not in run.err


def test_S065_not_in_show_config_and_dry_run(rider, server, certs):
    s = server(tls="implicit", auth="PLAIN", users={USER: SECRET})
    rider.use(s, tls_ca=certs.ca, user=USER, password=f'"{SECRET}"')
    for args in (["--show-config"], ["--show-config", "--json"], ["--dry-run", "-v", "-i", YOU], ["--check", "-v"]):
        run = rider(args, name="postrider")
        assert run.out + run.err and not leaks(run.out + run.err), run


def test_S065_not_on_disk(rider, server, certs):
    s = server(tls="implicit", auth="PLAIN", users={USER: SECRET})
    pw = rider.write("pw", SECRET)
    rider.use(s, tls_ca=certs.ca, user=USER, password_command=f"cat {pw}")
    rider(["-i", YOU]).must_be_silent()
    assert s.message.user == USER
    for path in rider.home.rglob("*"):
        if path.is_file() and path not in (pw, rider.config_file):
            assert not leaks(path.read_bytes().decode("latin-1")), path
