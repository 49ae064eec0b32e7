# SPDX-License-Identifier: GPL-3.0-or-later
"""What else may lie in the queue's folder: torn, forged, foreign, and what the dead left."""
import os
import time

import pytest

from helpers import YOU, account
from queue_files import Entry, crc32c, new_id, render, write_entry

HOUR = 3600


def who(server):
    """The recipients of all accepted messages, in order."""
    return [address for m in server.messages for address in m.to]


def spoiled(change):
    """A message whose file is CHANGEd."""
    def make(path):
        one = Entry(to=["never@x.test"])
        (path / one.id).write_bytes(change(render(one)))
        (path / one.id).chmod(0o600)
        return one.id
    return make


def with_sum(change):
    """The same for the header, whose checksum is put right again."""
    def spoil(data):
        head, gap, rest = data.partition(b"\nK ")
        lines = change(head + b"\n").split(b"\n")[:-1]
        covered = b"".join(line[3:] if line[:1] == b"R" else line for line in lines if line[:1] != b"A")
        return b"\n".join(lines) + b"\nK %08x" % crc32c(covered) + rest[8:]
    return spoiled(spoil)


def other_name(path):
    one = Entry(to=["never@x.test"])
    name = new_id()
    (path / name).write_bytes(render(one))
    (path / name).chmod(0o600)
    return name


def second_link(path):
    one = write_entry(path.parent, to=["never@x.test"])
    os.link(path / one.id, path.parent.parent / "elsewhere")
    return one.id


def symlink(path):
    one = Entry(to=["never@x.test"])
    target = path.parent.parent / "elsewhere"
    target.write_bytes(render(one))
    target.chmod(0o600)
    (path / one.id).symlink_to(target)
    return one.id


def of_kind(make):
    def make_it(path):
        name = new_id()
        make(path / name)
        return name
    return make_it


def with_mode(path):
    one = write_entry(path.parent, to=["never@x.test"])
    (path / one.id).chmod(0o644)
    return one.id


def somebody_elses(path):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    one = write_entry(path.parent, to=["never@x.test"])
    os.chown(path / one.id, 65534, 65534)
    return one.id


def odd_name(name):
    def make(path):
        (path / name).write_bytes(render(Entry(to=["never@x.test"])))
        return name
    return make


DAMAGED = {
    "empty": spoiled(lambda data: b""),
    "zeroed": spoiled(lambda data: bytes(len(data))),
    "torn in the first line": spoiled(lambda data: data[:10]),
    "torn in the header": spoiled(lambda data: data[:200]),
    "torn behind the header": spoiled(lambda data: data[:data.index(b"\n\n") + 2]),
    "torn in the content": spoiled(lambda data: data[:data.index(b"A line")]),
    "torn before the last line": spoiled(lambda data: data[:data.rindex(b"\nEND") + 1]),
    "torn in the last octet": spoiled(lambda data: data[:-1]),
    "zeros at the end": spoiled(lambda data: data[:-30] + bytes(30)),
    "zeros in the middle": spoiled(lambda data: data[:-90] + bytes(20) + data[-70:]),
    "more behind it": spoiled(lambda data: data + b"more"),
    "twice": spoiled(lambda data: data + data),
    "a bit of the content": spoiled(lambda data: data.replace(b"A line", b"B line")),
    "a bit of the header": spoiled(lambda data: data.replace(b"me@example.com", b"mf@example.com", 1)),
    "another version": spoiled(lambda data: data.replace(b"PR1", b"PR2", 1)),
    "random": spoiled(lambda data: os.urandom(len(data))),
    "a mail": spoiled(lambda data: b"From: x@x.test\n\nhello\n"),
    "S083 CR in the recipient": with_sum(lambda head: head.replace(b"never@", b"ne\rver@")),
    "S083 NUL in the recipient": with_sum(lambda head: head.replace(b"never@", b"ne\0ver@")),
    "S083 a bracket in the recipient": with_sum(lambda head: head.replace(b"never@", b"x@x> NOTIFY=NEVER never@")),
    "S083 LF in the sender": with_sum(lambda head: head.replace(b"F me@", b"F m\ne@")),
    "S083 CR in the sender": with_sum(lambda head: head.replace(b"F me@", b"F m\re@")),
    "an unknown mark": with_sum(lambda head: head.replace(b"R ? ", b"R X ")),
    "another's name": other_name,
    "S083 hard-linked": second_link,
    "a symlink": symlink,
    "a symlink to nowhere": of_kind(lambda path: path.symlink_to("nowhere")),
    "a folder": of_kind(lambda path: path.mkdir()),
    "a FIFO": of_kind(os.mkfifo),
    "readable by others": with_mode,
    "somebody else's": somebody_elses,
    "a name that is no id": odd_name("core"),
    "a name in small letters": odd_name("a" * 24),
    "a backup": odd_name(new_id() + "~"),
}


@pytest.mark.parametrize("what", DAMAGED, ids=[k.replace(" ", "_") for k in DAMAGED])
def test_set_aside(queue, server, what):
    """Never sent, never deleted, told, and in nobody's way."""
    s = server()
    log = queue.rider.home / "log"
    queue.configure(account(s), log=str(log))
    before, after = queue.put(to=["before@x.test"]), queue.put(to=["after@x.test"])
    name = DAMAGED[what](queue.path / "q")
    made = (queue.path / "q" / name).lstat()
    assert before.id < after.id
    queue.run().must_be_silent()
    assert sorted(who(s)) == ["after@x.test", "before@x.test"] and queue.names() == []
    assert queue.names("corrupt") == [name]
    kept = (queue.path / "corrupt" / name).lstat()
    assert (kept.st_ino, kept.st_size, kept.st_mode) == (made.st_ino, made.st_size, made.st_mode)
    assert len([line for line in log.read_text().splitlines() if name in line and "corrupt" in line]) == 1
    queue.flush().must_be_silent()
    assert queue.names("corrupt") == [name] and len(s.messages) == 2
    aside = queue.path.parent / "elsewhere"
    assert not aside.exists() or aside.read_bytes().startswith(b"PR1 ")


def test_set_aside_twice(queue, server):
    """What has the name of something that was set aside before takes another one."""
    queue.use(server())
    (queue.path / "q").mkdir(parents=True)
    queue.path.chmod(0o700)
    for text in b"one", b"two":
        (queue.path / "q" / "odd").write_bytes(text)
        queue.run().must_be_silent()
    assert queue.names() == []
    assert sorted(p.read_bytes() for p in (queue.path / "corrupt").iterdir()) == [b"one", b"two"]


def test_folders_removed_by_hand(queue, server):
    s = server()
    queue.use(s).put()
    for name in "tmp", "replies", "failed", "corrupt":
        (queue.path / name).rmdir()
    (queue.path / "q" / "odd").write_bytes(b"")
    queue.run().must_be_silent()
    assert who(s) == [YOU] and queue.names("corrupt") == ["odd"]
    (queue.path / "q").rmdir()
    queue.run().must_be_silent()
    queue.send("-odq", YOU).must_be_silent()
    assert len(queue.all()) == 1


def test_drafts_of_the_dead_are_swept(queue, server):
    queue.use(server()).put()
    old, new, odd = queue.path / "tmp" / new_id(), queue.path / "tmp" / new_id(), queue.path / "tmp" / "mine"
    for path in old, new, odd:
        path.write_bytes(b"PR1 ")
        path.chmod(0o600)
    os.utime(old, (time.time() - 2 * HOUR,) * 2)
    os.utime(odd, (time.time() - 2 * HOUR,) * 2)
    queue.run().must_be_silent()
    assert queue.names("tmp") == sorted([new.name, odd.name])
