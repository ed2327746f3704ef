"""The story of the firewall tests, told once and then only looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest
from flask import Flask
from werkzeug.routing import Map

from tests import database
from tests.firewall.canaries import Planted, planted
from tests.firewall.story import Told, tell
from tests.world import PresentInbox

Tell = Callable[..., Told]


@pytest.fixture(scope="session")
def story(tell_anew: Tell) -> Told:
    """The story with the usual cast."""
    return tell_anew(planted())


@pytest.fixture(scope="session")
def tell_anew(
    _application: Flask,
    _cleaner: psycopg.Connection[object],
    _inbox: tuple[PresentInbox, str],
) -> Tell:
    """Tells it on an empty database, and empties the database afterwards."""

    def tell_it(panel: Sequence[Planted], **given: Any) -> Told:
        database.clean(_cleaner)
        try:
            return tell(_application, _inbox, panel, **given)
        finally:
            database.clean(_cleaner)

    return tell_it


@pytest.fixture(scope="session")
def pages(_application: Flask) -> Map:
    return _application.url_map
