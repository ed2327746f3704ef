"""The emulator on a port of this machine, and the official client of it over a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httplib2
from googleapiclient import discovery

from scheduler.emulator.lines import Handler, Server
from scheduler.emulator.server import Emulator, create_emulator
from scheduler.emulator.transport import zipped
from tests.emulator.conftest import SCHEDULING, settings
from tests.emulator.schemas import checked


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(path: Path | None = None) -> Iterator[tuple[str, Emulator]]:
    port = free_port()
    app = checked(create_emulator(settings(path, base_url=f"http://localhost:{port}")))
    server = Server("127.0.0.1", port, zipped(app), handler=Handler)
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    emulator: Emulator = app.extensions["emulator"]
    emulator.set_conference(latency=0)
    try:
        yield f"http://localhost:{port}", emulator
    finally:
        server.shutdown()
        server.server_close()
        emulator.close()


class Carrying(httplib2.Http):
    """An Http that carries a token."""

    def __init__(self, token: str) -> None:
        super().__init__(timeout=10)
        self.token = token

    def request(  # type: ignore[override]
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **rest: Any
    ) -> Any:
        carried = {**(headers or {}), "authorization": f"Bearer {self.token}"}
        return super().request(uri, method, body=body, headers=carried, **rest)


def client(base: str, emulator: Emulator, email: str = SCHEDULING) -> Any:
    build: Any = discovery.build
    return build(
        "calendar",
        "v3",
        http=Carrying(emulator.issue_access_token(email, ["calendar"])),
        client_options={"api_endpoint": f"{base}/calendar/v3/"},
        cache_discovery=False,
    )
