# SPDX-License-Identifier: GPL-3.0-or-later
"""Throw-away certificates: a root, an intermediate, and leaves with every fault that a test asks for."""
from __future__ import annotations

import datetime
import hashlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Chain:
    """A certificate with what a server sends along, and its key: both PEM files."""
    certificates: Path
    key: Path

    @property
    def leaf(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificates.read_bytes())

    @property
    def sha256(self) -> str:
        """The fingerprint of the certificate, in lower-case hex."""
        return self.leaf.fingerprint(hashes.SHA256()).hex()

    @property
    def spki(self) -> str:
        """The fingerprint of its public key."""
        der = self.leaf.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()


@dataclass(frozen=True)
class Kind:
    """How a leaf differs from a good one."""
    names: tuple[str, ...] = LOCAL      # subject alternative names; none: no such extension
    common_name: str = "localhost"
    begins: int = -1                    # in days from now
    ends: int = 30
    signed_by: str = "intermediate"     # intermediate, root, self, stranger
    send_intermediate: bool = True
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH
    must_staple: bool = False           # RFC 7633
    weak: bool = False                  # RSA with 1024 bits


KINDS = {
    "good": Kind(),
    "name-only": Kind(names=("localhost",)),
    "expired": Kind(begins=-30, ends=-1),
    "future": Kind(begins=1, ends=30),
    "wrong-name": Kind(names=("other.test",), common_name="other.test"),
    "wildcard": Kind(names=("*.wild.test",), common_name="*.wild.test"),
    "plain.test": Kind(names=("plain.test",), common_name="plain.test"),
    "mx1.plain.test": Kind(names=("mx1.plain.test",), common_name="mx1.plain.test"),
    "bücher.plain.test": Kind(names=("xn--bcher-kva.plain.test",), common_name="xn--bcher-kva.plain.test"),
    "must-staple": Kind(must_staple=True),
    "cn-only": Kind(names=()),
    "weak": Kind(weak=True),
    "self-signed": Kind(signed_by="self"),
    "unknown-ca": Kind(signed_by="stranger"),
    "no-intermediate": Kind(send_intermediate=False),
    "client-use": Kind(usage=ExtendedKeyUsageOID.CLIENT_AUTH),
    "client": Kind(names=("client.test",), common_name="client.test", usage=ExtendedKeyUsageOID.CLIENT_AUTH),
}


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    def general(name: str) -> x509.GeneralName:
        try:
            return x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            return x509.DNSName(name)
    return x509.SubjectAlternativeName([general(n) for n in names])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class Authority:
    """A certificate that signs others."""

    def __init__(self, common: str, parent: "Authority | None" = None):
        self.key = (rsa.generate_private_key(65537, 2048) if parent is None
                    else ec.generate_private_key(ec.SECP256R1()))
        signer = parent or self
        builder = start(common, common if parent is None else parent.common, self.key, -2, 60)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        builder = builder.add_extension(_key_usage(signs=True), True)
        self.common = common
        self.certificate = builder.sign(signer.key, hashes.SHA256())


def _key_usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(digital_signature=True, content_commitment=False, key_encipherment=False,
                         data_encipherment=False, key_agreement=False, key_cert_sign=signs,
                         crl_sign=signs, encipher_only=False, decipher_only=False)


def start(subject: str, issuer: str, key, begins: int, ends: int) -> x509.CertificateBuilder:
    now = datetime.datetime.utcnow()
    return (x509.CertificateBuilder()
            .subject_name(_name(subject)).issuer_name(_name(issuer))
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now + begins * DAY).not_valid_after(now + ends * DAY))


class Certificates:
    """All of them, made when first asked for, as files below `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.root = Authority("Test Root")
        self.intermediate = Authority("Test Intermediate", self.root)
        self.stranger = Authority("Stranger Root")
        self._chains: dict[str, Chain] = {}
        self.ca = folder / "root.pem"
        self.ca.write_bytes(_pem(self.root.certificate))
        self.issuer = folder / "intermediate.pem"
        self.issuer.write_bytes(_pem(self.intermediate.certificate))
        self.other_ca = folder / "stranger.pem"
        self.other_ca.write_bytes(_pem(self.stranger.certificate))

    def __getitem__(self, kind: str) -> Chain:
        if kind not in self._chains:
            self._chains[kind] = self._make(kind, KINDS[kind])
        return self._chains[kind]

    def _make(self, name: str, kind: Kind) -> Chain:
        key = rsa.generate_private_key(65537, 1024) if kind.weak else ec.generate_private_key(ec.SECP256R1())
        signers = {"intermediate": (self.intermediate.common, self.intermediate.key),
                   "root": (self.root.common, self.root.key),
                   "stranger": (self.stranger.common, self.stranger.key),
                   "self": (kind.common_name, key)}
        issuer, signing_key = signers[kind.signed_by]
        builder = start(kind.common_name, issuer, key, kind.begins, kind.ends)
        if kind.names:
            builder = builder.add_extension(_alternative(kind.names), False)
        builder = builder.add_extension(_key_usage(signs=False), True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([kind.usage]), False)
        if kind.must_staple:
            builder = builder.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), False)
        leaf = builder.sign(signing_key, hashes.SHA256())
        sends = kind.send_intermediate and kind.signed_by == "intermediate"
        return self._write(name, key, _pem(leaf) + (_pem(self.intermediate.certificate) if sends else b""))

    def revocations(self, *kinds: str, ends: int = 10) -> Path:
        """The intermediate's list (PEM) of those that it has revoked."""
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateRevocationListBuilder().issuer_name(_name(self.intermediate.common))
                   .last_update(now - 20 * DAY).next_update(now + ends * DAY))
        for kind in kinds:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(self[kind].leaf.serial_number)
                .revocation_date(now - DAY).build())
        path = self.folder / f"{'-'.join(kinds) or 'none'}{ends}.crl"
        path.write_bytes(builder.sign(self.intermediate.key, hashes.SHA256()).public_bytes(
            serialization.Encoding.PEM))
        return path

    def status(self, kind: str, revoked: bool = False, ends: int = 10) -> Path:
        """An OCSP response (DER) of the intermediate's about that certificate."""
        now = datetime.datetime.utcnow()
        issuer = self.intermediate
        builder = ocsp.OCSPResponseBuilder().add_response(
            self[kind].leaf, issuer.certificate, hashes.SHA1(),
            ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            now - 20 * DAY, now + ends * DAY, now - DAY if revoked else None, None)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
        path = self.folder / f"{kind}-{revoked}{ends}.ocsp"
        path.write_bytes(builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
        return path

    def _write(self, name: str, key, certificates: bytes) -> Chain:
        chain = Chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        chain.certificates.write_bytes(certificates)
        chain.key.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        chain.key.chmod(0o600)
        return chain
