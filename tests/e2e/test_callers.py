# SPDX-License-Identifier: GPL-3.0-or-later
"""Each caller's own arguments and input, as its source has them; and those that this machine has, for real."""
import os
import shutil
import subprocess
from pathlib import Path
from dataclasses import dataclass, field

import pytest

from helpers import ME, YOU

CRON = (b"From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@host> job\nMIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nX-Cron-Env: <SHELL=/bin/sh>\n"
        b"X-Cron-Env: <LOGNAME=root>\n\noutput \xc3\xa4\n.\nmore\n")
SHORT = b"Subject: report\nTo: root\n\noutput\n.\nmore\n"
FULL = (b"From: Me <me@example.com>\nTo: you@example.net\nSubject: hello\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n"
        b"Message-ID: <1@example.com>\n\nline\n.\nmore\n")
PHP = (b"To: you@example.net\r\nSubject: Gr\xc3\xbc\xc3\x9fe\r\nX-PHP-Originating-Script: 0:x.php\r\nBcc: h@x.test\n"
       b"X-A: 1\r\n\r\nline\n.\nmore\r\n")
NODE = (b"From: me@example.com\r\nTo: a@x.test\r\nBcc: h@x.test\r\nSubject: hello\r\nMessage-ID: <1@example.com>\r\n"
        b"Date: Mon, 01 Jan 2024 00:00:00 +0000\r\nMIME-Version: 1.0\r\n\r\nline\n.\nmore\n")
MBOX = b"From me@example.com Mon Jan  1 00:00:00 2024\n" + FULL
QP = FULL.replace(b"\n\nline", b"\nContent-Transfer-Encoding: quoted-printable\n\n=C3=A4 line", 1)


@dataclass
class Caller:
    argv: str                           # split at blanks; '' stands for an empty argument
    stdin: bytes
    to: list[str] = field(default_factory=lambda: [YOU])
    sender: str = ME
    env: dict[str, str] | None = None   # None: the usual one


ROOT = ["root@example.com"]
CALLERS = {
    "Debian cron": Caller("-FCronDaemon -i -B8BITMIME -oem root", CRON, ROOT),
    "Debian cron, full address": Caller("-FCronDaemon -i -B8BITMIME -oem you@example.net", CRON),
    "cronie": Caller("-FCronDaemon -i -odi -oem -oi -t -f root", CRON, ROOT, "root@example.com"),
    "BSD cron": Caller("-FCronDaemon -odi -oem -oi -t", CRON, ROOT),
    "Vixie cron": Caller("-FCronDaemon -odi -oem -or0s -B8BITMIME root", CRON, ROOT),
    "anacron": Caller("-FAnacron -odi root", SHORT, ROOT),
    "at": Caller("-i root", SHORT, ROOT),
    "systemd-cron": Caller("-i -B 8BITMIME root", CRON.replace(b"8bit\n", b"binary\n"), ROOT),
    "dcron": Caller("-t -oem -i", SHORT, ROOT),
    "busybox crond": Caller("-ti", SHORT, ROOT),
    "fcron": Caller("-Ffcron -odi root", SHORT, ROOT),
    "PHP mail()": Caller("-t -i", PHP, ["h@x.test", YOU]),
    "PHPMailer isMail": Caller("-t -i -fme@x.test", PHP, ["h@x.test", YOU], "me@x.test"),
    "PHPMailer isSendmail": Caller("-fme@x.test -i -t", FULL, sender="me@x.test"),
    "PHPMailer isQmail": Caller("-fme@x.test you@example.net", FULL, sender="me@x.test"),
    "Symfony with -t": Caller("-i -fme@x.test you@example.net h@x.test", FULL, ["h@x.test", YOU], "me@x.test"),
    "PEAR Mail": Caller("-i -fme@x.test -- you@example.net", FULL, sender="me@x.test"),
    "Horde": Caller("-i -f me@x.test -- you@example.net", FULL, sender="me@x.test"),
    "nodemailer": Caller("-i -f me@example.com a@x.test h@x.test", NODE, ["a@x.test", "h@x.test"]),
    "nodemailer with args": Caller("-i -t -i a@x.test", NODE, ["a@x.test", "h@x.test"]),
    "Ruby mail": Caller("-i -f me@x.test -- a@x.test h@x.test", FULL, ["a@x.test", "h@x.test"], "me@x.test"),
    "Rails exim": Caller("-i -t", FULL),
    "Email::Sender": Caller("-i -f me@x.test -- you@example.net", FULL, sender="me@x.test"),
    "MIME::Lite": Caller("-t -oi -oem", FULL),
    "MIME::Lite with sender": Caller("-t -oi -oem -fme@x.test", FULL, sender="me@x.test"),
    "Mail::Mailer": Caller("-t", FULL),
    "Trac": Caller("-i -f me@x.test you@example.net", FULL, sender="me@x.test"),
    "logwatch": Caller("-t", b"To: a@x.test\nTo: b@x.test\nSubject: x\n\nline\n.\nmore\n", ["a@x.test", "b@x.test"]),
    "reportbug": Caller("-f me@x.test -oi -oem you@example.net", FULL, sender="me@x.test"),
    "svn mailer": Caller("-f me@x.test you@example.net", FULL, sender="me@x.test"),
    "git-multimail": Caller("-oi -t", FULL),
    "Gitea": Caller("-f me@x.test -i you@example.net", FULL.replace(b"\n", b"\r\n"), sender="me@x.test"),
    "Proxmox": Caller("-B 8BITMIME -f root -- you@example.net", FULL.replace(b"Me <me@example.com>",
            b"Proxmox VE <root>"),
                      sender="root@example.com"),
    "Netdata": Caller("-t -f netdata@x.test -F netdata", FULL, sender="netdata@x.test"),
    "Foswiki": Caller("-t -oi -oeq", FULL),
    "script": Caller("-oi -oem -odb -f me@x.test you@example.net", FULL, sender="me@x.test"),
    "git send-email": Caller("-i you@example.net c@x.test", FULL, ["c@x.test", YOU]),
    "git send-email with sender": Caller("-f me@x.test -i you@example.net", FULL, sender="me@x.test"),
    "mutt": Caller("-oem -oi -f me@x.test -- you@example.net", FULL, sender="me@x.test"),
    "mutt with DSN": Caller("-oem -oi -B8BITMIME -f me@x.test -N failure,delay -R hdrs -- you@example.net", FULL,
                            sender="me@x.test"),
    "s-nail": Caller("-i -m -F Me -f me@x.test -- you@example.net h@x.test", FULL, ["h@x.test", YOU], "me@x.test"),
    "bsd-mailx": Caller("-i -t -f me@x.test -m", SHORT.replace(b"root", YOU.encode()), sender="me@x.test"),
    "mailutils": Caller("-oi -f me@x.test -t", b"To: <you@example.net>\nSubject: x\n\nline\n.\nmore\n",
            sender="me@x.test"),
    "Emacs": Caller("-oi -f me@x.test -oem -odb -t", FULL, sender="me@x.test"),
    "Emacs interactive": Caller("-oi -f me@x.test -oep -odi -t", FULL, sender="me@x.test"),
    "slrn": Caller("-oi -t -oem -odb", FULL),
    "mdadm": Caller("-t", b"From: mdadm monitoring <root@host.test>\nTo: root\nSubject: x\n\nline\n.\nmore\n", ROOT),
    "fail2ban": Caller("-f fail2ban you@example.net",
                       b"Subject: [Fail2Ban]\nDate: Mon, 01 Jan 2024 00:00:00 +0000\n"
                       b"From: fail2ban <fail2ban>\nTo: you@example.net\n\nline\n.\nmore\n",
                       sender="fail2ban@example.com"),
    "unattended-upgrades": Caller("-oi -t", QP),
    "popularity-contest": Caller("-oi -f me@x.test you@example.net", FULL, sender="me@x.test"),
    "rkhunter": Caller("you@example.net", SHORT),
    "arpwatch": Caller("-odi root", b"From: arpwatch (Arpwatch host)\n" + SHORT, ROOT),
    "sudo": Caller("-t", b"To: root\nFrom: alice\nAuto-Submitted: auto-generated\nSubject: *** SECURITY ***\n"
                   b"Content-Transfer-Encoding: 8bit\n\nline\n.\nmore\n", ROOT, env={"PATH": "/usr/bin"}),
    "changetrack": Caller("-f me@x.test -oi -odi you@example.net", FULL, sender="me@x.test"),
    "tiger": Caller("you@example.net", FULL),
    "procmail": Caller("-oi you@example.net", MBOX),
    "Dovecot sieve": Caller("-i -f <> -- you@example.net", FULL.replace(b"\n", b"\r\n"), sender=""),
    "RT": Caller("-oi -t -ODeliveryMode=b -OErrorMode=m", FULL),
    "RT bounce": Caller("-oi -f <> -t", FULL, sender=""),
    "RT with VERP": Caller("-oi -f a@x.test -f b@x.test -t", FULL, sender="b@x.test"),
    "OTRS": Caller("-i -f '' you@example.net h@x.test", FULL, ["h@x.test", YOU], ""),
    "Sympa": Caller("-oi -odi -oem -N success,delay,failure -V12345678 -f '' -- you@example.net", FULL, sender=""),
    "BackupPC": Caller("-t -f me@x.test", FULL, sender="me@x.test"),
    "msmtp users in Emacs": Caller("-oi -f me@x.test -t", FULL, sender="me@x.test"),
}


@pytest.mark.parametrize("name", CALLERS)
def test_caller(rider, server, name):
    caller = CALLERS[name]
    s = server()
    rider.use(s)
    args = ["" if word == "''" else word for word in caller.argv.split()]
    env = caller.env
    if env is not None:
        env = {**env, "HOME": str(rider.home), "XDG_CONFIG_HOME": str(rider.home / ".config")}
    rider(args, caller.stdin, env=env).must_be_silent()
    m = s.message
    assert (sorted(m.to), m.sender) == (caller.to, caller.sender)
    for name in ("From", "Date", "Message-ID"):
        assert m.field(name)
    assert "@" in m.field("From") and not m.fields("Bcc")
    assert m.body.endswith(b"\r\n.\r\nmore\r\n"), "a lone dot with text behind it is data"
    assert m.head.count(b"\r\n") == len(m.head.splitlines())


def test_netdata_probe(rider, server):
    """`sendmail -F 2>&1 | head -1` on an open stdin."""
    rider.use(server())
    reader, writer = os.pipe()
    done = subprocess.run(f"{rider.bin}/sendmail -F 2>&1 | head -1", shell=True, stdin=reader, timeout=5,
                          env=rider.environment, capture_output=True, check=False)
    os.close(reader)
    os.close(writer)
    assert done.stdout.strip()


def test_check_mailq(rider, server):
    """PATH is empty; the exit code and one line count."""
    rider.use(server())
    env = {**rider.environment, "PATH": ""}
    assert "Mail queue is empty" in rider([], b"", name="mailq", env=env).must(0).out


# Real callers, where the machine has them.

def need(tool: str) -> str:
    path = shutil.which(tool)
    if not path:
        pytest.skip(f"{tool} is not installed")
    return path


def run(rider, command, **more):
    return subprocess.run(command, env={**rider.environment, "PATH": f"{rider.bin}:/usr/bin:/bin"}, cwd=rider.home,
                          capture_output=True, timeout=30, check=False, **more)


PATCH = b"""From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001
From: Me <me@example.com>
Date: Mon, 1 Jan 2024 00:00:00 +0000
Subject: [PATCH %d/2] x: do it

Why.
---
 x | 1 +
 1 file changed, 1 insertion(+)

--\x20
2.39.5
"""


def test_real_git_send_email(rider, server):
    need("git")
    parts = subprocess.run(["git", "--exec-path"], capture_output=True, check=True, text=True).stdout.strip()
    if not Path(parts, "git-send-email").exists():
        pytest.skip("git send-email is not installed")
    s = server()
    rider.use(s)
    for number in (1, 2):
        rider.write(f"000{number}-x.patch", PATCH % number)
    rider.write(".gitconfig", b"[user]\nname = Me\nemail = me@example.com\n")
    done = run(rider, ["git", "send-email", "--confirm=never", "--from=Me <me@example.com>", "--to=you@example.net",
                       "--cc=c@x.test", "--bcc=h@x.test", "--suppress-cc=all", "--quiet",
                       f"--smtp-server={rider.bin}/sendmail",
                       "0001-x.patch", "0002-x.patch"])
    if b"git: 'send-email' is not a git command" in done.stderr or b"Can't locate" in done.stderr:
        pytest.skip("git send-email is not installed")
    assert done.returncode == 0, done
    assert [sorted(m.to) for m in s.messages] == [["c@x.test", "h@x.test", YOU]] * 2
    assert [m.field("Subject") for m in s.messages] == ["[PATCH 1/2] x: do it", "[PATCH 2/2] x: do it"]
    assert not s.messages[0].fields("Bcc")


def test_real_php(rider, server):
    php = need("php")
    s = server()
    rider.use(s)
    code = ('exit(mail("you@example.net", "Hi", "line\\n.\\nmore\\n", "Bcc: h@x.test\\r\\nX-A: 1", '
            '"-fme@x.test") ? 0 : 1);')
    done = run(rider, [php, "-n", "-d", f"sendmail_path={rider.bin}/sendmail -t -i", "-r", code])
    assert done.returncode == 0 and done.stderr == b"", done
    assert (sorted(s.message.to), s.message.sender) == (["h@x.test", YOU], "me@x.test")


@pytest.mark.parametrize("tool, command", [
    ("mutt", ["mutt", "-n", "-e", "set sendmail='{bin}/sendmail -oem -oi' copy=no from=me@example.com", "-s",
            "Hi", YOU]),
    ("bsd-mailx", ["bsd-mailx", "-s", "Hi", YOU]),
    ("s-nail", ["s-nail", "-n", "-S", "mta={bin}/sendmail", "-s", "Hi", YOU]),
    ("mail.mailutils", ["mail.mailutils", "-E", "set sendmail=sendmail:{bin}/sendmail", "-s", "Hi", YOU]),
])
def test_real_mail_reader(rider, server, tool, command):
    need(tool)
    s = server()
    rider.use(s)
    done = run(rider, [part.format(bin=rider.bin) for part in command], input=b"line\n")
    assert done.returncode == 0, done
    assert s.message.to == [YOU] and b"line\r\n" in s.message.body


def test_real_shell_pipe(rider, server):
    s = server()
    rider.use(s)
    done = run(rider, ["sh", "-c", f"printf %b 'Subject: x\\n\\nline\\n' | {rider.bin}/sendmail -f fail2ban {YOU}"])
    assert done.returncode == 0 and done.stderr == b"" and s.message.sender == "fail2ban@example.com"


def test_real_perl_pipe(rider, server):
    perl = need("perl")
    s = server()
    rider.use(s)
    code = (f'open(M, "|-", "{rider.bin}/sendmail", "-t", "-oi") or die; '
            f'print M "To: {YOU}\\n\\nx\\n"; close(M) or die "$?"')
    done = run(rider, [perl, "-e", code.replace("@", "\\@")])
    assert done.returncode == 0 and s.message.to == [YOU], done


def test_many_at_once(rider, server):
    """Twenty cron jobs at the full hour."""
    s = server()
    rider.use(s)
    jobs = [rider.start(["-i", f"p{i}@x.test"]) for i in range(20)]
    for job in jobs:
        assert job.stdin
        job.stdin.write(FULL)
        job.stdin.close()
    assert [job.wait(20) for job in jobs] == [0] * 20
    assert sorted(m.to[0] for m in s.messages) == sorted(f"p{i}@x.test" for i in range(20))
