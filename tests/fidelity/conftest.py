"""The fidelity suite: clients that others wrote for Google, unchanged, against the emulator, over HTTP.

Each check is named by the sentence of Google's that it holds the emulator to (`@fidelity`, quotes.py), and every
2xx body is validated against the schemas of the discovery documents on its way out. `python -m tests.fidelity`
runs the suite and counts the checks of each client; with `--list` it shows every sentence.

How each client comes to the emulator:

- **google-api-python-client** by `client_options={"api_endpoint": …}`.
- **@googleapis/calendar** and **@googleapis/meet** with **google-auth-library** by their options `rootUrl` and
  `endpoints`; node/bridge.mjs makes the calls that a check asks for and reports what the client saw.
- **gcal-sync** by the `host` of its AbstractAuth.
- **google-auth** by the `token_uri` of its credentials, **Authlib** by the discovery document of the issuer.
- **gcsa** and **gcalcli** have no such option: they stand on google-api-python-client, which reads Google's
  address in the discovery document it ships. Here it finds a document in which one value differs, `rootUrl`
  (the fixture `documents`; for gcalcli, a process of its own, machine/sitecustomize.py). Its batches, which know
  no `api_endpoint`, come the same way.
- What knows Google's address by heart (the service accounts of google-auth-library) runs on a machine with a
  proxy and one more certificate authority. Behind that proxy (door.py) the emulator plays Google's hosts; a
  request for any other host is refused and fails the check.

The emulator's clock stands still on Monday 23 November 2026, 08:00 UTC, except where a client compares with its
own clock (`now`).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from google.oauth2 import credentials
from googleapiclient import discovery_cache

from scheduler.emulator.lines import Handler, Server
from scheduler.emulator.server import Emulator, create_emulator
from scheduler.emulator.transport import zipped
from tests.emulator.conftest import Clock, settings
from tests.emulator.schemas import checked, document
from tests.fidelity.clients import NODE, PYTHON, Node, NodeProcess, Official, Python, SignedIn
from tests.fidelity.door import Door


@dataclass
class Served:
    """A port that stays for the whole run, and the emulator of the moment behind it."""

    server: Server
    unlike: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.server.server_port

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    server = Server("127.0.0.1", 0, Flask(__name__), handler=Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    yield Served(server)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def now() -> Callable[[], datetime]:
    """The emulator's clock; a module whose client has a clock of its own puts the real one here."""
    return Clock()


@pytest.fixture
def google(served: Served, now: Callable[[], datetime]) -> Iterator[Emulator]:
    """An emulator of the test's own. Nothing it answers may be unlike Google."""
    served.unlike.clear()
    app = checked(create_emulator(settings(base_url=served.url), now), served.unlike.append)
    emulator: Emulator = app.extensions["emulator"]
    emulator.set_conference(latency=0)
    served.server.app = zipped(app)
    yield emulator
    emulator.close()
    assert served.unlike == []


@pytest.fixture
def url(served: Served, google: Emulator) -> str:
    return served.url


# -- the official clients


def bearer(token: str, **more: Any) -> Any:
    """Return google-auth's credentials of a user; the library has no types."""
    made: Any = credentials.Credentials
    return made(token, **more)


@pytest.fixture(scope="session")
def node_process(_door: Door) -> Iterator[NodeProcess]:
    """Node on a machine with a proxy, which is not asked for addresses of the machine itself."""
    process = NodeProcess(
        {
            "HTTPS_PROXY": _door.url,
            "NO_PROXY": "localhost",
            "NODE_EXTRA_CA_CERTS": str(_door.authority),
        }
    )
    yield process
    process.close()


@pytest.fixture
def python(google: Emulator, url: str) -> SignedIn:
    """google-api-python-client, signed in as somebody."""

    def signed_in(email: str, *scopes: str, api: str = "calendar") -> Official:
        token = google.issue_access_token(email, scopes or ("calendar",))
        return Python(url, bearer(token), api)

    return signed_in


@pytest.fixture
def node(google: Emulator, url: str, node_process: NodeProcess) -> SignedIn:
    """Google's clients for Node, signed in as somebody."""

    def signed_in(email: str, *scopes: str, api: str = "calendar") -> Official:
        token = google.issue_access_token(email, scopes or ("calendar",))
        return Node(node_process, url, {"credentials": {"access_token": token}}, api)

    return signed_in


@pytest.fixture(params=[PYTHON, NODE])
def official(request: pytest.FixtureRequest) -> SignedIn:
    """Both official clients, one after the other."""
    found: SignedIn = request.getfixturevalue({PYTHON: "python", NODE: "node"}[request.param])
    return found


# -- for clients that know Google's address only


@pytest.fixture(scope="session")
def documents(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The discovery document of the Calendar interface, with the emulator for a root."""
    folder = tmp_path_factory.mktemp("documents")
    here = {**document("calendar"), "rootUrl": f"{served.url}/"}
    (folder / "calendar.v3.json").write_text(json.dumps(here))
    return folder


@pytest.fixture
def google_is_here(google: Emulator, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let google-api-python-client find the emulator where its document had Google."""
    monkeypatch.setattr(discovery_cache, "DISCOVERY_DOC_DIR", str(documents))


@pytest.fixture(scope="session")
def _door(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    door = Door(served.port, tmp_path_factory.mktemp("door"))
    yield door
    door.close()


@pytest.fixture
def door(_door: Door, google: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """The proxy behind which Google's hosts are the emulator; nobody may ask for another."""
    # TLS ends at the door; the issuer behind it would ask for it again, of every host but localhost.
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    _door.strangers.clear()
    yield _door
    assert _door.strangers == []


def attendee(event: dict[str, Any], email: str) -> dict[str, Any]:
    """Return somebody's entry in a guest list; StopIteration when there is none."""
    found: dict[str, Any] = next(each for each in event["attendees"] if each["email"] == email)
    return found
