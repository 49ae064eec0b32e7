# SPDX-License-Identifier: GPL-3.0-or-later
"""The drop folder: messages for a service that is down, and all else that somebody may put there."""
from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import time

import pytest

from helpers import MAIL, YOU, account
from queue_bed import until
from queue_files import new_id, write_entry
from service_bed import BODY, LIST, NAMELESS, NOBODY, RECIPIENT, SERVICE, stream, submission

WHOLE = submission(YOU)
BARE = b"Subject: from cron\n\nDone.\n"


@pytest.fixture
def down(service):
    return service.use()


def put(service, name: str, content: bytes = WHOLE, *, uid: int = NOBODY, mode: int = 0o640) -> str:
    """A file as a caller would make it."""
    path = service.drop / name
    path.write_bytes(content)
    os.chown(path, uid, -1)
    path.chmod(mode)
    return name


def imported(service) -> bool:
    """Everything was looked at."""
    return until(lambda: not service.names("drop") and not service.names("import"))


@pytest.mark.parametrize("uid, login", [(NOBODY, "nobody"), (NAMELESS, f"uid-{NAMELESS}")])
def test_left_and_taken_in(down, uid, login):
    down.use(log="/run/postrider/log")
    down.call(["-i", YOU], BARE, uid=uid).must_be_silent()
    name, = down.names("drop")
    facts = (down.drop / name).stat()
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (uid, SERVICE, 0o640)
    down.start()
    assert until(lambda: len(down.messages()) == 1) and imported(down)
    entry, = down.messages()
    assert (entry.id, entry.uid, entry.origin, entry.sender) == (name, uid, "service", f"{login}@example.com")
    assert entry.content.endswith(b"\r\n\r\nDone.\r\n") and down.names("corrupt") == []
    assert "status=queued" in down.path("/run/postrider/log").read_text().splitlines()[0]


def test_verbose_says_so(down):
    run = down.call(["-i", "-v", YOU]).must(0, "not running")
    assert down.names("drop") == [run.err.split()[-1]]


def test_sent_when_the_service_comes(service, server):
    s = server()
    service.use(s)
    for number in range(5):
        service.call(["-i", YOU], f"Subject: {number}\n\n".encode() + b"0123456789\n" * 50_000).must_be_silent()
    service.start()
    assert until(lambda: len(s.messages) == 5)
    assert sorted(m.field("Subject") for m in s.messages) == list("01234")
    assert until(lambda: not service.messages()) and imported(service)


def test_while_a_socket_is_dead(down):
    down.start()
    down.daemon.kill()
    down.daemon.wait()
    assert until(lambda: not down.answers())
    down.call(["-i", YOU]).must_be_silent()
    assert len(down.names("drop")) == 1
    down.start()
    assert until(lambda: len(down.messages()) == 1)


def test_others_see_and_touch_nothing(down):
    down.call(["-i", YOU]).must_be_silent()
    name, = down.names("drop")
    file = f"{down.queue}/drop/{name}"
    for command in (["ls", down.queue + "/drop"], ["cat", file], ["rm", "-f", file], ["mv", file, file + "x"],
                    ["ls", down.queue + "/q"]):
        assert subprocess.run(down.inside(*command, uid=NAMELESS), capture_output=True).returncode != 0, command
    assert down.names("drop") == [name]


def test_a_file_with_two_names_is_one_message(down):
    os.link(down.drop / put(down, new_id()), down.drop / new_id())
    down.start()
    assert imported(down) and len(down.messages()) == 1 and down.names("corrupt") == []


def test_a_folder_that_is_closed(down):
    down.drop.chmod(0o755)
    down.call(["-i", YOU]).must(75, "in '/", "/drop': permission denied")


@pytest.mark.parametrize("message, args, rc, words", [
    (b"To: @@@ <\n\nx\n", ["-t"], 65, "To"),
    (b"Subject: x\n\nx\n", ["-t"], 65, "recipient"),
    (b"Subject: \0\n\nx\n", [YOU], 65, "NUL"),
    (b"Received: x\n" * 31 + b"\nx\n", [YOU], 65, "circles"),
], ids=["no address", "nobody", "NUL", "circles"])
def test_what_no_service_would_take_is_refused_at_once(down, message, args, rc, words):
    down.call(["-i", *args], message).must(rc, words)
    assert list(down.drop.iterdir()) == []


@pytest.mark.parametrize("message, args", [
    (b"To: root, you@x.test\n\nx\n", ["-t"]),
    (BARE, ["-f", "", "someone"]),
    (BARE, ["-a", "any", YOU]),
    (b"Subject: large\n\n" + b"x\n" * 300_000, [YOU]),
], ids=["names", "null sender", "account", "large"])
def test_what_some_service_would_take_is_left(down, message, args):
    name = "postrider" if "-a" in args else "sendmail"
    down.call(["-i", *args], message, name=name).must_be_silent()
    assert len(down.names("drop")) == 1


def test_queries_need_the_service(down):
    down.call(["-bp"]).must(78, "permission denied", "not running")
    assert down.names("drop") == []


def test_a_group_that_is_not_the_services_reads_nothing(down):
    down.drop.chmod(0o1733)
    down.call(["-i", YOU]).must_be_silent()
    name, = down.names("drop")
    assert stat.S_IMODE((down.drop / name).stat().st_mode) == 0o600


# ---- what is no message ----

BAD = {
    "cut short": WHOLE[:-1],
    "empty": b"",
    "no stream": b"From: a@b.c\n\nhello\n",
    "a byte too many": WHOLE + b"x",
    "another verb": stream(verb=LIST),
    "a made-up queue file": b"PR1 " + WHOLE,
    "damaged": WHOLE.replace(b"A line", b"B line"),
    "nobody to send to": stream((BODY, MAIL)),
    "a dash": stream((RECIPIENT, b"-oQ@x.test"), (BODY, MAIL)),
    "too large": stream((RECIPIENT, b"a@x.test"), (BODY, MAIL), (BODY, b"x" * 9000)),
}


def test_bad_files_are_kept_for_a_person(service):
    service.use(max_size="8000")
    contents = sorted(BAD.values())
    for content in contents:
        put(service, new_id(), content)
    put(service, "hello.eml", b"not named as a message")
    put(service, "-rf", b"neither")
    good = put(service, new_id(), WHOLE)
    service.start()
    assert imported(service)
    kept = sorted(p.read_bytes() for p in service.folder_of("corrupt").iterdir())
    assert kept == sorted([*contents, b"not named as a message", b"neither"])
    assert [e.id for e in service.messages()] == [good] and service.names("tmp") == []


def test_what_is_no_file_of_ones_own_goes(down):
    victim = down.path(down.etc + "/secret")
    victim.write_bytes(WHOLE)
    victim.chmod(0o600)
    inside = down.etc + "/secret"
    (down.drop / new_id()).symlink_to(inside)
    (down.drop / new_id()).symlink_to("../../../../etc/passwd")
    os.mkfifo(down.drop / new_id(), 0o666)
    os.mknod(down.drop / new_id(), stat.S_IFCHR | 0o666, os.makedev(1, 3))
    elsewhere = down.folder_of("outside")
    other = put(down, new_id())
    os.link(down.drop / other, elsewhere)
    (down.drop / new_id()).mkdir()
    down.start()
    assert until(lambda: [p.is_dir() for p in down.drop.iterdir()] == [True])
    assert until(lambda: down.names("import") == [])
    assert down.messages() == [] and victim.read_bytes() == WHOLE and elsewhere.read_bytes() == WHOLE


def test_a_file_that_the_service_may_not_read(down):
    put(down, new_id(), mode=0o600)
    os.chown(next(down.drop.iterdir()), NOBODY, NOBODY)
    down.start()
    assert imported(down) and len(down.names("corrupt")) == 1 and down.messages() == []


def test_the_name_of_another_message(down):
    there = write_entry(down.path(down.queue), uid=SERVICE, next=int(time.time()) + 9999)
    for path in [*down.path(down.queue).iterdir(), *(down.path(down.queue) / "q").iterdir()]:
        if path.name != "drop":
            os.chown(path, SERVICE, SERVICE)
    put(down, there.id)
    down.start()
    assert imported(down) and len(down.names("corrupt")) == 1
    entry, = down.messages()
    assert entry.content == there.content and entry.uid == SERVICE


def test_unfinished_ones(down):
    old, young, locked = (put(down, "." + new_id()) for _ in range(3))
    for name in (old, locked):
        os.utime(down.drop / name, (time.time() - 4000,) * 2)
    with open(down.drop / locked, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        down.start()
        assert until(lambda: old not in down.names("drop") and old not in os.listdir(down.drop))
        assert sorted(os.listdir(down.drop)) == sorted([young, locked])
    assert down.messages() == []


# ---- an import that was interrupted ----

def test_no_account_for_its_sender_yet(down):
    """It waits for another config, without a look and a line of the log every minute."""
    lost = {"host": "127.0.0.1", "port": "1", "tls": "none", "from": None}
    down.configure(account(users="root", **lost), log="/run/postrider/log")
    name = put(down, new_id())
    down.start()
    assert until(lambda: down.names("import") == ["." + name])
    line, = down.path("/run/postrider/log").read_text().splitlines()
    assert "there is no account" in line and "exit=78" in line and down.messages() == []
    down.use(log="/run/postrider/log")
    down.daemon.send_signal(signal.SIGHUP)
    assert until(lambda: [e.id for e in down.messages()] == [name]) and imported(down)


def make_import(service) -> None:
    service.folder_of("import").mkdir(mode=0o700)
    os.chown(service.folder_of("import"), SERVICE, SERVICE)


def test_interrupted_before_it_was_made_a_message(down):
    make_import(down)
    name = put(down, new_id())
    (down.drop / name).rename(down.folder_of("import") / name)
    down.start()
    assert until(lambda: [e.id for e in down.messages()] == [name]) and imported(down)


def test_interrupted_before_it_was_in_the_queue(service, server):
    s = server()
    service.use(s)
    make_import(service)
    entry = write_entry(service.folder_of("import"), uid=NOBODY, origin="service")
    service.folder_of(f"import/q/{entry.id}").rename(service.folder_of(f"import/{entry.id}"))
    for path in service.folder_of("import").iterdir():
        if path.is_dir():
            path.rmdir()
        else:
            os.chown(path, SERVICE, SERVICE)
    service.start()
    assert until(lambda: s.messages) and until(lambda: not service.messages())
    assert len(s.messages) == 1 and imported(service)


def test_killed_again_and_again_nothing_is_lost_or_doubled(service, server):
    s = server()
    service.use(s)
    for number in range(30):
        put(service, new_id(), submission(YOU, mail=f"Subject: {number}\n\nx\n".encode()))
    for delay in (0.0, 0.005, 0.01, 0.02, 0.03, 0.05):
        service.start()
        time.sleep(delay)
        service.kill_all()
    service.start()
    assert until(lambda: imported(service) and not service.messages())
    subjects = [m.field("Subject") for m in s.messages]
    assert sorted(set(subjects), key=int) == [str(n) for n in range(30)]
    assert service.names("corrupt") == []
