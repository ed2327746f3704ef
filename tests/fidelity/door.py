"""A forward proxy that plays Google's hosts, for clients that know no other address than Google's.

It answers CONNECT as any proxy does, and is then the server for www.googleapis.com and its like: with a
certificate of an authority made for this run, and with the emulator behind it. Every other host is refused and
remembered, so that a run shows that nothing has left this machine.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = ("www.googleapis.com", "oauth2.googleapis.com", "meet.googleapis.com")
_PIECE_BYTES = 65536


class Door:
    """The proxy's address, the file with the authority to trust, and who else was asked for."""

    def __init__(self, emulator_port: int, folder: Path) -> None:
        self.authority = folder / "authority.pem"
        self.strangers: list[str] = []
        self._server = ThreadingTCPServer(("127.0.0.1", 0), _Caller, bind_and_activate=True)
        self._server.daemon_threads = True
        self._server.door = self  # type: ignore[attr-defined]
        self.emulator_port = emulator_port
        self.tls = _tls_of_google(folder, self.authority)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Caller(StreamRequestHandler):
    """One CONNECT: from here on the caller believes to speak with Google."""

    def handle(self) -> None:
        door: Door = self.server.door  # type: ignore[attr-defined]
        verb, _, target = self.rfile.readline().decode("latin-1").partition(" ")
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        host, _, port = target.partition(" ")[0].partition(":")
        if verb != "CONNECT" or host not in HOSTS or port != "443":
            door.strangers.append(f"{verb} {target}".strip())
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with (
            suppress(OSError),
            door.tls.wrap_socket(self.connection, server_side=True) as outside,
            socket.create_connection(("127.0.0.1", door.emulator_port)) as inside,
        ):
            back = threading.Thread(target=_pour, args=(inside, outside), daemon=True)
            back.start()
            _pour(outside, inside)
            back.join()


def _pour(source: socket.socket, into: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE_BYTES):
            into.sendall(piece)
    for end in (source, into):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _tls_of_google(folder: Path, authority: Path) -> ssl.SSLContext:
    """Return the TLS side of Google's hosts, and write the authority that vouches for it."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fidelity suite")])
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, hosts=())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    leaf = _certificate(name, root_name, key.public_key(), root_key, hosts=HOSTS)
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    chain = folder / "google.pem"
    chain.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + leaf.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: Any, signer: Any, *, hosts: tuple[str, ...]
) -> x509.Certificate:
    now = datetime.now(UTC)
    is_root = not hosts
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_root,
                key_cert_sign=is_root,
                crl_sign=is_root,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        built = built.add_extension(names, critical=False)
    return built.sign(signer, hashes.SHA256())
