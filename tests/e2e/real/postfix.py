# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix: a relay port, a submission port (STARTTLS, Dovecot's SASL), and one for implicit TLS."""
from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
from pathlib import Path

from server import Chain

from .base import RealServer, free_ports, library_path, need_root, unpacked

# Base users of every Debian system, borrowed: the private queue below /tmp is all that they own here.
OWNER, SETGID_GROUP, MAILBOX_UID = "news", "uucp", 65534
DOMAIN = "example.net"
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid",
          "private", "public", "saved", "trace")

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {folder}/etc
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LD_LIBRARY_PATH
mail_owner = {owner}
setgid_group = {group}
default_privs = nobody
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = bed.test
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
default_database_type = hash
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
default_transport = discard:
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ nobody@{domain} = 550 5.1.1 no such user }} {{ later@{domain}
      = 450 4.2.1 try later }} }}
  permit_sasl_authenticated permit_mynetworks reject
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {chain}
smtpd_tls_key_file = {key}
smtpd_tls_loglevel = 1
smtpd_client_auth_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_forbid_bare_newline = no
message_size_limit = 20971520
"""

SMTPD = """\
127.0.0.1:{relay} inet n - n - - smtpd -o smtpd_tls_security_level=none
127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o
    smtpd_sasl_auth_enable=yes -o mynetworks=
127.0.0.1:{implicit} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes -o mynetworks=
"""

SERVICES = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(RealServer):
    def __init__(self, chain: Chain, auth_socket: Path):
        need_root("Postfix")
        super().__init__("postfix")
        self.root = unpacked()
        self.relay, self.submission, self.implicit = free_ports(3)
        self._chain, self._auth = chain, auth_socket

    def start(self) -> "Postfix":
        self._make_folders()
        self._write_config()
        etc = str(self.folder / "etc")
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": library_path(self.root),
                       "MAIL_CONFIG": etc}
        master = str(self.root / "usr/lib/postfix/sbin/master")
        self.log.touch()
        self.launch([master, "-c", etc, "-d"], environment, self.relay)
        return self

    def _make_folders(self) -> None:
        owner = pwd.getpwnam(OWNER).pw_uid
        group = grp.getgrnam(SETGID_GROUP).gr_gid
        for name in QUEUES:
            path = self.folder / "queue" / name
            path.mkdir(parents=True, mode=0o700)
            os.chown(path, 0 if name == "pid" else owner, 0)
        for name, mode in (("maildrop", 0o1730), ("public", 0o2710)):
            os.chown(self.folder / "queue" / name, owner, group)
            (self.folder / "queue" / name).chmod(mode)
        (self.folder / "queue/pid").chmod(0o755)
        (self.folder / "data").mkdir(mode=0o700)
        os.chown(self.folder / "data", owner, 0)
        self.mail.mkdir()
        os.chown(self.mail, MAILBOX_UID, MAILBOX_UID)

    def _write_config(self) -> None:
        etc = self.folder / "etc"
        etc.mkdir()
        for name, source in (("chain.pem", self._chain.certificates), ("key.pem", self._chain.key)):
            shutil.copy(source, etc / name)
        (etc / "key.pem").chmod(0o600)
        (etc / "main.cf").write_text(MAIN.format(
            folder=self.folder, root=self.root, owner=OWNER, group=SETGID_GROUP, domain=DOMAIN,
            uid=MAILBOX_UID, auth=self._auth, chain=etc / "chain.pem", key=etc / "key.pem"))
        ports = SMTPD.format(relay=self.relay, submission=self.submission, implicit=self.implicit)
        (etc / "master.cf").write_text(ports + SERVICES)

    def stop(self) -> None:
        """master's children leave with it only if it is asked kindly."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        super().stop()
