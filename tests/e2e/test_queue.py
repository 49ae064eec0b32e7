# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into the queue, when, and what the caller hears of it: contract, sections 4 and 7."""
import json
import os
import stat
import subprocess
import sys
import time

import pytest

from helpers import MAIL, ME, YOU, account
from queue_bed import until
from queue_files import DELIVERED, PENDING, STUCK, TOLD, WAITING
from server import close, default, reset, stall
from test_routes import dead_port

LOGIN = {"user": "alice", "password": "wonderland"}
TLS = {"tls": "starttls", "auth": "PLAIN"}
LARGE = MAIL + b"".join(b"%07d " % i + b"x" * 60 + b"\n" for i in range(5000))
SMALL_DISK = 512 * 1024

# ---- what fails for now is queued, what is refused is not ----

CODES = [
    # name, server's options, account's keys, exit, state in the queue
    ("connection refused", None, {"host": "127.0.0.1:1", "tls": "none"}, 0, WAITING),
    ("S127 server's name does not exist", None, {"host": "no-such-host.invalid", "tls": "none"}, 0, None),
    ("S003 closes at once", {"steps": {"connect": close()}}, {}, 0, WAITING),
    ("S004 no greeting", {"steps": {"greeting": stall()}}, {"timeout": "1"}, 0, WAITING),
    ("S006 greeting 421", {"steps": {"greeting": "421 no"}}, {}, 0, WAITING),
    ("S007 greeting 554", {"steps": {"greeting": "554 no"}}, {}, 0, None),
    ("S008 greeting is no SMTP", {"steps": {"greeting": "hello"}}, {}, 0, None),
    ("S020 EHLO 450", {"steps": {"ehlo": "450 no"}}, {}, 0, WAITING),
    ("S021 EHLO 550", {"steps": {"ehlo": "550 no"}}, {}, 0, None),
    ("S028 STARTTLS not offered", {}, {"tls": "starttls"}, 0, STUCK),
    ("S029 STARTTLS 454", {**TLS, "steps": {"starttls": "454 no"}}, {}, 0, WAITING),
    ("S030 STARTTLS 502", {**TLS, "steps": {"starttls": "502 no"}}, {}, 0, STUCK),
    ("S037 bad certificate", {**TLS, "cert": "expired"}, {}, 0, STUCK),
    ("S053 AUTH 535", {**TLS}, {"user": "alice", "password": "wrong"}, 0, STUCK),
    ("S054 AUTH 454", {**TLS, "steps": {"auth": "454 no"}}, LOGIN, 0, WAITING),
    ("S056 AUTH not offered", {}, LOGIN, 0, STUCK),
    ("S066 MAIL 451", {"steps": {"mail": "451 no"}}, {}, 0, WAITING),
    ("S081 lost at MAIL", {"steps": {"mail": reset()}}, {}, 0, WAITING),
    ("S072 RCPT 451", {"steps": {"rcpt": "451 no"}}, {}, 0, WAITING),
    ("S095 DATA 451", {"steps": {"data": "451 no"}}, {}, 0, WAITING),
    ("S101 content 451", {"steps": {"dot": "451 no"}}, {}, 0, WAITING),
    ("S102 content unanswered", {"steps": {"dot": close()}}, {}, 0, WAITING),
    ("S101 reply is no SMTP", {"steps": {"dot": "what?"}}, {}, 0, WAITING),
    ("password-command fails", {**TLS}, {"user": "alice", "password-command": "exit 1"}, 0, None),
    ("S067 MAIL 550", {"steps": {"mail": "550 no"}}, {}, 69, None),
    ("RCPT 550", {"steps": {"rcpt": "550 no"}}, {}, 67, None),
    ("RCPT 554", {"steps": {"rcpt": "554 no"}}, {}, 69, None),
    ("DATA 554", {"steps": {"data": "554 no"}}, {}, 69, None),
    ("content 554", {"steps": {"dot": "554 no"}}, {}, 69, None),
]


@pytest.mark.parametrize("name, options, keys, rc, state", CODES, ids=[c[0].replace(" ", "_") for c in CODES])
def test_queued_or_refused(queue, server, certs, name, options, keys, rc, state):
    s = server(**options) if options is not None else None
    trust = {"tls_ca": certs.ca} if options and options.get("tls") else {}
    queue.use(s, **{**trust, **keys})
    run = queue.send()
    if rc != 0:
        run.must(rc)
        assert queue.names() == [] and queue.names("tmp") == []
        return
    run.must_be_silent()
    assert queue.one.of(PENDING) == [YOU] and queue.one.sender == ME and queue.one.attempts == 1
    assert queue.one.next > queue.one.created and state in (None, queue.one.state)
    assert b"Subject: hello\r\n" in queue.one.content and queue.names("tmp") == []


def test_S127_recipients_domain_does_not_exist(queue):
    queue.use(host="mx")
    queue.send("you@no-such-domain.invalid").must(68, "no-such-domain.invalid")
    assert queue.names() == []


def test_queue_never(queue, server):
    queue.use(server(steps={"rcpt": "451 no"}), queue="never")
    queue.send().must(75)
    assert not queue.path.exists()


@pytest.mark.parametrize("args", [["-odq"], ["-odb"]])
def test_queue_never_sends_in_the_foreground(queue, server, args):
    s = server()
    queue.use(s, queue="never")
    queue.send(*args, YOU).must_be_silent()
    assert s.message.to == [YOU] and not queue.path.exists()


# ---- said with -v, and in the log ----

def test_verbose_says_why_and_as_what(queue, server):
    queue.use(server(steps={"rcpt": "451 4.2.0 come back later"}))
    run = queue.send("-v", YOU).must(0, "451 4.2.0 come back later")
    assert f"queued for <{YOU}> as {queue.one.id}" in run.err


def log_of(queue):
    return (queue.rider.home / "log").read_text().splitlines()


def test_log_queued_deferred_sent(queue, server):
    s = server(steps={"1/rcpt": "451 4.2.0 later", "2/rcpt": "452 4.2.0 even later"})
    queue.configure(account(s), log=str(queue.rider.home / "log"))
    queue.send().must_be_silent()
    name = queue.one.id
    queue.flush().must(0)
    queue.flush().must(0)
    lines = log_of(queue)
    assert [next(w for w in line.split() if w.startswith("status=")) for line in lines] == \
        ["status=queued", "status=deferred", "status=sent"]
    assert all(f"queue={name}" in line for line in lines)
    assert "even later" in lines[1]


def test_log_bounced(queue, server):
    queue.configure(account(server(steps={"rcpt": "550 5.1.1 nobody"})), log=str(queue.rider.home / "log"))
    queue.put(to=["gone@example.net"])
    queue.run().must(0)
    assert "status=bounced" in log_of(queue)[0] and "nobody" in log_of(queue)[0]


def test_log_given_up(queue, server):
    """The last try of one that is too old: its sender gets a bounce, and the log does not promise more tries."""
    s = server(steps={f"rcpt:{YOU}": "451 4.2.0 later"})
    queue.configure(account(s), log=str(queue.rider.home / "log"))
    queue.put(created=int(time.time()) - 9 * 86400, attempts=9)
    queue.run().must(0)
    assert "status=bounced" in log_of(queue)[0] and "later" in log_of(queue)[0]


# ---- the three ways of delivery ----

@pytest.mark.parametrize("how", [{"flags": ["-odq"]}, {"keys": {"delivery": "queue"}},
                                 {"flags": ["-odq"], "keys": {"delivery": "background"}}], ids=str)
def test_queue_only(queue, server, how):
    s = server()
    queue.use(s, **how.get("keys", {}))
    queue.send(*how.get("flags", []), YOU).must_be_silent()
    assert queue.one.attempts == 0 and queue.one.of(PENDING) == [YOU] and s.connections == []
    queue.run().must_be_silent()
    assert s.message.to == [YOU] and queue.is_clean


@pytest.mark.parametrize("how", [{"flags": ["-odb"]}, {"keys": {"delivery": "background"}},
                                 {"flags": ["-odb"], "keys": {"delivery": "queue"}}], ids=str)
def test_background(queue, server, how):
    s = server(steps={"greeting": stall() if how.get("stall") else default()})
    queue.use(s, **how.get("keys", {}))
    queue.send(*how.get("flags", []), YOU).must_be_silent()
    assert until(lambda: queue.is_clean)
    assert s.message.to == [YOU]


def test_background_does_not_wait_for_the_server(queue, server):
    s = server(steps={"greeting": stall()})
    queue.use(s, timeout="2")
    assert queue.send("-odb", YOU).must_be_silent().seconds < 1.5
    assert len(queue.names()) == 1
    assert until(lambda: queue.one.attempts == 1)


def test_background_closes_its_callers_pipes(queue, server):
    """A caller that reads until the end of stdout must not wait for the delivery."""
    queue.use(server(steps={"greeting": stall()}), timeout="5")
    process = queue.rider.start(["-i", "-odb", YOU], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(MAIL, timeout=3)
    assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.parametrize("flag", ["-odi", "-odb", "-odq"])
@pytest.mark.parametrize("name", ["sendmail", "postrider"])
def test_flags_go_before_the_key_under_every_name(queue, server, flag, name):
    s = server(steps={"rcpt": "550 no such user"})
    queue.use(s, delivery="queue" if flag == "-odi" else "foreground")
    queue.send(flag, YOU, name=name).must(67 if flag == "-odi" else 0)


def test_background_refusal_is_a_bounce(queue, server):
    s = server(steps={f"rcpt:{YOU}": "550 5.1.1 no such user"})
    queue.use(s)
    queue.send("-odb", YOU).must_be_silent()
    assert until(lambda: queue.is_clean)
    assert s.message.sender == "" and s.message.to == [ME]


# ---- some and some ----

def test_S070_one_waits_and_only_he_is_tried_again(queue, server):
    s = server(steps={"1/rcpt:b@x.test": "450 4.2.1 busy"})
    queue.use(s)
    queue.send("a@x.test", "b@x.test", "c@x.test").must_be_silent()
    assert queue.one.marks == {"a@x.test": DELIVERED, "b@x.test": PENDING, "c@x.test": DELIVERED}
    queue.flush().must_be_silent()
    assert [m.to for m in s.messages] == [["a@x.test", "c@x.test"], ["b@x.test"]] and queue.is_clean


def test_one_refused_one_waits_one_taken(queue, server):
    """The exit code tells of the refused one, so no bounce does."""
    s = server(steps={"1/rcpt:b@x.test": "450 busy", "rcpt:c@x.test": "550 5.1.1 no such user"})
    queue.use(s)
    run = queue.send("a@x.test", "b@x.test", "c@x.test").must(67, "c@x.test", "no such user")
    assert "b@x.test" not in run.err
    assert queue.one.marks == {"a@x.test": DELIVERED, "b@x.test": PENDING, "c@x.test": TOLD}
    told = {r["address"]: r["reply"] for r in json.loads(queue.run("--list", "--json").out)["recipients"]}
    assert "no such user" in told["c@x.test"] and "busy" in told["b@x.test"] and told["a@x.test"] is None
    queue.flush().must_be_silent()
    assert [m.to for m in s.messages] == [["a@x.test"], ["b@x.test"]] and queue.is_clean


def test_success_wakes_what_waits_for_the_account(queue, server):
    s = server()
    queue.use(s)
    queue.put(to=["early@x.test"])
    queue.put(to=["late@x.test"], next=int(time.time()) + 3600)
    queue.send("now@x.test").must_be_silent()
    assert until(lambda: len(queue.names()) == 1)
    assert [m.to for m in s.messages] == [["now@x.test"], ["early@x.test"]]


def test_a_failure_wakes_nobody(queue, server):
    s = server(steps={"1/greeting": "421 busy"})
    queue.use(s)
    queue.put(to=["early@x.test"])
    queue.send("now@x.test").must_be_silent()
    assert len(s.connections) == 1 and len(queue.names()) == 2


# ---- what is stored ----

@pytest.mark.parametrize("flag", ["-odq", "-odi"])
@pytest.mark.parametrize("mail", [MAIL, LARGE, MAIL + b".\n..\nx" * 3, b"", b"\n\xff no header"],
                         ids=["small", "large", "dots", "empty", "odd"])
def test_the_same_bytes_arrive(queue, server, flag, mail):
    s = server(steps={"1/mail": "451 later"} if flag == "-odi" else {}, keywords=("8BITMIME", "SIZE"))
    queue.use(s)
    queue.send(flag, YOU, mail=mail).must_be_silent()
    kept = queue.one.content
    queue.flush().must_be_silent()
    assert s.message.data == kept and queue.is_clean
    assert mail.partition(b"\n\n")[2].replace(b"\n", b"\r\n") in kept


def test_the_wishes_travel_along(queue, server):
    s = server()
    queue.use(s)
    queue.send("-odq", "-N", "success,delay", "-R", "hdrs", "-V", "my id", "-f", "", YOU).must_be_silent()
    queue.run().must_be_silent()
    assert s.message.sender == "" and s.message.params["RET"] == "HDRS"
    assert s.message.params["ENVID"].startswith("my")
    assert set(s.message.recipients[0].params["NOTIFY"].split(",")) == {"SUCCESS", "DELAY"}


def test_permissions(queue, server):
    old = os.umask(0)
    try:
        queue.use(server())
        queue.send("-odq", YOU).must_be_silent()
    finally:
        os.umask(old)
    for path in [queue.path, *queue.path.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


# ---- where ----

@pytest.mark.parametrize("place", ["with a blank", "deep/below/others", "ünï", "trailing/"])
def test_queue_dir(queue, server, place):
    s = server()
    where = queue.rider.home / place
    queue.use(s, queue_dir=f"{where}/" if place.endswith("/") else where)
    queue.send("-odq", YOU).must_be_silent()
    queue.path = where
    assert len(queue.all()) == 1 and not (queue.rider.home / ".local").exists()
    queue.run().must_be_silent()
    assert s.message.to == [YOU] and queue.is_clean


def test_accounts_with_queues_of_their_own(queue, server):
    one, two = server(), server()
    queue.configure(account(one, "one", queue_dir=queue.rider.home / "q1"),
                    account(two, "two", queue_dir=queue.rider.home / "q2"))
    queue.send("-odq", "-a", "one", "a@x.test", name="postrider").must_be_silent()
    queue.send("-odq", "-a", "two", "b@x.test", name="postrider").must_be_silent()
    queue.run().must_be_silent()
    assert one.message.to == ["a@x.test"] and two.message.to == ["b@x.test"]


def test_a_symlink_may_lead_to_it(queue, server):
    (queue.rider.home / "real").mkdir(mode=0o700)
    (queue.rider.home / "link").symlink_to("real")
    queue.use(server(), queue_dir=queue.rider.home / "link")
    queue.send("-odq", YOU).must_be_silent()
    queue.path = queue.rider.home / "real"
    assert len(queue.all()) == 1


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to_is_refused(queue, server, mode):
    s = server(steps={"rcpt": "451 no"})
    queue.use(s)
    queue.path.mkdir(parents=True)
    queue.path.chmod(mode)
    queue.send("-odq", YOU).must(74, str(queue.path), "others may write", "chmod")
    queue.send().must(75, "others may write", "451 no")
    queue.run().must(74, "others may write")
    assert list(queue.path.iterdir()) == []


def test_no_home_no_queue(queue, server):
    s = server()
    path = queue.use(s).rider.config_file
    env = {"PATH": "/usr/bin:/bin", "HOME": "/dev/null/home"}
    queue.send("-odq", "-C", str(path), YOU, name="postrider", env=env).must(74, "/dev/null/home")
    queue.send("-C", str(path), YOU, name="postrider", env=env).must_be_silent()
    assert s.message.to == [YOU]


def test_an_empty_queue_makes_no_folder(queue, server):
    queue.use(server())
    queue.run().must_be_silent()
    queue.flush().must_be_silent()
    assert not queue.path.exists()


# ---- a full disk, and a read-only one ----

def in_namespace(options: str, folder: str, command: list[str]) -> list[str]:
    """COMMAND, with a file system of its own at FOLDER."""
    script = f'mount -t tmpfs -o {options} tmpfs "$1" && shift && exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, "sh", folder, *command]


def may_mount() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                                                capture_output=True, check=False).returncode == 0


SCRIPT = """
import pathlib, subprocess, sys
program, queue, mail, *args = sys.argv[1:]
run = subprocess.run([program, *args], stdin=open(mail, "rb"), capture_output=True)
left = [str(p) for p in pathlib.Path(queue).rglob("*") if p.is_file() and p.name != "run.lock"]
print(run.returncode, run.stdout, run.stderr.decode(), left)
"""


@pytest.mark.skipif(not may_mount(), reason="mounting needs root and a kernel that lets it")
@pytest.mark.parametrize("flags", [["-odq"], ["-odb"], []], ids=["queue", "background", "now"])
@pytest.mark.parametrize("options", ["size=256k", "size=16k", "size=4m,nr_inodes=2", "size=4m,nr_inodes=5"])
def test_full_disk(queue, server, flags, options):
    """A code, a sentence, and nothing left that looks like mail."""
    s = server(steps={"dot": "451 4.3.0 later"})
    queue.use(s)
    queue.path.mkdir(parents=True, mode=0o700)
    mail = queue.rider.write("mail", LARGE)
    inner = [sys.executable, "-c", SCRIPT, str(queue.rider.bin / "sendmail"), str(queue.path), str(mail), "-i",
             *flags, YOU]
    run = subprocess.run(in_namespace(f"mode=700,{options}", str(queue.path), inner), capture_output=True, text=True,
                         env=queue.rider.environment, timeout=30, check=True)
    # Without a name left for the draft the message lies in a temporary file, and is tried.
    tried = flags == [] and "inodes" in options
    assert run.stdout.startswith(f"{75 if tried else 74} b'' postrider: "), run.stdout
    assert "No space left" in run.stdout and run.stdout.endswith(" []\n"), run.stdout
    assert ("451 4.3.0 later" in run.stdout) == tried
    assert s.messages == [] and run.stdout.count("queue-dir") == 1


@pytest.mark.skipif(not may_mount(), reason="mounting needs root and a kernel that lets it")
def test_read_only_home(queue, server):
    s = server(steps={"1/dot": "451 4.3.0 later"})
    queue.use(s)
    queue.path.mkdir(parents=True, mode=0o700)
    mail = queue.rider.write("mail", LARGE)
    for flags, rc in (["-odq"], 74), ([], 75), ([], 0):
        inner = [sys.executable, "-c", SCRIPT, str(queue.rider.bin / "sendmail"), str(queue.path), str(mail), "-i",
                 *flags, YOU]
        run = subprocess.run(in_namespace("ro,mode=700", str(queue.path), inner), capture_output=True, text=True,
                             env=queue.rider.environment, timeout=30, check=True)
        assert run.stdout.startswith(f"{rc} b'' "), run.stdout
        assert ("Read-only file system" in run.stdout) == (rc != 0)
    assert len(s.messages) == 1


# ---- as somebody else ----

@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("rights", [[], ["--no-new-privs"]], ids=["plain", "no_new_privs"])
def test_unprivileged(queue, server, rights, tmp_path):
    s = server(steps={"1/rcpt": "451 later"})
    queue.use(s)
    program = tmp_path / "postrider"
    program.write_bytes(queue.rider.program.read_bytes())
    program.chmod(0o755)
    for path in [tmp_path, *tmp_path.parents]:
        if path.stat().st_uid == 0 and path.stat().st_mode & 0o005 != 0o005 and "pytest" in str(path):
            path.chmod(path.stat().st_mode | 0o055)
    for path in [queue.rider.home, *queue.rider.home.rglob("*")]:
        os.chown(path, 65534, 65534)
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *rights]
    for args, mail in (["-i", YOU], MAIL), (["--flush"], b""):
        run = subprocess.run([*become, str(program), *args], input=mail, capture_output=True, timeout=20,
                             env=queue.rider.environment, cwd="/", check=False)
        assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
        assert queue.path.stat().st_uid == 65534
    assert s.message.to == [YOU] and queue.is_clean


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_in_somebody_elses_queue_leaves_it_to_him(queue, server):
    queue.use(server(), queue_dir=queue.rider.home / "theirs")
    queue.path = queue.rider.home / "theirs"
    queue.path.mkdir(mode=0o700)
    os.chown(queue.path, 65534, 65534)
    queue.send("-odq", YOU).must_be_silent()
    assert len(queue.names()) == 1
    assert {p.stat().st_uid for p in queue.path.rglob("*")} == {65534}
    queue.flush().must_be_silent()
    assert queue.is_clean
