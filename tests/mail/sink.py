"""A mail server on this machine that answers as a story needs."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = "250 fine"
DROP = "drop"
STALL = "stall"


@dataclass
class Delivery:
    sender: str
    recipients: list[str]
    raw: bytes
    hello: str
    over_tls: bool
    signed_in_as: str


@dataclass
class Sink:
    """What the server says to MAIL, RCPT, DATA and QUIT, and what it was given."""

    mail: str = OK
    rcpt: str = OK
    data: str = OK
    quit: str = "221 bye"
    password: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return await _said(self.mail, server)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await _said(self.rcpt, server)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        delivery = Delivery(
            sender=envelope.mail_from,
            recipients=list(envelope.rcpt_tos),
            raw=bytes(envelope.original_content),
            hello=session.host_name,
            over_tls=session.ssl is not None,
            signed_in_as=session.auth_data or "",
        )
        answer = await _said(self.data, server)
        if answer.startswith("2"):
            self.deliveries.append(delivery)
        return answer

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return await _said(self.quit, server)

    def sign_in(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> Any:
        if isinstance(given, LoginPassword) and given.password.decode() == self.password:
            return AuthResult(success=True, auth_data=given.login.decode())
        return AuthResult(success=False, handled=False)


async def _said(answer: str, server: Any) -> str:
    if answer == DROP:
        server.transport.abort()
        return "421 gone"
    if answer == STALL:
        await asyncio.sleep(2)
    return answer if answer != STALL else OK


@contextmanager
def serving(sink: Sink, **options: Any) -> Iterator[Sink]:
    """Run `sink` on a free port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sink.port = probe.getsockname()[1]
    options.setdefault("authenticator", sink.sign_in)
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, **options)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@dataclass(frozen=True)
class Certificate:
    chain: Path
    context: ssl.SSLContext


def certificate_for_this_machine(folder: Path) -> Certificate:
    """A certificate for localhost and 127.0.0.1 that nobody trusts unless told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return Certificate(chain, context)
