# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSMTPD: another school of servers, without PIPELINING. Its paths are compiled in, so it gets them in a mount
namespace of its own, where the machine's folders of these names are hidden behind empty ones. Without TLS: Debian 12's
build, from before OpenSSL 3, cannot use its key with that one."""
from __future__ import annotations

import os
import pwd
import subprocess

import pytest

from .base import RealServer, complain, free_ports, library_path, need_root, unpacked

CONFIG = """\
table people {{ "@example.net" = "mail" }}
listen on 127.0.0.1 port {port} hostname bed.test
smtp max-message-size 20M
action inbox maildir "{folder}/mail/inbox" virtual <people>
match from any for rcpt-to "nobody@example.net" reject
match from any for domain "example.net" action inbox
"""
ROOMS = """
for room in /var/spool /var/lib /run /usr/libexec; do
	mount -t tmpfs -o mode=755 none $room
done
mkdir -p /var/lib/opensmtpd/empty
mkdir -m 711 /var/spool/smtpd
cp -R "$1/usr/libexec/opensmtpd" /usr/libexec/
mount --bind "$2/passwd" /etc/passwd
mount --bind "$2/group" /etc/group
exec "$1/usr/sbin/smtpd" -d -f "$2/smtpd.conf"
"""
UNSHARE = ["unshare", "--mount", "--propagation", "private"]


class OpenSmtpd(RealServer):
    """Takes mail from anybody for example.net, but for nobody there."""

    def __init__(self) -> None:
        need_root("OpenSMTPD")
        super().__init__("opensmtpd")
        self.root = unpacked()
        (self.port,) = free_ports(1)

    def start(self) -> "OpenSmtpd":
        for folder in "/usr/libexec", "/var/lib", "/var/spool", "/run":
            if not os.path.isdir(folder):
                complain(f"there is no {folder} to hide")
        tried = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "none", "/run"], capture_output=True, check=False)
        if tried.returncode:
            pytest.skip("there are no mount namespaces to be had")
        user = pwd.getpwnam("mail")
        self.mail.mkdir()
        os.chown(self.mail, user.pw_uid, user.pw_gid)
        self._add_users()
        config = self.folder / "smtpd.conf"
        config.write_text(CONFIG.format(folder=self.folder, port=self.port))
        config.chmod(0o600)
        self.launch([*UNSHARE, "sh", "-euc", ROOMS, "rooms", str(self.root), str(self.folder)],
                    {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": library_path(self.root)}, self.port)
        return self

    def _add_users(self) -> None:
        """In copies, for its namespace."""
        for name, line in (("passwd", "{0}:x:{1}:{1}::/nonexistent:/bin/false\n"), ("group", "{0}:x:{1}:\n")):
            with open(f"/etc/{name}", encoding="utf-8") as base:
                known = [entry for entry in base if not entry.startswith("opensmtp")]
            known += [line.format("opensmtpd", 64321), line.format("opensmtpq", 64322)]
            (self.folder / name).write_text("".join(known))
