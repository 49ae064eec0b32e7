# SPDX-License-Identifier: GPL-3.0-or-later
"""Exim (whose TLS is GnuTLS): one port with STARTTLS, one for implicit TLS, its own AUTH, CHUNKING, PRDR."""
from __future__ import annotations

import os
import pwd
import shutil

from server import Chain

from .base import RealServer, free_ports, library_path, unpacked

CONFIG = """\
exim_path = {root}/usr/sbin/exim4
primary_hostname = bed.test
spool_directory = {folder}/spool
log_file_path = {folder}/logs/%slog
log_selector = +all
keep_environment = LD_PRELOAD : LD_LIBRARY_PATH : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {implicit}
tls_on_connect_ports = {implicit}
tls_advertise_hosts = *
tls_certificate = {folder}/chain.pem
tls_privatekey = {folder}/key.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
chunking_advertise_hosts = *
prdr_enable = true
dsn_advertise_hosts = *
host_lookup =
rfc1413_hosts =
deliver_drop_privilege = true
never_users =
queue_run_in_order = false
message_size_limit = 20M
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
acl_smtp_data_prdr = accept
begin acl
rcpt:
  deny local_parts = nobody
       message = 5.1.1 no such user
  defer local_parts = later
       message = 4.2.1 try later
  accept authenticated = *
  accept condition = ${{if eq{{$received_port}}{{{port}}}}}
  deny message = 5.7.1 log in first
begin routers
all:
  driver = accept
  transport = inbox
begin transports
inbox:
  driver = appendfile
  maildir_format
  create_directory
  directory = {folder}/mail/inbox
  return_path_add
begin authenticators
PLAIN:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{alice}}}}{{eq{{$auth3}}{{wonderland}}}}}}}}
  server_set_id = $auth2
LOGIN:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${{if and{{{{eq{{$auth1}}{{alice}}}}{{eq{{$auth2}}{{wonderland}}}}}}}}
  server_set_id = $auth1
CRAM:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{alice}}{{wonderland}}fail}}
  server_set_id = $auth1
"""


class Exim(RealServer):
    """Debian's Exim insists on a user of its own; a wrapper around the user database lends it one."""

    def __init__(self, chain: Chain):
        super().__init__("exim")
        self.root = unpacked()
        self.port, self.implicit = free_ports(2)
        self._chain = chain

    def start(self) -> "Exim":
        user = pwd.getpwnam("mail") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for name, source in (("chain.pem", self._chain.certificates), ("key.pem", self._chain.key)):
            shutil.copy(source, self.folder / name)
            os.chown(self.folder / name, user.pw_uid, user.pw_gid)
        for name in ("spool", "logs", "mail"):
            (self.folder / name).mkdir()
            os.chown(self.folder / name, user.pw_uid, user.pw_gid)
        config = self.folder / "exim.conf"
        config.write_text(CONFIG.format(root=self.root, folder=self.folder, port=self.port, implicit=self.implicit))
        self.launch([str(self.root / "usr/sbin/exim4"), "-C", str(config), "-bdf"], self._environment(user), self.port)
        return self

    def _environment(self, user: pwd.struct_passwd) -> dict[str, str]:
        for name, entry in (("passwd", f"Debian-exim:x:{user.pw_uid}:{user.pw_gid}::/nonexistent:/bin/false\n"),
                            ("group", f"Debian-exim:x:{user.pw_gid}:\n")):
            with open(f"/etc/{name}", encoding="utf-8") as base:
                (self.folder / name).write_text(base.read() + entry)
        (wrapper,) = self.root.glob("usr/lib/*/libnss_wrapper.so")
        return {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": library_path(self.root), "LD_PRELOAD": str(wrapper),
                "NSS_WRAPPER_PASSWD": str(self.folder / "passwd"), "NSS_WRAPPER_GROUP": str(self.folder / "group")}

    def log_text(self) -> str:
        return super().log_text() + "".join(p.read_text(errors="replace") for p in self.folder.glob("logs/*"))
