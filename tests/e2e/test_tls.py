# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: S028 to S052."""
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from helpers import MAIL, YOU, account, config
from server import alert, close, cut, default, drip, raw, reply, stall

SEND = ["-i", YOU]
LOGIN = {"user": "alice", "password": "wonderland"}
BOTH = pytest.mark.parametrize("tls", ["starttls", "implicit"])


def only_ehlo(s) -> bool:
    return [v for v in s.verbs if v not in ("EHLO", "STARTTLS", "QUIT")] == []


@pytest.mark.smoke
@pytest.mark.library
@BOTH
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_good(rider, server, certs, tls, version):
    s = server(tls=tls, tls_min=version, tls_max=version, auth="PLAIN")
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    rider(SEND).must_be_silent()
    assert s.message.secure and s.message.user == "alice"
    assert s.connection.tls_version == f"TLSv{version}"
    clear = s.connection.heard(secure=False)
    assert clear == (b"EHLO client.test\r\nSTARTTLS\r\n" if tls == "starttls" else b"")


def test_S028_not_offered(rider, server):
    s = server()
    rider.use(s, tls="starttls", **LOGIN)
    rider(SEND).must(77, "starttls")
    assert only_ehlo(s)


@pytest.mark.parametrize("answer, rc", [
    ("454 4.7.0 not now", 75), ("421 bye", 75), ("501 5.5.4 syntax", 77), ("502 5.5.1 no", 77), ("500 no", 77),
    ("250 ok", 76), ("354 go", 76), ("220-a\n250 b", 76),
])
def test_S029_S030_refused(rider, server, certs, answer, rc):
    s = server(tls="starttls", steps={"starttls": answer})
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must(rc)
    assert only_ehlo(s) and s.messages == []
    assert "STARTTLS" in s.verbs


@pytest.mark.parametrize("extra", [b"250 injected\r\n", b"2", b"250-x\r\n" * 10])
def test_S031_plaintext_behind_220(rider, server, certs, extra):
    s = server(tls="starttls", auth="PLAIN", steps={"starttls": reply("220 go") + extra}, strict=False)
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    rider(SEND).must(76)
    assert s.messages == [] and s.connection.auth == []


def test_S032_what_was_said_before_tls_is_forgotten(rider, server, certs):
    s = server(tls="starttls", auth="PLAIN",
               steps={"ehlo:1": "250-x\n250-SIZE 10\n250-DSN\n250-AUTH X-EVIL\n250 STARTTLS",
                      "ehlo:2": "250-x\n250-AUTH PLAIN\n250 8BITMIME"})
    rider.use(s, tls_ca=certs.ca, **LOGIN)
    rider(["-i", "-N", "failure", YOU]).must_be_silent()
    assert s.verbs[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert "SIZE" not in s.message.params and s.message.recipients[0].params == {}


@pytest.mark.parametrize("early", [b"250 early\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", b"2"])
def test_S033_answer_before_the_question_inside_tls(rider, server, certs, early):
    s = server(tls="starttls", steps={"secured": raw(early)}, strict=False)
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must(76)
    assert s.messages == []


SPOILT = {
    "S034 garbage": (raw(b"HTTP/1.0 400 Bad Request\r\n\r\n") + stall(), None, 3),
    "S034 closed": (close(), None, 3),
    "S034 alert": (raw(b"\x15\x03\x03\x00\x02\x02\x28") + stall(), 77, 3),
    "S034 huge record": (raw(b"\x16\x03\x03\xff\xff" + b"x" * 70000) + stall(), None, 3),
    "S035 stall": (stall(), 75, 3),
    "S035 a byte at a time": (drip(b"\x16\x03\x03\x10\x00\x02\x00\x0f\xfc" + b"\x03" * 90, every=0.2), 75, 3),
}


@BOTH
@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_handshake(rider, server, certs, tls, name):
    step, rc, seconds = SPOILT[name]
    s = server(tls=tls, steps={"tls": step}, strict=False)
    rider.use(s, tls_ca=certs.ca, timeout="1", **LOGIN)
    run = rider(SEND)
    assert run.rc in ((rc,) if rc else (75, 76, 77)), run
    assert run.seconds < seconds and only_ehlo(s) and run.err


# kind of certificate, words of which one must be said
UNTRUSTED = {
    "S036 self-signed": ("self-signed", ["unknown", "self", "trust", "issuer"]),
    "S037 expired": ("expired", ["expired"]),
    "S037 not yet valid": ("future", ["not yet", "not valid before"]),
    "S038 wrong name": ("wrong-name", ["name"]),
    "S038 name in CN only": ("cn-only", ["name"]),
    "S039 unknown CA": ("unknown-ca", ["unknown", "trust", "issuer"]),
    "S039 intermediate missing": ("no-intermediate", ["unknown", "trust", "issuer"]),
    "S042 weak key": ("weak", ["weak", "key"]),
    "not for servers": ("client-use", ["purpose", "server", "use"]),
}


@BOTH
@pytest.mark.parametrize("name", UNTRUSTED)
def test_untrusted_certificate(rider, server, certs, tls, name):
    kind, words = UNTRUSTED[name]
    s = server(tls=tls, cert=kind, auth="PLAIN")
    rider.use(s, host="localhost", tls_ca=certs.ca, **LOGIN)
    run = rider(SEND).must(77, "certificate")
    assert any(w in run.err.lower() for w in words), run
    assert s.connections[-1].auth == [] and "MAIL" not in s.verbs


def test_S038_ip_address_needs_an_ip_name(rider, server, certs):
    s = server(tls="implicit", cert="name-only")
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must(77, "name")
    rider.use(s, host="localhost", tls_ca=certs.ca)
    rider(SEND).must_be_silent()


@pytest.mark.parametrize("name, rc", [("mail.wild.test", 0), ("a.b.wild.test", 77), ("wild.test", 77)])
def test_S038_wildcard_and_tls_name(rider, server, certs, name, rc):
    s = server(tls="implicit", cert="wildcard")
    rider.use(s, tls_ca=certs.ca, tls_name=name)
    rider(SEND).must(rc)
    assert s.connection.sni == name


def test_S039_system_trust_does_not_know_us(rider, server):
    s = server(tls="implicit")
    rider.use(s, host="localhost")
    rider(SEND).must(77, "certificate")


def test_S039_other_and_empty_trust(rider, server, certs):
    s = server(tls="implicit")
    rider.use(s, tls_ca=certs.other_ca)
    rider(SEND).must(77, "certificate")
    rider.use(s, tls_ca=rider.write("empty.pem", ""))
    assert rider(SEND).rc in (77, 78)
    rider.use(s, tls_ca="/proc/none/ca.pem")
    assert rider(SEND).rc in (77, 78)
    assert s.messages == []


def test_hashed_directory(rider, server, certs, tmp_path):
    folder = tmp_path / "hashed"
    folder.mkdir()
    (folder / "root.pem").write_bytes(certs.ca.read_bytes())
    subprocess.run(["openssl", "rehash", str(folder)], check=True)
    s = server(tls="implicit")
    rider.use(s, tls_ca=folder)
    rider(SEND).must_be_silent()
    assert s.message.secure


def test_root_within_a_large_bundle(rider, server, certs):
    system = Path("/etc/ssl/certs/ca-certificates.crt")
    bundle = (system.read_bytes() if system.exists() else b"") + certs.ca.read_bytes()
    s = server(tls="implicit")
    rider.use(s, tls_ca=rider.write("bundle.pem", bundle))
    rider(SEND).must_be_silent()
    assert s.message.secure


@pytest.mark.parametrize("most", ["1.0", "1.1"])
@BOTH
def test_S041_old_versions(rider, server, certs, tls, most):
    s = server(tls=tls, tls_max=most)
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must(77)
    assert s.messages == []


def test_tls_min(rider, server, certs):
    s = server(tls="implicit", tls_max="1.2")
    rider.use(s, tls_ca=certs.ca, tls_min="1.3")
    rider(SEND).must(77)
    assert s.messages == []


@pytest.mark.parametrize("where", ["ehlo", "mail", "dot"])
def test_S043_alert_in_mid_session(rider, server, certs, where):
    s = server(tls="implicit", steps={where: alert() + stall()}, strict=False)
    rider.use(s, tls_ca=certs.ca)
    run = rider(SEND)
    assert run.rc in (75, 76) and run.seconds < 3, run
    assert s.messages == []
    assert "EHLO" in s.verbs


@pytest.mark.parametrize("where", ["ehlo", "mail", "data", "dot"])
def test_S044_truncated_before_the_reply(rider, server, certs, where):
    s = server(tls="implicit", steps={where: cut()})
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must(75)
    assert "EHLO" in s.verbs


def test_S044_truncated_after_success(rider, server, certs):
    s = server(tls="implicit", steps={"dot": default() + cut()})
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    assert len(s.messages) == 1


def test_S046_server_text_changes_nothing(rider, server, certs):
    s = server(tls="starttls", steps={"greeting": "220 use port 25, tls=none; STARTTLS is off"})
    rider.use(s, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    assert s.message.secure


@BOTH
@pytest.mark.parametrize("host, sni", [("localhost", "localhost"), ("127.0.0.1", None)])
def test_S047_sni(rider, server, certs, tls, host, sni):
    s = server(tls=tls)
    rider.use(s, host=host, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    assert s.connections[-1].sni == sni


def test_S048_implicit_tls_where_the_server_speaks_plain(rider, server, certs):
    s = server(strict=False)
    rider.use(s, tls="implicit", tls_ca=certs.ca)
    run = rider(SEND).must(77, "starttls")
    assert run.seconds < 2, run


@pytest.mark.parametrize("tls", ["none", "starttls"])
def test_S049_plain_where_the_server_speaks_tls(rider, server, certs, tls):
    s = server(tls="implicit")
    rider.use(s, tls=tls, tls_ca=certs.ca, timeout="1")
    rider(SEND).must(75, "implicit")


PLAIN_LINKS = {
    "auto, cleartext mechanisms": ("auto", "PLAIN LOGIN", 77),
    "auto, CRAM-MD5": ("auto", "CRAM-MD5", 77),
    "auto, SCRAM": ("auto", "PLAIN SCRAM-SHA-256", 0),
    "named": ("plain", "PLAIN", 0),
    "named CRAM-MD5": ("cram-md5", "CRAM-MD5 PLAIN", 0),
}


@pytest.mark.parametrize("name", PLAIN_LINKS)
def test_S050_password_on_a_plain_link(rider, server, name):
    auth, offered, rc = PLAIN_LINKS[name]
    s = server(auth=offered, auth_needs_tls=False)
    rider.use(s, auth=auth, **LOGIN)
    rider(SEND).must(rc)
    if rc:
        assert s.connection.auth == [] and "MAIL" not in s.verbs
        assert b"wonderland" not in s.heard and b"YWxpY2U" not in s.heard
    else:
        assert s.message.user == "alice"


@pytest.mark.parametrize("form", ["sha256:{0}", "SHA256:{1}", "sha256:{2}", "sha256:{3}, sha256:{0}"])
def test_S051_fingerprint(rider, server, certs, form):
    good = certs["self-signed"].sha256
    colons = ":".join(good[i:i + 2] for i in range(0, 64, 2))
    s = server(tls="implicit", cert="self-signed")
    rider.use(s, tls_fingerprint=form.format(good, colons.upper(), colons, "0" * 64))
    rider(SEND).must_be_silent()
    assert s.message.secure


def test_S051_fingerprint_of_the_key(rider, server, certs):
    s = server(tls="starttls", cert="self-signed")
    rider.use(s, tls_fingerprint="spki:" + certs["self-signed"].spki)
    rider(SEND).must_be_silent()
    assert s.message.secure


@pytest.mark.parametrize("pin", ["sha256:" + "ab" * 32, "spki:" + "ab" * 32])
def test_S051_fingerprint_mismatch(rider, server, certs, pin):
    """Even for a certificate that a known authority signed."""
    s = server(tls="implicit", auth="PLAIN")
    rider.use(s, tls_ca=certs.ca, tls_fingerprint=pin, **LOGIN)
    rider(SEND).must(77, "fingerprint")
    assert s.connection.auth == []


@pytest.mark.parametrize("steps, tls, secure", [
    ({}, "starttls", True),
    ({}, "", False),
    ({"starttls": "454 not now"}, "starttls", False),
    ({"starttls": "502 no"}, "starttls", False),
    ({"1/tls": raw(b"garbage\r\n") + close()}, "starttls", False),
], ids=["offered", "not offered", "454", "502", "broken handshake"])
def test_S052_opportunistic(rider, server, steps, tls, secure):
    s = server(tls=tls, cert="expired", steps=steps, strict=False)
    rider.use(s, tls="opportunistic")
    rider(SEND).must_be_silent()
    assert s.message.secure is secure


@pytest.mark.parametrize("steps", [{"ehlo": "250 no extensions"}, {"starttls": "454 not now"},
                                   {"tls": raw(b"garbage\r\n") + close()}])
def test_S052_opportunistic_with_user_needs_tls(rider, server, steps):
    s = server(tls="starttls", auth="PLAIN", auth_needs_tls=False, steps=steps, strict=False)
    rider.use(s, tls="opportunistic", **LOGIN)
    run = rider(SEND)
    assert run.rc in (75, 76, 77), run
    assert s.messages == [] and b"AGFsaWNl" not in s.heard and "AUTH" not in s.verbs and "EHLO" in s.verbs


@pytest.mark.parametrize("kind", ["self-signed", "expired", "wrong-name"])
def test_verify_no(rider, server, kind):
    s = server(tls="starttls", cert=kind)
    rider.use(s, tls_verify="no")
    rider(SEND).must_be_silent()
    assert s.message.secure


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_client_certificate(rider, server, certs, version):
    client = certs["client"]
    s = server(tls="implicit", client_ca=certs.ca, tls_max=version)
    rider.use(s, tls_ca=certs.ca, tls_certificate=client.certificates, tls_key=client.key)
    rider(SEND, MAIL).must_be_silent()
    assert s.connection.client_certificate["subject"] == ((("commonName", "client.test"),),)


def token(rider, client) -> dict[str, str]:
    """A PKCS#11 token called "mine" with the key of CLIENT and the PIN 1234; gives the environment to use it."""
    (rider.home / "tokens").mkdir()
    conf = rider.write("softhsm2.conf", f"directories.tokendir = {rider.home / 'tokens'}\nlog.level = ERROR\n")
    environment = {**rider.environment, "SOFTHSM2_CONF": str(conf)}
    for arguments in (["--init-token", "--free", "--label", "mine", "--so-pin", "0000"],
                      ["--import", str(client.key), "--token", "mine", "--label", "key", "--id", "a1"]):
        subprocess.run(["softhsm2-util", *arguments, "--pin", "1234"], env=environment, check=True,
                       stdout=subprocess.DEVNULL)
    return environment


@pytest.mark.skipif(not shutil.which("softhsm2-util"), reason="softhsm2 is not installed")
@pytest.mark.parametrize("uri, rc, said", [
    ("pkcs11:token=mine;object=key;type=private?pin-source=file:{pin}", 0, ""),
    ("pkcs11:token=mine;id=%A1;type=private?pin-source={pin}", 0, ""),
    ("pkcs11:token=mine;object=key;type=private", 78, "pin-source=file:/PATH"),
    ("pkcs11:token=mine;object=key;type=private?pin-source=file:{wrong}", 78, "PIN"),
    ("pkcs11:token=other;object=key?pin-source=file:{pin}", 78, "not available"),
    ("pkcs11:token=mine;object=key?pin-value=1234", 78, "pin-source=file:/PATH"),
])
def test_key_in_a_token(rider, server, certs, uri, rc, said):
    client = certs["client"]
    environment = token(rider, client)
    key = uri.format(pin=rider.write("pin", "1234"), wrong=rider.write("wrong", "4321"))
    s = server(tls="implicit", client_ca=certs.ca)
    rider.use(s, tls_ca=certs.ca, tls_certificate=client.certificates, tls_key=key)
    run = rider(SEND, env=environment).must(rc, said)
    assert "1234" not in run.err
    if rc == 0:
        assert s.connection.client_certificate["subject"] == ((("commonName", "client.test"),),)


def test_own_certificate_that_cannot_be_used(rider, server, certs):
    s = server(tls="implicit")
    rider.use(s, tls_ca=certs.ca, tls_certificate=certs["client"].certificates)
    rider(SEND).must(78, "tls-certificate", "client.pem")
    rider.use(s, tls_ca=certs.ca, tls_certificate=certs["client"].certificates, tls_key=certs["good"].key)
    rider(SEND).must(78, "tls-certificate", "good.key")
    assert s.messages == []


def test_internationalised_tls_name(rider, server, certs):
    s = server(tls="implicit", cert="bücher.plain.test")
    rider.use(s, tls_ca=certs.ca, tls_name="bücher.plain.test")
    rider(SEND).must_be_silent()
    assert s.connection.sni == "xn--bcher-kva.plain.test"


@pytest.mark.real
@pytest.mark.xdist_group("real")
def test_internationalised_host(rider, server, certs, dns):
    """Found, asked for and checked by its A-labels."""
    s = server(tls="starttls", cert="bücher.plain.test")
    dns.publish("xn--bcher-kva A 127.0.0.1")
    rider.use(s, host="BÜCHER.plain.test", resolver=dns.resolver, tls_ca=certs.ca)
    rider(SEND).must_be_silent()
    assert s.connection.sni == "xn--bcher-kva.plain.test"


@pytest.mark.parametrize("revoked, ends, rc, said", [
    ((), 10, 0, ""),
    (("expired",), 10, 0, ""),
    (("good",), 10, 77, "revoked"),
    (("expired", "good"), 10, 77, "revoked"),
    ((), -1, 0, ""),
    (("good",), -1, 77, "revoked"),
])
def test_revocation_list(rider, server, certs, revoked, ends, rc, said):
    s = server(tls="starttls")
    rider.use(s, tls_ca=certs.ca, tls_crl=certs.revocations(*revoked, ends=ends))
    rider(SEND).must(rc, said)
    assert len(s.messages) == (rc == 0)


@pytest.mark.parametrize("content", [None, "", "no list"])
def test_revocation_list_that_is_none(rider, server, certs, content):
    s = server(tls="starttls")
    crl = rider.home / "nowhere" if content is None else rider.write("bad.crl", content)
    rider.use(s, tls_ca=certs.ca, tls_crl=crl)
    rider(SEND).must(78, "tls-crl", str(crl))
    assert s.messages == []


class Stapler:
    """openssl s_server, which staples; behind it, a server of few words. Python's ssl cannot staple."""

    def __init__(self, chain, issuer: Path, status: Path | None):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        arguments = ["-cert", chain.certificates, "-cert_chain", issuer, "-key", chain.key]
        if status:
            arguments += ["-status_file", status]
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{self.port}", *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.thread = threading.Thread(target=self.talk, daemon=True)

    def __enter__(self) -> "Stapler":
        self.thread.start()
        for _ in range(500):
            if f":{self.port:04X} 00000000:0000 0A" in Path("/proc/net/tcp").read_text():
                return self     # to connect would take the greeting away
            time.sleep(0.01)
        raise AssertionError("openssl s_server does not listen")

    def talk(self) -> None:
        """As each line comes; the greeting stands in for what came before."""
        answers = {b"EHLO": b"250 bed.test\r\n", b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}
        self.process.stdin.write(b"220 bed.test\r\n")
        self.process.stdin.flush()
        data = False
        for line in self.process.stdout:
            word = line.rstrip()[:4]
            if not data or word == b".":
                self.process.stdin.write(answers.get(word, b"250 ok\r\n"))
                self.process.stdin.flush()
            data = word == b"DATA" or (data and word != b".")

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.thread.join(5)


@pytest.mark.parametrize("kind, status, rc, said", [
    ("good", {}, 0, ""),
    ("good", {"revoked": True}, 77, "revoked"),
    ("good", {"ends": -1}, 77, "too old"),
    ("must-staple", {}, 0, ""),
    ("must-staple", None, 77, "asks for a stapled OCSP response"),
    ("must-staple", {"revoked": True}, 77, "revoked"),
])
def test_S040_stapled_status(rider, certs, kind, status, rc, said):
    response = None if status is None else certs.status(kind, **status)
    with Stapler(certs[kind], certs.issuer, response) as s:
        rider.configure(config(account(host="127.0.0.1", port=s.port, tls="implicit", tls_ca=certs.ca)))
        rider(SEND).must(rc, said)


def test_the_environment_does_not_open_tls(rider, server, certs):
    """GnuTLS writes the keys of its sessions into such a file, for everybody to read along."""
    s = server(tls="implicit")
    rider.use(s, tls_ca=certs.ca)
    keys = rider.home / "keys"
    environment = {**rider.environment, "SSLKEYLOGFILE": str(keys), "GNUTLS_DEBUG_LEVEL": "9",
                   "GNUTLS_SYSTEM_PRIORITY_FILE": str(rider.home / "x"), "P11_KIT_DEBUG": "all"}
    rider(SEND, env=environment).must_be_silent()
    assert not keys.exists() and s.message.secure
