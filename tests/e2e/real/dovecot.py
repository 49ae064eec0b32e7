# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot: SASL for Postfix, its submission service (which relays to a scripted server), and LMTP."""
from __future__ import annotations

import base64
import getpass
import grp
import hashlib
import hmac
import json
import os
import pwd
import time

from server import Chain, Server

from .base import RealServer, free_ports, library_path, unpacked

USERS = {"alice": "wonderland", "bob": "pass word=,\u00e4"}

CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
auth_verbose = yes
libexec_dir = {root}/usr/lib/dovecot
import_environment = TZ LD_LIBRARY_PATH
protocols = submission lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificates}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer
auth_username_chars =
auth_failure_delay = 0 secs
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
default_vsz_limit = 0
hostname = bed.test
mail_location = maildir:{folder}/mail/%n
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 0
submission_relay_host = 127.0.0.1
submission_relay_port = {sink}
submission_relay_trusted = no
submission_max_mail_size = 20M
lmtp_save_to_detail_mailbox = no
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {folder}/people
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission}
  }}
  inet_listener submissions {{
    port = {submissions}
    ssl = yes
  }}
}}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    port = {lmtp}
  }}
  unix_listener {folder}/lmtp {{
    mode = 0666
  }}
}}
service auth {{
  user = {user}
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
service auth-worker {{
  user = {user}
}}
"""


# Tokens are signed, and checked here: no other server is asked.
OAUTH = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""
SIGNING_KEY = b"known to the one who makes tokens, and to Dovecot"


def token(user: str, lifetime: int = 3600, **claims: str) -> str:
    """An access token (RFC 7519) for USER."""
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")
    now = int(time.time())
    said = {"sub": user, "iat": now - 60, "exp": now + lifetime, **claims}
    text = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(said).encode())
    return text + "." + part(hmac.new(SIGNING_KEY, text.encode(), hashlib.sha256).digest())


class Dovecot(RealServer):
    """`sink` is the scripted server that the submission service relays to; `submissions` is its port for TLS."""

    def __init__(self, sink: Server, chain: Chain):
        super().__init__("dovecot")
        self.root = unpacked()
        self.chain = chain
        self.submission, self.submissions, self.lmtp = free_ports(3)
        self.auth_socket = self.folder / "auth"
        self.lmtp_socket = self.folder / "lmtp"
        self.sink = sink

    def start(self) -> "Dovecot":
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir()
        (self.folder / "run/modules").symlink_to(self.root / "usr/lib/dovecot/modules")     # see fetch.sh
        users = "".join(f"{name}:{{PLAIN}}{password}\n" for name, password in USERS.items())
        (self.folder / "users").write_text(users)
        (self.folder / "oauth2.conf").write_text(OAUTH.format(folder=self.folder))
        keys = self.folder / "keys/default/HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(SIGNING_KEY))
        who = self._identities()
        people = "".join(f"{name}::{who['uid']}:{who['gid']}::{self.mail}/{name}::\n" for name in USERS)
        (self.folder / "people").write_text(people)
        config = self.folder / "dovecot.conf"
        config.write_text(CONFIG.format(folder=self.folder, root=self.root, sink=self.sink.port,
                                        certificates=self.chain.certificates, key=self.chain.key,
                                        submission=self.submission, submissions=self.submissions,
                                        lmtp=self.lmtp, **who))
        environment = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": library_path(self.root)}
        self.log.touch()
        # dovecot would run /usr/bin/doveconf for its settings; so that one runs dovecot.
        self.launch([str(self.root / "usr/bin/doveconf"), "-f", "service=master", "-c", str(config), "-e",
                     str(self.root / "usr/sbin/dovecot"), "-F", "-c", str(config)], environment, self.submission)
        return self

    def _identities(self) -> dict[str, object]:
        """Root must share the work out to other users; anybody else does everything as himself."""
        if os.geteuid() == 0:
            mail = pwd.getpwnam("mail")
            os.chown(self.mail, mail.pw_uid, mail.pw_gid)
            return {"internal": "mail", "internal_group": "mail", "login": "nobody", "user": "root",
                    "uid": mail.pw_uid, "gid": mail.pw_gid}
        me = getpass.getuser()
        return {"internal": me, "internal_group": grp.getgrgid(os.getgid()).gr_name, "login": me, "user": me,
                "uid": os.getuid(), "gid": os.getgid()}
