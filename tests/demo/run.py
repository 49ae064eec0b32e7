# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make demo` shows: postrider sends to a mail server on this machine, and says what happens.

The server is the scripted one of the tests, so nothing leaves the machine. $POSTRIDER is the program.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from server import Certificates, Server, reply  # noqa: E402 (found by the line above)

MAIL = """From: Alice <alice@example.com>
To: bob@example.net
Bcc: carol@example.org
Subject: hello

A line.
"""
CONFIG = """host = 127.0.0.1
port = {port}
tls = starttls
tls-ca = {ca}
user = alice
password = wonderland
from = alice@example.com
queue = never
log = none
"""


def act(title, folder, arguments):
    """Run sendmail with ARGUMENTS in the home FOLDER, in front of the reader's eyes."""
    print(f"\n== {title}\n$ sendmail {' '.join(arguments)} < message", flush=True)
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    code = subprocess.run([folder / "sendmail", *arguments], input=MAIL.encode(), env=environment,
                          stderr=subprocess.STDOUT, check=False).returncode
    print(f"exit code {code}")
    return code


def send(folder, certificates):
    steps = {"rcpt:nobody@example.net": reply("550 5.1.1 no such user")}
    server = Server(tls="starttls", chain=certificates["good"], auth="PLAIN", steps=steps).start()
    config = folder / ".config" / "postrider.ini"
    config.parent.mkdir()
    config.touch(mode=0o600)
    config.write_text(CONFIG.format(port=server.port, ca=certificates.ca))
    print(f"== The settings, in ~/.config/postrider.ini\n{config.read_text()}\n== The message\n{MAIL}", end="")

    taken = act("To a server that takes it: recipients from the header", folder, ["-v", "-t"])
    server.settle(2)
    print(f"The server has it for {', '.join(server.message.to)}:\n")
    print(server.message.data.decode().replace("\r\n", "\n"), end="")
    refused = act("To a recipient that the server refuses", folder, ["nobody@example.net"])
    server.stop()
    return (taken, refused) == (0, 67)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "sendmail").symlink_to(os.environ["POSTRIDER"])
        certificates = folder / "certificates"
        certificates.mkdir()
        return 0 if send(folder, Certificates(certificates)) else 1


if __name__ == "__main__":
    sys.exit(main())
