# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: contract, sections 3 and 7."""
import os
import shutil
import subprocess

import pytest

from helpers import MAIL, ME, YOU, account, config

HARMLESS = [
    ["-i"], ["-oi"], ["-oem"], ["-oep"], ["-oeq"], ["-oew"], ["-odi"], ["-odb"], ["-odq"], ["-em"], ["-eq"],
    ["-om"], ["-oQ/tmp/q"], ["-oA/etc/aliases"], ["-or0s"], ["-oTx"], ["-n"], ["-m"], ["-G"], ["-U"],
    ["-B8BITMIME"], ["-B", "8BITMIME"], ["-B7BIT"], ["-B", "7BIT"], ["-h", "10"], ["-h10"], ["-L", "tag"], ["-Ltag"],
    ["-Ac"], ["-Am"], ["-X", "/tmp/log"], ["-X/tmp/log"], ["-O",
            "DeliveryMode=b"], ["-ODeliveryMode=b"], ["-OErrorMode=m"],
    ["-bm"], ["-N", "never"], ["-Nnever"], ["-R", "full"], ["-Rhdrs"], ["-V", "x1"], ["-Vx1"], ["-F", "N"], ["-FN"],
    ["-f", ME], ["-f" + ME], ["-r", ME], ["-r" + ME], ["-d0.1"], ["-d"], ["-D", "x"], ["-Dx"],
    ["-C", "/proc/none"], ["-C/proc/none"], ["-oem", "-oi", "-odb", "-m", "-n"],
]


@pytest.mark.parametrize("args", HARMLESS, ids=" ".join)
def test_flags_of_sendmail(rider, server, args):
    s = server()
    rider.use(s)
    rider([*args, YOU]).must_be_silent()
    assert s.message.to == [YOU] and s.message.sender == ME
    assert not os.path.exists("/tmp/q") and not os.path.exists("/tmp/log")


@pytest.mark.parametrize("args", [a for a in HARMLESS if not a[0].startswith("-C")], ids=" ".join)
def test_flags_under_our_own_name(rider, server, args):
    s = server()
    rider.use(s)
    rider([*args, YOU], name="postrider").must_be_silent()
    assert s.message.to == [YOU]


@pytest.mark.parametrize("name", ["sendmail", "postrider"])
@pytest.mark.parametrize("args", [["-Z"], ["-y", YOU], ["-bX"], ["-bz", YOU], ["-?"]], ids=" ".join)
def test_unknown_flag(rider, server, name, args):
    s = server()
    rider.use(s)
    run = rider(args, name=name).must(64, "usage")
    assert run.out == "" and s.connections == []


@pytest.mark.parametrize("flag", ["-F", "-f", "-r"])
def test_flag_without_value_fails_unread(rider, server, flag):
    """Netdata's probe: stdin stays open."""
    rider.use(server())
    reader, writer = os.pipe()
    run = rider([flag], reader, timeout=5).must(64)
    assert run.seconds < 2
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["--account=test", YOU], ["--config=/x", YOU],
                                  ["--host=evil.test", YOU], ["--password-command=touch /tmp/x", YOU],
                                  ["--dry-run", YOU], ["--show-config"], ["--verbose", YOU]], ids=" ".join)
def test_no_long_options_under_sendmail(rider, server, args):
    s = server()
    rider.use(s)
    rider(args).must(64)
    assert s.connections == []


@pytest.mark.parametrize("args", [["-C", "{file}"], ["-C{file}"], ["-O", "host=evil"], ["-oQ{dir}"], ["-X", "{dir}/x"],
                                  ["-X{dir}/x"], ["-D", "{dir}/x"], ["-D{dir}/x"], ["-d{dir}/x"], ["-oA{dir}/x"],
                                  ["-O", "QueueDirectory={dir}"], ["-OQueueDirectory={dir}"]], ids=" ".join)
def test_attackers_arguments_do_nothing(rider, server, tmp_path, args):
    """PHP's fifth parameter."""
    good, evil = server(), server()
    rider.use(good)
    folder = tmp_path / "evil"
    folder.mkdir()
    file = rider.write("evil.ini", config(account(evil)))
    rider(["-t", "-i"] + [a.format(file=file, dir=folder) for a in args], MAIL).must_be_silent()
    assert good.message.to == [YOU] and evil.connections == [] and list(folder.iterdir()) == []


@pytest.mark.parametrize("args", [["a@x.test\n-f evil"], ["not an address"], ["a@x.test\x01"], ["<script src=x>"],
        ["-oQ/tmp@x"],
                                  ["a@x.test, -b@x.test"]], ids=repr)
def test_argument_that_is_no_address_list(rider, server, args):
    s = server()
    rider.use(s)
    assert rider(["-i", "--", *args]).rc in (64, 65)
    assert s.connections == []


@pytest.mark.parametrize("args, people", [
    (["a@x.test,b@x.test"], ["a@x.test", "b@x.test"]),
    (["a@x.test, B <b@x.test>", "c@x.test"], ["a@x.test", "b@x.test", "c@x.test"]),
    (["--", "a@x.test", "b@x.test"], ["a@x.test", "b@x.test"]),
    (["root", "postmaster"], ["postmaster@example.com", "root@example.com"]),
    ([" a@x.test"], ["a@x.test"]),
], ids=repr)
def test_recipients(rider, server, args, people):
    s = server()
    rider.use(s)
    rider(["-i", *args]).must_be_silent()
    assert sorted(s.message.to) == people


@pytest.mark.parametrize("args", [["-ti"], ["-it"], ["-i", "-t"], ["-t", "-oi", "-oem"]], ids=" ".join)
def test_joined_letters(rider, server, args):
    s = server()
    rider.use(s)
    rider(args).must_be_silent()
    assert s.message.to == [YOU]


def test_options_after_recipients(rider, server):
    """GNU's getopt permutes; tools that rely on it exist."""
    s = server()
    rider.use(s)
    run = rider([YOU, "-i", "-f", "x@x.test"])
    if run.rc == 0:
        assert s.message.to == [YOU] and s.message.sender == "x@x.test"
    else:
        assert run.rc == 64 and s.connections == []


@pytest.mark.smoke
def test_help_and_version(rider):
    run = rider(["--help"], name="postrider").must(0)
    assert run.err == "" and "usage" in run.out.lower()
    for key in ("--host", "--tls", "--account", "--dry-run", "--check", "-t"):
        assert key in run.out
    assert "password-command" not in run.out or "config" in run.out
    run = rider(["--version"], name="postrider").must(0)
    assert "postrider" in run.out.lower() and run.err == ""


@pytest.mark.parametrize("args", [["-bt"], ["-bt", "-d0"], ["-bt", "-d0.1"]], ids=" ".join)
def test_bt_prints_the_version(rider, args):
    run = rider(args, b"$Z\n").must(0)
    assert "ersion" in run.out and run.err == ""


@pytest.mark.parametrize("name, args", [("newaliases", []), ("sendmail", ["-bi"])])
def test_newaliases(rider, server, name, args):
    rider.use(server())
    rider(args, b"", name=name).must(0)


@pytest.mark.parametrize("name, args", [("mailq", []), ("sendmail", ["-bp"]), ("mailq", ["-Ac"])])
def test_empty_queue(rider, server, name, args):
    rider.use(server())
    run = rider(args, b"", name=name).must(0)
    assert "Mail queue is empty" in run.out and run.err == ""


@pytest.mark.parametrize("address, word, rc", [("root", "deliverable", 0), (YOU, "deliverable", 0)])
def test_bv(rider, server, address, word, rc):
    s = server()
    rider.use(s)
    run = rider(["-bv", address], b"").must(rc)
    assert f"... {word}" in run.out.replace("\u2026", "...") and s.connections == []


@pytest.mark.parametrize("name", ["sendmail", "postrider"])
@pytest.mark.parametrize("address", ["", " ", "undisclosed-recipients:;"], ids=repr)
def test_bv_of_nobody(rider, server, name, address):
    rider.use(server())
    run = rider(["-bv", address], b"", name=name)
    run.must(64, f"'{address}' names no recipient")
    assert run.out == ""


def test_bv_of_nobody_and_somebody(rider, server):
    rider.use(server())
    run = rider(["-bv", "", YOU], b"", name="postrider").must(64, "names no recipient")
    assert run.out.startswith(f"{YOU}... deliverable")


@pytest.mark.parametrize("args", [[""], ["", " "], [","], ["nobody:;"], ["-f", "", ""]], ids=str)
@pytest.mark.parametrize("name", ["sendmail", "postrider"])
def test_lists_that_are_empty(rider, server, args, name):
    s = server()
    rider.use(s)
    rider(["-i", *args], name=name).must(64, "no recipient", "use -t")
    rider(["-i", "-t", *args], name=name).must_be_silent()
    assert s.message.to == [YOU]


def test_long_options_override_the_config(rider, server):
    s = server()
    rider.use(s, host="192.0.2.1", port="1")
    rider([f"--host={s.host}", f"--port={s.port}", "--from=other@x.test", "-i", YOU], name="postrider").must_be_silent()
    assert s.message.sender == "other@x.test"


@pytest.mark.parametrize("option", ["--password=x", "--password-command=x", "--token-command=x", "--no-such=1",
                                    "--hots=x", "--tls=maybe", "--port=99999", "--timeout=soon", "--retry=x"])
def test_options_that_do_not_exist(rider, server, option):
    s = server()
    rider.use(s)
    run = rider([option, YOU], name="postrider").must(64)
    if option == "--hots=x":
        assert "--host" in run.err
    assert s.connections == []


@pytest.mark.parametrize("args", [["-q15x"], ["-qI"], ["-q!15m"], ["-q", "15m"], ["-qnow"]], ids=" ".join)
def test_queue_runs_that_do_not_exist(rider, server, args):
    rider.use(server())
    rider(args).must(64, args[-1])


@pytest.mark.parametrize("option, said", [
    ("--show=../x", "'../x'"), ("--flush=abc", "'abc'"), ("--remove=", "''"), ("--hold", "--hold"),
    ("--release=A/B", "'A/B'"), ("--listen=25", "'25'"), ("--listen=smtp.example:25", "'smtp.example:25'"),
])
def test_queue_options_with_odd_values(rider, server, option, said):
    rider.use(server())
    rider([option], name="postrider").must(64, said)
    rider([option], name="sendmail").must(64, option.split("=")[0])


def test_account_by_name(rider, server):
    one, two = server(), server()
    rider.configure(config(account(one, "one"), account(two, "two"), account="one"))
    rider(["-i", YOU]).must_be_silent()
    rider(["-i", "-a", "two", YOU], name="postrider").must_be_silent()
    rider(["-i", "--account=two", YOU], name="postrider").must_be_silent()
    assert (len(one.messages), len(two.messages)) == (1, 2)
    rider(["-i", "-a", "three", YOU], name="postrider").must(64, "three")


def test_config_by_name(rider, server):
    s = server()
    file = rider.write("other.ini", config(account(s)))
    for args in (["-C", str(file)], ["-C" + str(file)], [f"--config={file}"]):
        rider([*args, "-i", YOU], name="postrider").must_be_silent()
    assert len(s.messages) == 3
    rider(["-C", "/proc/none.ini", YOU], name="postrider").must(78, "/proc/none.ini")


def test_dry_run_sends_nothing(rider, server):
    s = server()
    rider.use(s)
    run = rider(["--dry-run", "-i", YOU], name="postrider").must(0)
    assert s.connections == [] and YOU in run.out + run.err


def test_check(rider, server, certs):
    s = server(tls="starttls", auth="PLAIN")
    rider.use(s, tls_ca=certs.ca, user="alice", password="wonderland")
    rider(["--check"], b"", name="postrider").must(0)
    assert s.messages == [] and s.connections[0].auth == [("PLAIN", "ok")] and "MAIL" not in s.verbs
    rider.use(s, tls_ca=certs.ca, user="alice", password="wrong")
    rider(["--check=test"], b"", name="postrider").must(77)


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (1, 2), (0, 1, 2)], ids=str)
def test_S131_closed_descriptors(rider, server, closed):
    s = server()
    rider.use(s)

    def shut() -> None:
        for fd in closed:
            os.close(fd)
    process = rider.start(["-i", YOU], preexec_fn=shut, close_fds=False)
    assert process.stdin
    try:
        process.stdin.write(MAIL)
        process.stdin.close()
    except OSError:
        pass
    rc = process.wait(10)
    if 0 in closed:     # there is nothing to read, which is no read error
        assert (rc, [m.body for m in s.messages]) in ((0, [b""]), (74, []))
    else:
        assert rc == 0 and s.message.body == b"A line.\r\n"


def test_output_closed_early_stops_nothing(rider, server):
    s = server()
    rider.use(s)
    reader, writer = os.pipe()
    os.close(reader)
    process = rider.start(["-v", "-i", YOU], stdout=writer, stderr=writer)
    os.close(writer)
    process.communicate(MAIL, timeout=10)
    assert process.returncode == 0 and s.message.to == [YOU]


def test_empty_environment(rider, server, tmp_path):
    """As sudo and check_mailq run it; the config is named, for there is no HOME."""
    s = server()
    rider.use(s)
    rider(["-C", str(rider.config_file), "-i", YOU], name="postrider", env={}).must_be_silent()
    assert s.message.to == [YOU]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_user_without_a_passwd_entry(rider, server, tmp_path):
    s = server()
    rider.use(s)
    (rider.bin / "sendmail").unlink()       # the program itself may lie where only we may look
    shutil.copy(rider.program, rider.bin / "sendmail")
    for path in [rider.home, *rider.home.rglob("*")]:
        os.chown(path, 54321, 54321)
    for folder in list(rider.home.parents)[:4]:
        if str(folder).startswith("/tmp/") and folder.stat().st_uid == os.geteuid():
            folder.chmod(0o755)
    rider(["-i", YOU], user=54321, group=54321, extra_groups=[]).must_be_silent()
    assert s.message.to == [YOU]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make it set-id for another user")
def test_set_id_refuses_to_run(rider, server, tmp_path):
    s = server()
    rider.use(s)
    copy = tmp_path / "setuid"
    shutil.copy(rider.program, copy)
    os.chown(copy, 54321, 54321)
    copy.chmod(0o4755)
    done = subprocess.run([copy, "-i", YOU], input=MAIL, env=rider.environment, capture_output=True, check=False)
    assert done.returncode != 0 and b"set" in done.stderr and s.connections == []
