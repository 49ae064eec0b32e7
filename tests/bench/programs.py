# SPDX-License-Identifier: GPL-3.0-or-later
"""The program and its peers: how each is told what to do. All verify the server where TLS is on."""
import shutil
from dataclasses import dataclass
from pathlib import Path

SENDER = "me@example.com"
USER, PASSWORD = "me", "a password"


@dataclass(frozen=True)
class Route:
    """Where to send a message, and how."""
    port: int
    tls: str = "none"           # or starttls, implicit
    login: bool = False
    authorities: Path = Path()  # whom to trust, a PEM file


def put(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


class Postrider:
    name = "postrider"

    def __init__(self, path, folder):
        self.path = path
        self.config = folder / "postrider.ini"

    def command(self, route, recipients):
        lines = ["host = 127.0.0.1", f"port = {route.port}", f"tls = {route.tls}", f"from = {SENDER}",
                 "domain = example.com", "queue = never", "log = none"]
        if route.tls != "none":
            lines.append(f"tls-ca = {route.authorities}")
        if route.login:
            lines += [f"user = {USER}", f'password = "{PASSWORD}"']
        return [self.path, "-C", put(self.config, "\n".join(lines) + "\n"), "-i", "--", *recipients]


class Msmtp:
    name = "msmtp"

    def __init__(self, path, folder):
        self.path = path
        self.config = folder / "msmtprc"

    def command(self, route, recipients):
        lines = ["account default", "host 127.0.0.1", f"port {route.port}", f"from {SENDER}", "domain example.com",
                 f"tls {'off' if route.tls == 'none' else 'on'}"]
        if route.tls != "none":
            lines += [f"tls_starttls {'on' if route.tls == 'starttls' else 'off'}",
                      f"tls_trust_file {route.authorities}"]
        if route.login:
            lines += ["auth plain", f"user {USER}", f'password "{PASSWORD}"']
        return [self.path, "-C", put(self.config, "\n".join(lines) + "\n"), "-i", "--", *recipients]


class Curl:
    name = "curl"

    def __init__(self, path, folder):
        self.path = path
        self.config = folder / "curlrc"

    def command(self, route, recipients):
        scheme = "smtps" if route.tls == "implicit" else "smtp"
        lines = [f'url = "{scheme}://127.0.0.1:{route.port}/example.com"', f'mail-from = "{SENDER}"',
                 *(f'mail-rcpt = "{r}"' for r in recipients)]
        if route.tls != "none":
            lines += ["ssl-reqd", f'cacert = "{route.authorities}"']
        if route.login:
            lines += [f'user = "{USER}:{PASSWORD}"', 'login-options = "AUTH=PLAIN"']
        return [self.path, "-q", "-s", "-S", "--crlf", "-T", "-", "-K", put(self.config, "\n".join(lines) + "\n")]


def installed(program, folder):
    """PROGRAM, and those peers that this machine has."""
    peers = ((kind, shutil.which(kind.name)) for kind in (Msmtp, Curl))
    return [Postrider(str(program), folder), *(kind(path, folder) for kind, path in peers if path)]
