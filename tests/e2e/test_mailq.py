# SPDX-License-Identifier: GPL-3.0-or-later
"""The administrator's view of the queue: contract, sections 3, 4 and 7. The files are the tests' own."""
import fcntl
import json
import os
import re
import time

import pytest

import queue_files
from helpers import ME, YOU, account, config
from queue_files import DELIVERED, HELD, PENDING, REFUSED, STUCK, TOLD, WAITING, Entry, read_entry, write_entry, \
    write_reply

NOW = int(time.time())
ID = re.compile(r"^([0-9A-Z]{24})([*! ])", re.M)


def relay(name: str = "test", **keys: str) -> str:
    return account(name=name, host="localhost", **keys)


@pytest.fixture
def spool(rider):
    """The user's own queue; there is no folder yet."""
    rider.configure(config(relay()))
    return rider.home / ".local/state/postrider/queue"


@pytest.fixture
def ask(rider):
    """ask("--list") is what the program says, and it says nothing else."""
    def ask(*args: str, rc: int = 0, name: str = "postrider") -> str:
        run = rider(args, b"", name=name).must(rc)
        assert run.err == "" or rc != 0, run
        return run.out
    return ask


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def damage(spool, e: Entry, at: int = 60) -> None:
    path = spool / "q" / e.id
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_crc32c():
    assert queue_files.crc32c(b"123456789") == 0xE3069283


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("name, args", [("mailq", []), ("sendmail", ["-bp"]), ("postrider", ["--list"])])
def test_empty(ask, spool, name, args, made):
    if made:
        queue_files.make_folders(spool)
    assert ask(*args, name=name) == "Mail queue is empty\n"
    assert spool.exists() == made           # a look makes nothing


def test_empty_as_json(ask, spool):
    assert ask("--list", "--json") == ""


@pytest.mark.parametrize("name, args", [("mailq", []), ("sendmail", ["-bp"]), ("postrider", ["--list"])])
def test_table(ask, spool, name, args):
    e = write_entry(spool, sender="alice@example.com", to=["bob@example.net", "carol@example.org"], attempts=4,
                    created=NOW - 3600, next=int(time.time()) + 715,
                    content=b"Subject: x\r\n\r\n" + b"A line.\r\n" * 500)
    write_reply(spool, e, "450 4.2.1 try later", peer="smtp.example.com:587")
    when = time.strftime("%a %b %e %H:%M:%S", time.gmtime(NOW - 3600))
    assert ask(*args, name=name) == (
        "-Queue ID-               --Size-- ----Arrival Time---- -Sender/Recipient-------\n"
        f"{e.id}      4514 {when}  alice@example.com\n"
        "(account test, 4 attempts, next try in 12m)\n"
        "(smtp.example.com:587: 450 4.2.1 try later)\n"
        "        bob@example.net\n"
        "        carol@example.org\n"
        "\n"
        "\t\tTotal Requests: 1\n"
        "-- 4 Kbytes in 1 Request.\n")


def test_several_from_the_oldest_on(ask, spool):
    ids = [write_entry(spool, created=NOW - age, id=queue_files.new_id(NOW - age)).id for age in (5, 900, 60)]
    out = ask("--list")
    assert [found[0] for found in ID.findall(out)] == [ids[1], ids[2], ids[0]]
    assert out.endswith("\n\n\t\tTotal Requests: 3\n-- 0 Kbytes in 3 Requests.\n")


def test_what_monitoring_looks_for(ask, spool):
    """check_mailq's patterns, for Postfix and for sendmail."""
    for _ in range(3):
        write_entry(spool)
    lines = ask(name="mailq").splitlines()
    assert re.search(r"Kbytes in (\d+)", lines[-1])[1] == "3"
    assert [m[1] for m in (re.match(r"^\s+Total Requests: (\d+)$", line) for line in lines) if m] == ["3"]


STATES = {
    "waiting": (dict(next=NOW + 7000), " ", "not tried yet, next try in 2h"),
    "due": (dict(next=NOW - 7000, attempts=1), " ", "1 attempt, due now"),
    "held": (dict(state=HELD, attempts=2), "!", "2 attempts, held"),
    "stuck": (dict(state=STUCK, attempts=2, next=NOW + 500), " ",
              "2 attempts, the account does not work, next try in 9m"),
}


@pytest.mark.parametrize("state", STATES)
def test_states(ask, spool, state):
    facts, mark, words = STATES[state]
    late = int(time.time()) - NOW
    e = write_entry(spool, **{key: value + late if key == "next" else value for key, value in facts.items()})
    out = ask("--list")
    assert ID.findall(out) == [(e.id, mark)] and f"(account test, {words})" in out
    assert objects(ask("--list", "--json"))[0]["queue"] == ("waiting" if state == "due" else state)


def test_being_sent_now(ask, spool):
    e = write_entry(spool, state=HELD)
    with open(spool / "q" / e.id, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        out = ask("--list")
        assert ID.findall(out) == [(e.id, "*")] and "being sent now" in out
        assert objects(ask("--list", "--json"))[0]["queue"] == "active"
        for option in ("--hold", "--release", "--remove"):
            assert ask(f"{option}={e.id}", rc=75) == ""
        assert "A line." in ask(f"--show={e.id}")
    assert ID.findall(ask("--list")) == [(e.id, "!")]


def test_recipients(ask, spool):
    e = write_entry(spool, sender="", attempts=1,
                    to={"d@x.test": DELIVERED, "f@x.test": REFUSED, "b@x.test": TOLD, "p@x.test": PENDING})
    write_reply(spool, e, "550 no such user", peer="mx.test", first=1, last=1, kind=5, code=550)
    write_reply(spool, e, "450 later", peer="mx.test", first=3)
    out = ask("--list")
    assert out.split("\n\n")[0].endswith(
        "  <>\n(account test, 1 attempt, due now)\n(mx.test: 450 later)\n        p@x.test\n"
        "(mx.test: 550 no such user)\n        f@x.test (refused)\n        b@x.test (refused)"), out
    assert "        d@x.test (delivered)\n" in ask("--list", "--verbose")
    assert "        d@x.test (delivered)\n" in ask("-v", name="mailq")


def test_json(ask, spool):
    e = write_entry(spool, to={"d@x.test": DELIVERED, "p@x.test": PENDING}, attempts=3, next=NOW + 60,
                    created=NOW - 60, message_id="<1@x.test>", origin="smtp")
    write_reply(spool, e, "450 läter", peer="mx.test", first=1)
    assert objects(ask("--list", "--json")) == [{
        "id": e.id, "queue": "waiting", "folder": str(spool), "created": NOW - 60, "size": len(e.content),
        "sender": ME, "attempts": 3, "next": NOW + 60, "account": "test", "origin": "smtp", "uid": os.getuid(),
        "message_id": "<1@x.test>", "report_on": None, "recipients": [
            {"address": "d@x.test", "state": "delivered", "reply": None, "server": None},
            {"address": "p@x.test", "state": "pending", "reply": "450 läter", "server": "mx.test"}]}]
    assert ask(f"--show={e.id}", "--json") == ask("--list", "--json")


def test_report_says_what_it_is_about(ask, spool):
    parent = queue_files.new_id()
    e = write_entry(spool, sender="", origin="report", parent=parent)
    assert objects(ask("--list", "--json"))[0]["report_on"] == parent
    assert f"report-on:   {parent}\n" in ask(f"--show={e.id}")


def test_words_of_others_do_no_harm(ask, spool):
    e = write_entry(spool, attempts=1)
    write_reply(spool, e, "450 \x1b[2J\x9b31m\x07", peer="mx\x1b.test")
    for args in (["--list"], ["--list", "--json"], [f"--show={e.id}"]):
        out = ask(*args)
        assert "450 ?[2J" in out and not set("\x1b\x07\x9b") & set(out), args


def test_selection(ask, spool):
    one = write_entry(spool, sender="a@x.test", to=["bob@example.net"]).id
    two = write_entry(spool, sender="b@x.test", to=["carol@example.net", "dan@example.net"]).id
    for what, ids in {"-qRBOB": [one], "-q!Rbob": [two], "-qSb@": [two], f"-qI{one}": [one], "-qRnobody": []}.items():
        assert [found[0] for found in ID.findall(ask("-bp", what, name="sendmail"))] == ids, what
        assert [found["id"] for found in objects(ask("--list", "--json", what))] == ids, what


def test_what_is_kept_or_damaged(ask, spool):
    kept = write_entry(spool, folder="failed", to={"no@x.test": REFUSED}, attempts=1)
    write_reply(spool, kept, "550 no such user", kind=5, code=550)
    aside = write_entry(spool, folder="corrupt")
    (spool / "corrupt" / "core\n").write_text("x")
    out = ask("--list")
    assert re.search(rf"\n-Kept: refused-\n\n{kept.id} .*\n\(account test, 1 attempt\)\n"
                     r"\(550 no such user\)\n        no@x.test \(refused\)\n\n"
                     rf"-Damaged, set aside-\n\n{aside.id} (.*\n)+\ncore\? ", out), out
    assert out.endswith("\nMail queue is empty\n")      # monitoring counts what waits
    found = objects(ask("--list", "--json"))
    assert [(one["id"], one["queue"], one["next"]) for one in found] == [
        (kept.id, "failed", None), (aside.id, "corrupt", None), ("core\n", "corrupt", None)]
    assert "named" in found[2]["error"]


@pytest.mark.parametrize("how", ["torn", "flipped", "foreign", "fifo", "open to others"])
def test_damage_in_the_queue(rider, ask, spool, how):
    good = write_entry(spool)
    bad = write_entry(spool)
    path = spool / "q" / bad.id
    if how == "torn":
        os.truncate(path, 100)
    elif how == "flipped":
        damage(spool, bad)
    elif how == "foreign":
        path.rename(spool / "q" / "notes.txt")
    elif how == "fifo":
        path.unlink()
        os.mkfifo(path, 0o600)
    else:
        path.chmod(0o644)
    out = ask("--list")
    assert good.id in out and out.count("\n(damaged: ") == 1 and out.endswith("in 2 Requests.\n")
    assert [one["queue"] for one in objects(ask("--list", "--json"))].count("corrupt") == 1
    assert len(list((spool / "q").iterdir())) == 2      # a look moves nothing
    if how != "foreign":
        assert "\ndamaged:     " in ask(f"--show={bad.id}")
        ask(f"--hold={bad.id}", rc=65)
        ask(f"--remove={bad.id}")
        assert not path.exists()


def test_show(ask, spool):
    body = b"".join(b"Line %d.\r\n" % i for i in range(60_000))     # does not fit into memory
    e = write_entry(spool, to=[YOU, "x@x.test"], attempts=2, next=int(time.time()) + 700, created=NOW,
                    content=b"Subject: hello\r\n\r\n" + body)
    write_reply(spool, e, "450 later", peer="mx.test", first=1)
    head, _, message = ask(f"--show={e.id}").partition("\n\n")
    assert message == e.content.decode().replace("\r\n", "\n")
    facts = dict(re.split(r":\s+", line, maxsplit=1) for line in head.splitlines())
    assert facts["id"] == e.id and facts["queue"] == "waiting" and facts["sender"] == ME
    assert facts["standing"] == "account test, 2 attempts, next try in 12m"
    assert f"recipient:   {YOU} (pending)\nrecipient:   x@x.test (pending)\nreply:       mx.test: 450 later" in head


def test_show_from_other_folders(ask, spool):
    kept = write_entry(spool, folder="failed")
    assert ask(f"--show={kept.id}").endswith("\n\n" + kept.content.decode().replace("\r\n", "\n"))
    aside = write_entry(spool, folder="corrupt")
    raw = (spool / "corrupt" / aside.id).read_bytes().decode()
    assert ask(f"--show={aside.id}").endswith("\n\n" + raw)


def test_hold_and_release(ask, spool):
    e = write_entry(spool, next=NOW + 900, attempts=2)
    path = spool / "q" / e.id
    assert ask(f"--hold={e.id}") == ask(f"--hold={e.id}") == ""
    held = read_entry(path)
    assert (held.state, held.next, held.attempts) == (HELD, NOW + 900, 2)
    assert ask(f"--release={e.id}") == ""
    free = read_entry(path)
    assert free.state == WAITING and abs(free.next - time.time()) < 60 and free.content == e.content
    assert abs(path.stat().st_mtime - free.next) < 1
    before = path.read_bytes()
    ask(f"--release={e.id}")
    assert path.read_bytes() == before


def test_release_of_what_is_stuck(ask, spool):
    e = write_entry(spool, state=STUCK, next=NOW + 900)
    ask(f"--release={e.id}")
    free = read_entry(spool / "q" / e.id)
    assert free.state == WAITING and free.next < NOW + 900


@pytest.mark.parametrize("folder", ["q", "failed", "corrupt"])
def test_remove(ask, spool, folder):
    other = write_entry(spool)
    e = write_entry(spool, folder=folder, attempts=1)
    write_reply(spool, e, "450 later")
    assert ask(f"--remove={e.id}") == ""
    assert sorted(path.name for path in spool.rglob("*") if path.is_file()) == [other.id]


@pytest.mark.parametrize("folder", ["failed", "corrupt"])
def test_only_what_waits_is_held(rider, spool, folder):
    e = write_entry(spool, folder=folder)
    for option in ("--hold", "--release"):
        rider([f"{option}={e.id}"], b"", name="postrider").must(69, e.id, f"--remove={e.id}")


def test_with_mail_of_the_program_itself(rider, server, ask):
    """It waits, is held, and goes when it is released; and our reader understands its file."""
    s = server()
    rider.configure(config(account(s), queue=None))
    spool = rider.home / ".local/state/postrider/queue"
    rider(["-odq", "-i", "-f", ME, YOU]).must_be_silent()
    e, = queue_files.entries(spool)
    assert (e.sender, e.marks, e.account, e.state) == (ME, {YOU: PENDING}, "test", WAITING)
    assert e.content.endswith(b"\r\n\r\nA line.\r\n") and e.content.count(b"\n") == e.content.count(b"\r\n")
    assert [found["id"] for found in objects(ask("--list", "--json"))] == [e.id]
    ask(f"--hold={e.id}")
    ask("-q")
    assert s.connections == [] and ID.findall(ask("--list")) == [(e.id, "!")]
    ask(f"--release={e.id}")
    ask("-q")
    assert s.message.to == [YOU] and ask("--list") == "Mail queue is empty\n"


def test_all(ask, rider, spool):
    ids = [write_entry(spool, next=NOW + 900).id for _ in range(3)]
    kept = write_entry(spool, folder="failed").id
    ask("--hold=ALL")
    assert [e.state for e in queue_files.entries(spool)] == [HELD] * 3
    ask("--release=ALL")
    assert [e.state for e in queue_files.entries(spool)] == [WAITING] * 3
    with open(spool / "q" / ids[1], "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        rider(["--remove=ALL"], b"", name="postrider").must(75, ids[1], "being sent")
    assert [e.id for e in queue_files.entries(spool)] == [ids[1]]
    assert [e.id for e in queue_files.entries(spool, "failed")] == [kept]


@pytest.mark.parametrize("option, word", [("--hold", "held"), ("--release", "released"), ("--remove", "removed")])
def test_verbose_says_what_was_done(rider, spool, option, word):
    e = write_entry(spool)
    run = rider(["-v", f"{option}={e.id}"], b"", name="postrider").must(0)
    assert (run.out, run.err) == ("", f"postrider: {e.id}: {word}\n")


@pytest.mark.parametrize("option", ["--show", "--hold", "--release", "--remove"])
def test_unknown_id(rider, spool, option):
    for made in (False, True):
        if made:
            write_entry(spool)
        run = rider([f"{option}=0NOT0THERE0"], b"", name="postrider").must(69, "0NOT0THERE0", "--list")
        assert run.out == ""
    rider([f"{option}=../q/x"], b"", name="postrider").must(64)
    rider([f"{option}=0NOT0THERE0"], b"", name="sendmail").must(64)


def test_several_queues(rider, ask, spool):
    other = rider.home / "other"
    rider.configure(config(relay("one"), relay("two", queue_dir=str(other))))
    second, first = write_entry(other).id, write_entry(spool).id
    out = ask("--list")
    assert [found[0] for found in ID.findall(out)] == [first, second] and "in 2 Requests." in out
    assert [one["folder"] for one in objects(ask("--list", "--json"))] == [str(spool), str(other)]
    ask(f"--remove={second}")
    assert f"id:          {first}" in ask(f"--show={first}") and queue_files.entries(other) == []


def test_a_queue_that_cannot_be_used_hides_no_other(rider, spool):
    other = rider.home / "other"
    rider.configure(config(relay("one", queue_dir=str(other)), relay("two"), account="one"))
    e = write_entry(spool)
    write_entry(other)
    other.chmod(0o777)
    run = rider(["--list"], b"", name="postrider").must(74, "others may write")
    assert e.id in run.out and "in 1 Request." in run.out
    (spool / "q" / e.id).unlink()
    assert rider(["--list"], b"", name="postrider").must(74).out == ""     # nobody knows that it is empty


def test_the_settings_decide(rider, ask, spool):
    e = write_entry(spool)
    rider.config_file.unlink()
    assert e.id in ask(name="mailq")            # the queue that an account would have
    rider.configure("nonsense\n")
    rider([], b"", name="mailq").must(78, "postrider.ini:1:")
    rider(["-C", str(rider.home / "missing.ini"), "--list"], b"", name="postrider").must(78, "missing.ini")


def test_a_reader_who_leaves(rider, spool):
    write_entry(spool)
    reader, writer = os.pipe()
    os.close(reader)
    process = rider.start(["--list"], name="postrider", stdout=writer)
    os.close(writer)
    process.communicate(b"", timeout=10)
    assert process.returncode == 74


def test_ten_thousand(rider, spool):
    """100 ms on a machine that does nothing else; memory does not grow with them."""
    for _ in range(10_000):
        write_entry(spool)
    run = rider(["--list"], b"", name="postrider", watch_memory=True).must(0)
    assert run.out.endswith("in 10000 Requests.\n") and run.seconds < 5
    if "asan" not in os.environ.get("POSTRIDER", ""):
        assert 0 < run.peak_rss < 5_000, "KiB; one of an empty queue takes 2,700"
