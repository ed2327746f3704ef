"""Serve the emulator: `python -m scheduler.emulator --port 8001 --smtp-port 8025 --data FILE --hooks`."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

from scheduler.emulator.lines import Handler, Server
from scheduler.emulator.server import Emulator, EmulatorSettings, create_emulator
from scheduler.emulator.smtp import inbox
from scheduler.emulator.store import OtherVersion
from scheduler.emulator.transport import zipped

HOST = "127.0.0.1"


def main(words: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return 2 when a port is taken."""
    given = arguments().parse_args(words)
    client_id = given.client_id or os.environ.get("EMULATOR_CLIENT_ID")
    client_secret = given.client_secret or os.environ.get("EMULATOR_CLIENT_SECRET")
    if not client_id or not client_secret:
        return _complain(
            "The emulator needs a client id and secret: EMULATOR_CLIENT_ID, EMULATOR_CLIENT_SECRET."
        )
    for name, port in (("port", given.port), ("SMTP port", given.smtp_port)):
        if port is not None and _is_taken(port):
            return _complain(f"The emulator's {name} {port} is in use by another program.")
    try:
        app = create_emulator(
            EmulatorSettings(
                base_url=f"http://localhost:{given.port}",
                store_path=given.data,
                client_id=client_id,
                client_secret=client_secret,
                redirect_uris=tuple(given.redirect_uri),
                hooks=given.hooks,
            )
        )
    except OtherVersion:
        return _complain(
            f"{given.data} was written by another version of the emulator. Move it away to begin anew."
        )
    emulator: Emulator = app.extensions["emulator"]
    try:
        server = Server(HOST, given.port, zipped(app), handler=Handler)
    except OSError as error:
        return _complain(f"The emulator cannot use port {given.port}: {error.strerror}.")
    mail = inbox(emulator.world, given.smtp_port) if given.smtp_port is not None else None
    if mail is not None:
        mail.start()

    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for the serving loop, which this thread is running.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write("emulator ready\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.server_close()
        if mail is not None:
            mail.stop()
        emulator.close()
    return 0


def arguments() -> argparse.ArgumentParser:
    """Return what can be said on the command line."""
    parser = argparse.ArgumentParser(prog="python -m scheduler.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--smtp-port", type=int, default=None)
    parser.add_argument(
        "--data", type=Path, default=None, help="the SQLite file; without one, memory"
    )
    parser.add_argument("--client-id", default=None, help="else EMULATOR_CLIENT_ID")
    parser.add_argument("--client-secret", default=None, help="else EMULATOR_CLIENT_SECRET")
    parser.add_argument("--redirect-uri", action="append", default=[])
    parser.add_argument("--hooks", action="store_true")
    return parser


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _complain(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
