# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in contrib/ and etc/ does what it is for."""
import json
import shutil
import subprocess

import pytest

from helpers import TOP, YOU

CONTRIB = TOP / "contrib"
MSMTPRC = r"""
# a comment
defaults
tls on
aliases ~/aliases
set_date_header off
logfile ~/mail.log

account home
host smtp.example.org
port 465
tls_starttls off
auth on
user alice
from alice@example.org
password "a b ;c\d"e${x}"

account work
host mail.example.com
auth plain
user bob
passwordeval "pass show work"
set_from_header on
domain client.example.com
maildomain example.com
syslog LOG_MAIL

account copy : work
from copy@example.com

account token
host smtp.example.net
auth oauthbearer
user eve
passwordeval "oama access eve"

account relay
tls off
host relay.example.com

account default : work
"""
CONVERTED = {
    "home": {"host": ["smtp.example.org"], "port": 465, "tls": "implicit", "auth": "auto", "user": "alice",
             "from": ["alice@example.org"], "rewrite-from": "no"},
    "work": {"host": ["mail.example.com"], "port": 25, "tls": "starttls", "auth": "plain", "user": "bob",
             "password-command": "pass show work", "hello": "client.example.com", "domain": "example.com",
             "log": "syslog", "aliases": ["~/aliases"], "rewrite-from": "always"},
    "copy": {"host": ["mail.example.com"], "user": "bob", "from": ["copy@example.com"]},
    "token": {"host": ["smtp.example.net"], "user": "eve", "auth": "oauthbearer",
              "token-command": "oama access eve", "password-command": None},
    "relay": {"host": ["relay.example.com"], "port": 25, "tls": "none"},
}


def convert(rider, text):
    source = rider.write("msmtprc", text)
    run = subprocess.run([CONTRIB / "msmtprc2postrider", source], capture_output=True, text=True, check=True)
    rider.configure(run.stdout)
    return run


def test_msmtprc_becomes_a_config(rider):
    run = convert(rider, MSMTPRC)
    assert ":6: set_date_header has no counterpart" in run.stderr and len(run.stderr.splitlines()) == 1
    shown = json.loads(rider(["--show-config", "--json"], name="postrider").must(0).out)
    accounts = {a["name"]: {k: v["value"] for k, v in a["settings"].items()} for a in shown["accounts"]}
    assert shown["account"] == "work" and list(accounts) == list(CONVERTED)
    for name, wanted in CONVERTED.items():
        assert {k: accounts[name].get(k) for k in wanted} == wanted, name


def test_msmtprc_password_stays_what_it_is(rider, server, certs):
    password = r'"a" ;b\c \\ #${x} "d"e'
    s = server(tls="implicit", auth="PLAIN", users={"alice": password})
    convert(rider, f"account default\nhost localhost\nport {s.port}\ntls on\ntls_starttls off\n"
                   f"tls_trust_file {certs.ca}\nauth on\nuser alice\npassword {password}\n")
    rider(["-i", YOU]).must_be_silent()
    assert s.message.to == [YOU]


def test_sample_is_accepted_as_it_is(rider):
    rider.configure((TOP / "etc" / "postrider.ini").read_text())
    rider(["--show-config", "--host=localhost"], name="postrider").must(0)


def test_sample_shows_the_defaults(rider):
    """Its lines are the defaults, or examples where there is none."""
    run = rider(["--show-config", "-C", "/dev/null", "--host=x"], name="postrider").must(0)
    defaults = [line.split("  ; ")[0] for line in run.out.splitlines() if line.endswith("; default")]
    sample = (TOP / "etc" / "postrider.ini").read_text()
    assert defaults and not [line for line in defaults if f"\n; {line}\n" not in sample]


COMPLETIONS = [
    (["--tls", "=", "st"], "starttls"),
    (["--queue", "=", "n"], "never"),
    (["--delivery", "=", "b"], "background"),
    (["--show-"], "--show-config"),
    (["--relea"], "--release="),
    (["--flu"], "--flush="),
    (["--tls-mi"], "--tls-min="),
    (["--account", "=", "t"], "test"),
    (["-a", "t"], "test"),
]


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
@pytest.mark.parametrize("words, wanted", COMPLETIONS)
def test_bash_completion(rider, words, wanted):
    rider.configure("[account test]\nhost = x\n")
    words = [str(rider.bin / "postrider"), *words]
    script = (f"source {CONTRIB}/postrider.bash; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
              f"_postrider {words[0]} {words[-1]} {words[-2]}; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=rider.environment, check=True)
    assert run.stdout.split() == [wanted] and run.stderr == ""
