# SPDX-License-Identifier: GPL-3.0-or-later
"""The service for callers without credentials: who they are, what they may, and what they cannot break."""
from __future__ import annotations

import json
import os
import pty
import random
import select
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from helpers import MAIL, YOU, account
from queue_bed import until
from service_bed import (ACCOUNT, BODY, ID, KIND, LIST, NAMELESS, NOBODY, QUEUED, RECIPIENT, SECRET, SENTENCE, SERVICE,
                         answer, children_of, stream, submission)
from smtp_caller import Caller

BARE = b"Subject: from cron\n\nDone.\n"


def kind(reply: dict[int, bytes]) -> str:
    return reply.get(KIND, b"nothing").decode()


@pytest.fixture
def running(service):
    return service.use().start()


# ---- who the caller is ----

@pytest.mark.parametrize("uid, login", [(NOBODY, "nobody"), (NAMELESS, f"uid-{NAMELESS}"), (0, "root")])
def test_the_message_is_the_callers(running, uid, login):
    if uid == 0:
        reply = running.ask(submission(YOU, mail=BARE), uid=0)
        assert reply[QUEUED].decode() == running.messages()[0].id
    else:
        running.call(["-i", YOU], BARE, uid=uid, env={"LOGNAME": "root", "USER": "root"}).must_be_silent()
    entry, = running.messages()
    assert (entry.uid, entry.origin, entry.sender) == (uid, "service", f"{login}@example.com")


@pytest.mark.parametrize("through", [
    ("setpriv", "--no-new-privs"), ("unshare", "-U"), ("unshare", "-Ur"), ("unshare", "-Urn"),
])
def test_from_where_no_set_id_program_works(running, through):
    running.call(["-i", YOU], BARE, through=through).must_be_silent()
    entry, = running.messages()
    assert entry.uid == NOBODY and entry.sender == "nobody@example.com"


@pytest.mark.parametrize("bits", [0o4755, 0o2755])
def test_a_set_id_program_refuses(running, bits):
    program = running.path("/run/bin/postrider")
    os.chown(program, SERVICE, SERVICE)
    program.chmod(bits)
    run = running.call(["-i", YOU])     # a sanitizer cannot look for leaks there, and has an exit code of its own
    assert run.rc != 0 and "set-user-id" in run.err and running.messages() == [], run


def test_it_is_sent_by_who_has_the_password(service, server):
    s = server(auth="PLAIN", users={"me": SECRET}, auth_needs_tls=False)
    service.use(s, user="me", password=SECRET, auth="plain").start()
    service.call(["-i", YOU]).must_be_silent()
    assert until(lambda: s.messages)
    assert s.message.to == [YOU] and until(lambda: not service.messages())


def test_large(service, server):
    s = server()
    service.use(s).start()
    service.call(["-i", YOU], MAIL + b"0123456789abcdef\n" * 300_000).must_be_silent()
    assert until(lambda: s.messages)
    assert s.message.body.count(b"0123456789abcdef\r\n") == 300_000


# ---- what callers hear ----

def test_verbose_says_the_id(running):
    run = running.call(["-i", "-v", YOU]).must(0, "queued as ")
    assert run.err.split()[-1] == running.messages()[0].id


@pytest.mark.parametrize("args, mail, rc, words", [
    (["-i", "-t"], BARE, 65, "no recipient"),
    (["-i"], BARE, 64, "no recipient"),
    (["-i", YOU], b"Subject: x\n\n" + b"x" * 5000, 65, "5000"),
    (["-i", YOU, "-f", "a b@c d"], BARE, 65, "b@c d"),
], ids=["-t", "none", "too large", "sender"])
def test_refused(service, args, mail, rc, words):
    service.use(max_size="5000").start()
    service.call(args, mail).must(rc, words)
    assert service.messages() == [] and service.names("tmp") == []


def test_unreadable_input(running):
    folder = os.open("/", os.O_RDONLY)
    running.call(["-i", YOU], folder).must(74, "cannot read")
    os.close(folder)
    assert running.messages() == []


def test_a_lone_dot_on_a_terminal_ends_it(running):
    ours, theirs = pty.openpty()
    os.write(ours, b"Subject: by hand\n\nA line.\n.\nbehind\n")
    running.call([YOU], theirs, timeout=10).must_be_silent()
    os.close(theirs)
    os.close(ours)
    content = running.messages()[0].content
    assert content.endswith(b"\r\n\r\nA line.\r\n")


def test_neither_service_nor_folder(service):
    service.use()
    service.drop.rmdir()
    service.path("/run/postrider").rmdir()
    waiting, _ = os.pipe()
    began = time.monotonic()
    service.call([YOU], waiting).must(78, "permission denied", "-bD")
    service.call(["-bp"]).must(78, "-bD")
    assert time.monotonic() - began < 5


def test_what_is_not_the_services(running):
    for args in (["-C", running.etc + "/postrider.ini", YOU], ["--host=127.0.0.1", YOU], ["--dry-run", YOU]):
        running.call(["-i", *args], name="postrider").must(78, "permission denied")
    assert running.messages() == []


@pytest.mark.parametrize("up", [True, False])
def test_bs(service, up):
    service.use(max_size="2000")
    if up:
        service.start()
    process = subprocess.Popen(service.inside("/run/bin/sendmail", "-bs", uid=NOBODY), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    caller = Caller(process)
    assert caller.reply() == 220
    ids = [caller.message(BARE, "me@example.com", YOU).text.split()[-1] for _ in range(2)]
    if up:
        assert caller.message(BARE + b"x" * 2000 + b"\n", "me@example.com", YOU).code // 100 == 5
        assert {e.id: e.uid for e in service.messages()} == {one: NOBODY for one in ids}
    else:
        assert service.names("drop") == ids
    assert caller.say("QUIT") == 221
    caller.end()


# ---- accounts for some users only ----

@pytest.fixture
def policy(service):
    lost = {"host": "127.0.0.1", "port": "1", "tls": "none"}
    service.configure(account(name="boss", users="root", **{**lost, "from": "boss@example.com"}),
                      account(name="web", users="nobody", **{**lost, "from": "web@example.com"}),
                      account(name="all", **{**lost, "from": None}), account="all")
    return service.start()


@pytest.mark.parametrize("args, uid, chosen", [
    ([], NOBODY, "web"), ([], NAMELESS, "all"), (["-a", "web"], NOBODY, "web"), (["-a", "all"], NOBODY, "all"),
    (["-f", "boss@example.com"], NOBODY, "web"), (["-f", "web@example.com"], NAMELESS, "all"),
])
def test_account(policy, args, uid, chosen):
    policy.call(["-i", *args, YOU], BARE, uid=uid, name="postrider").must(0)
    assert policy.messages()[0].account == chosen


@pytest.mark.parametrize("name, uid", [("boss", NOBODY), ("web", NAMELESS), ("none", NOBODY)])
def test_account_of_others(policy, name, uid):
    policy.call(["-i", "-a", name, YOU], BARE, uid=uid, name="postrider").must(64, f"no account '{name}'")
    assert kind(policy.ask(stream((RECIPIENT, b"a@b.c"), (ACCOUNT, name.encode()), (BODY, BARE)), uid)) == "bad-usage"
    assert policy.messages() == []


# ---- the log ----

def test_log(service):
    service.configure(account(host="127.0.0.1", port="1", tls="none", from_=None), log="/run/postrider/log",
                      log_format="json", max_size="5000")
    service.drop.joinpath("odd").write_bytes(b"not a message")
    service.start()
    service.call(["-i", YOU]).must_be_silent()
    service.call(["-i", YOU], MAIL + b"x" * 5000, uid=NAMELESS).must(65)
    assert kind(service.ask(b"GET / HTTP/1.1\r\n\r\n")) == "broken-peer"
    file = service.path("/run/postrider/log")

    def lines() -> list[dict]:
        return [json.loads(line) for line in file.read_text().splitlines()]

    def said(status: str, uid: int | None) -> list[dict]:
        return [entry for entry in lines() if entry["status"] == status and entry.get("uid") == uid]

    assert until(lambda: said("queued", NOBODY) and said("refused", NAMELESS))
    assert said("queued", NOBODY)[0]["queue"] == service.messages()[0].id
    assert "not of this program" not in file.read_text()
    assert "'odd' of the drop folder" in file.read_text() and file.stat().st_mode & 0o077 == 0


# ---- strict framing ----

WHOLE = submission(YOU, "b@x.test", mail=MAIL * 3)


@pytest.mark.parametrize("cut", [0, 3, 4, 9, 20, len(WHOLE) - 20, len(WHOLE) - 1])
def test_eof_before_the_end_is_no_message(running, cut):
    reply = running.ask(WHOLE[:cut])
    assert kind(reply) == "broken-peer" and QUEUED not in reply
    assert until(lambda: running.names("tmp") == []) and running.messages() == []


def test_a_caller_who_dies(running):
    with running.connect(NOBODY) as s:
        s.sendall(stream((RECIPIENT, YOU.encode()), (BODY, MAIL), *[(BODY, b"x" * 99_999)] * 6, end=False))
        assert until(lambda: running.names("tmp"))
    assert until(lambda: running.names("tmp") == []) and running.messages() == []


def test_malformed_frames_do_no_harm(running):
    chance = random.Random(4)
    spooler = running.spooler()
    for number in range(100):
        data = bytearray(WHOLE)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            data[at] ^= chance.randrange(1, 256)
        cut = chance.choice([len(data), chance.randrange(len(data))])
        more = chance.randbytes(chance.randrange(50)) if number % 3 == 0 else b""
        reply = running.ask(bytes(data[:cut]) + more)
        assert QUEUED not in reply, (number, reply)
    assert running.messages() == [] and running.spooler() == spooler
    assert kind(running.ask(WHOLE)) == "queued"


@pytest.mark.parametrize("request_, words", [
    (stream((RECIPIENT, b"-oQ/tmp@x.test"), (BODY, MAIL)), b"leading dash"),
    (stream((RECIPIENT, b"a b c@"), (BODY, MAIL)), b"b c@"),
    (stream((RECIPIENT, b"a@b.c\nd"), (BODY, MAIL)), b"no line of text"),
    (stream((ID, b"../../etc/passwd"), verb=4), b"../../etc/passwd"),
    (stream((BODY, MAIL)), b"no recipient"),
    (WHOLE + b"x", b"more behind its end"),
    (b"GET / HTTP/1.1\r\n\r\n", b"not of this program"),
], ids=["dash", "address", "control", "id", "nobody", "more", "http"])
def test_refused_by_the_service(running, request_, words):
    reply = running.ask(request_)
    assert QUEUED not in reply and words in reply[SENTENCE], reply
    assert running.messages() == []


# ---- limits ----

def test_four_connections_for_a_user(running):
    held = [running.connect(NOBODY) for _ in range(4)]
    busy = running.ask(WHOLE)
    assert kind(busy) == "temporary" and b"busy" in busy[SENTENCE]
    running.call(["-i", YOU]).must(75, "busy")
    running.call(["-i", YOU], uid=NAMELESS).must_be_silent()
    for s in held:
        s.close()
    assert until(lambda: kind(running.ask(WHOLE)) == "queued")


def test_sixty_four_in_all(running):
    held = [running.connect(70_000 + number // 4) for number in range(64)]
    busy = running.ask(WHOLE)
    assert kind(busy) == "temporary" and b"busy" in busy[SENTENCE]
    for s in held:
        s.close()
    assert until(lambda: kind(running.ask(WHOLE)) == "queued")


# ---- whatever becomes of a child ----

def test_a_child_that_is_killed(running):
    spooler = running.spooler()
    with running.connect(NOBODY) as s:
        s.sendall(WHOLE[:30])

        def is_cut_off() -> bool:
            for child in children_of(spooler):
                os.kill(child, signal.SIGKILL)
            return bool(select.select([s], [], [], 0)[0])

        assert until(is_cut_off) and answer(s) == {}
    assert kind(running.ask(WHOLE)) == "queued" and running.spooler() == spooler


def test_a_spooler_that_is_killed_comes_again(running):
    spooler = running.spooler()
    os.kill(spooler, signal.SIGKILL)
    running.call(["-i", YOU]).must_be_silent()
    assert until(lambda: running.messages()) and running.spooler() != spooler


def test_the_spooler_ends_with_the_daemon(running):
    spooler = running.spooler()
    running.daemon.kill()
    running.daemon.wait()
    assert until(lambda: not Path(f"/proc/{spooler}/exe").exists())
    running.start()
    running.call(["-i", YOU]).must_be_silent()


def test_who_is_connected_is_served_to_the_end(running):
    with running.connect(NOBODY) as s:
        s.sendall(WHOLE[:30])
        assert until(lambda: children_of(running.spooler()))
        running.daemon.terminate()
        time.sleep(0.3)
        s.sendall(WHOLE[30:])
        assert kind(answer(s)) == "queued"
    running.end()
    assert len(running.messages()) == 1


def test_another_config_on_sighup(running):
    spooler = running.spooler()
    running.use(max_size="100")
    running.daemon.send_signal(signal.SIGHUP)
    assert until(lambda: running.spooler() != spooler and not Path(f"/proc/{spooler}/exe").exists())
    running.call(["-i", YOU], MAIL + b"x" * 100).must(65, "100 octets")


def test_one_service_at_a_time(running):
    second = subprocess.run(running.inside("/run/bin/postrider", "-bD", uid=SERVICE), capture_output=True, timeout=20)
    assert second.returncode == 78 and b"another service listens" in second.stderr


def start_another(service, *through: str) -> subprocess.Popen:
    return subprocess.Popen(service.inside(*through, "/run/bin/postrider", "-bD", uid=SERVICE), stderr=subprocess.PIPE)


def test_several_that_start_at_once(running):
    """One of them finds the socket of the dead, the others that one."""
    folder = running.path("/run/postrider")
    running.kill_all()
    several = [start_another(running) for _ in range(3)]
    try:
        assert until(lambda: [one.poll() for one in several].count(78) == 2)
        assert until(running.answers) and [p.name for p in folder.glob("submit*")] == ["submit"]
        assert folder.joinpath("submit").stat().st_mode & 0o777 == 0o666
        running.call(["-i", YOU]).must_be_silent()
    finally:
        for one in several:
            one.kill()
            one.communicate()
    assert len(running.messages()) == 1 and running.names("drop") == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.skipif("asan" in os.environ.get("POSTRIDER", ""), reason="no sanitizer looks for leaks below strace")
def test_a_socket_that_does_not_listen_yet(service):
    """It looks as dead as one whose service died, so nobody is to see it: not the next service, which would take its
    place, and no caller, who would think that there is none."""
    service.use()
    slow = start_another(service, "strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=listen:delay_enter=2000000")
    folder = service.path("/run/postrider")
    quick = None
    try:
        assert until(lambda: list(folder.iterdir())) and not folder.joinpath("submit").exists()
        quick = start_another(service)
        assert until(service.answers) and slow.poll() is None
        assert slow.wait(20) == 78 and quick.poll() is None and service.answers()
        assert [p.name for p in folder.glob("submit*")] == ["submit"]
    finally:
        for one in filter(None, (slow, quick)):
            for pid in [*children_of(one.pid), one.pid] if one.poll() is None else []:
                os.kill(pid, signal.SIGKILL)
            one.communicate(timeout=20)


def test_after_one_that_was_killed(running):
    """Its spooler takes a moment to end, and still listens."""
    spooler = running.spooler()
    os.kill(spooler, signal.SIGSTOP)
    running.daemon.kill()
    running.daemon.wait()
    second = start_another(running)
    time.sleep(0.5)
    assert second.poll() is None
    os.kill(spooler, signal.SIGKILL)
    try:
        assert until(running.answers) and second.poll() is None
        running.call(["-i", YOU]).must_be_silent()
    finally:
        second.terminate()
        assert second.communicate(timeout=20)[1] == b""


def test_a_socket_that_was_passed(service):
    service.use()
    with socket.socket(socket.AF_UNIX) as s:
        here = os.open(".", os.O_PATH)
        os.chdir(service.path("/run/postrider"))
        s.bind("submit")
        os.fchdir(here)
        os.close(here)
        service.path("/run/postrider/submit").chmod(0o666)
        s.listen()
        os.set_inheritable(s.fileno(), True)
        passing = f'exec 3<&{s.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        service.start(through=("bash", "-c", passing, "sh"), pass_fds=[s.fileno()])
    service.call(["-i", YOU]).must_be_silent()
    assert len(service.messages()) == 1


# ---- one's own messages, and nobody else's ----

@pytest.fixture
def shared(running):
    """The ids of a message of nobody's and one of another user's."""
    ids = []
    for uid in (NOBODY, NAMELESS):
        running.call(["-i", YOU], uid=uid).must_be_silent()
        ids.append(next(e.id for e in running.messages() if e.uid == uid))
    assert until(lambda: all(e.attempts == 1 for e in running.messages()))
    return ids


def test_lists_are_ones_own(running, shared):
    mine, other = shared
    assert mine in running.call(["-bp"]).out and other not in running.call(["-bp"]).out
    lines = running.call(["--list", "--json"], name="postrider", uid=NAMELESS).must(0).out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [other]
    assert running.call(["-bp"], uid=NAMELESS + 1).out == "Mail queue is empty\n"
    for all_seeing in (0, SERVICE):
        out = running.call(["-bp"], uid=all_seeing).out
        assert mine in out and other in out


@pytest.mark.parametrize("what", ["show", "hold", "release", "remove"])
def test_others_messages_are_not_there(running, shared, what):
    mine, other = shared
    before = {e.id: e.state for e in running.messages()}
    hidden = running.call([f"--{what}={other}"], b"", name="postrider").must(69, "no message")
    absent = running.call([f"--{what}={other[:-1]}0"], b"", name="postrider").must(69)
    assert hidden.out == "" and hidden.err.replace(other, "") == absent.err.replace(other[:-1] + "0", "")
    assert {e.id: e.state for e in running.messages()} == before


def test_ones_own_can_be_handled(running, shared):
    mine, other = shared

    def state() -> dict[str, str]:
        return {e.id: e.state for e in running.messages()}

    shown = running.call([f"--show={mine}"], b"", name="postrider").must(0).out
    assert mine in shown and "A line." in shown
    running.call([f"--hold={mine}"], b"", name="postrider").must(0)
    assert state() == {mine: "h", other: "q"}
    running.call(["-v", f"--release={mine}"], b"", name="postrider").must(0, "released")
    assert state()[mine] == "q"
    running.call(["--remove=ALL"], b"", name="postrider").must(0)
    assert list(state()) == [other]


def test_a_flush_is_a_hint(running, shared):
    running.call(["-q"]).must_be_silent()
    assert kind(running.ask(stream(verb=LIST))) in ("ok", "sent")
    mine, other = shared
    running.call([f"--flush={mine}"], b"", name="postrider").must_be_silent()
    running.call([f"--flush={other}"], b"", name="postrider").must(69, "no message")


# ---- secrets ----

def memory_of(pid: int) -> bytes:
    found = []
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights = line.split()[:2]
            if "w" not in rights or "[v" in line:
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            try:
                memory.seek(start)
                found.append(memory.read(min(end - start, 1 << 26)))
            except OSError:
                continue        # it has an address, but no memory
    return b"".join(found)


def test_no_secret_in_who_reads_callers_bytes(service):
    service.configure(account(host="127.0.0.1", port="1", tls="none", user="me", password=SECRET),
                      account(name="two", host="127.0.0.1", port="1", tls="none", user="me",
                              password_command=f"echo {SECRET}2"), account="test")
    service.start()
    service.call(["-i", YOU]).must_be_silent()
    secret = SECRET.encode()
    assert secret in memory_of(service.daemon.pid)
    with service.connect(NOBODY) as s:
        s.sendall(WHOLE[:30])
        spooler = service.spooler()
        assert until(lambda: len(children_of(spooler)) == 1), "who looked into the drop folder has ended"
        for pid in (spooler, *children_of(spooler)):
            memory = memory_of(pid)
            assert b"127.0.0.1" in memory and secret not in memory and secret not in environ(pid), pid
    for path in service.path(service.queue).rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes(), path


def environ(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()
