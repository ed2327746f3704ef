"""Which sentence of Google's documents a check stands for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.schemas import document

APIS = ("calendar", "meet")
ELSEWHERE = ("Guide: ", "RFC ", "OpenID ")
"""How the names of sources begin that ship with no client."""


class NotInTheDocument(LookupError):
    """A check quotes what its source does not say."""


def fidelity(source: str, sentence: str) -> pytest.MarkDecorator:
    """Name a check by the sentence it holds the emulator to, and by where that sentence stands.

    `source` is a place in the discovery documents: a method ("calendar.events.insert"), one of its
    parameters ("calendar.events.list.syncToken") or a field ("Event.attendees"); the sentence must be in
    its description. "Guide: errors" and its like name Google's pages for developers, others a standard:
    those are quoted or told in a few words, and nobody looks them up.
    """
    if not source.startswith(ELSEWHERE) and _plain(sentence) not in _plain(said(source)):
        raise NotInTheDocument(f"{source} does not say: {sentence}")
    return pytest.mark.fidelity(source, sentence)


def said(source: str) -> str:
    """Return what the discovery documents say at a place; NotInTheDocument when it is none of theirs."""
    first, *rest = source.split(".")
    found = _method(source) if first in APIS else _field(first, rest)
    if found is None:
        raise NotInTheDocument(f"there is no {source}")
    return " ".join(
        [str(found.get("description", "")), *map(str, found.get("enumDescriptions", ()))]
    )


def _method(source: str) -> dict[str, Any] | None:
    for part in _resources(document(source.partition(".")[0])):
        for method in part.get("methods", {}).values():
            if method["id"] == source:
                return dict(method)
            for name, parameter in method.get("parameters", {}).items():
                if f"{method['id']}.{name}" == source:
                    return dict(parameter)
    return None


def _resources(part: dict[str, Any]) -> list[dict[str, Any]]:
    below = part.get("resources", {}).values()
    return [part, *(each for resource in below for each in _resources(resource))]


def _field(schema: str, path: list[str]) -> dict[str, Any] | None:
    for api in APIS:
        found: dict[str, Any] | None = document(api)["schemas"].get(schema)
        for name in path:
            found = (found or {}).get("items", found)
            found = (found or {}).get("properties", {}).get(name)
        if found is not None:
            return found
    return None


def _plain(text: str) -> str:
    return " ".join(text.split())
