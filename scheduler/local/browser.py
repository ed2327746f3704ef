"""Just enough of a browser to sign in as a person would: follows redirects, fills in forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

ANSWER_WITHIN = timedelta(seconds=20)


class NoSuchForm(Exception):
    """The page has no form like that: it has changed, or it says why in words."""


@dataclass
class Form:
    action: str
    values: dict[str, str] = field(default_factory=dict)


class Browser:
    """One browser with its own cookies."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._url = ""
        self._forms: list[Form] = []

    @property
    def url(self) -> str:
        """Where the last redirect led."""
        return self._url

    def open(self, url: str) -> None:
        self._keep(self._session.get(url, timeout=ANSWER_WITHIN.total_seconds()))

    def submit(self, action_ends: str, **wanted: str) -> None:
        """Send the form whose action ends so and which has these values. Raises NoSuchForm."""
        for form in self._forms:
            has_all = wanted.items() <= form.values.items()
            if form.action.split("?")[0].endswith(action_ends) and has_all:
                self._keep(
                    self._session.post(
                        urljoin(self._url, form.action),
                        data=form.values,
                        timeout=ANSWER_WITHIN.total_seconds(),
                    )
                )
                return
        raise NoSuchForm(f"{action_ends} on {self._url.split('?')[0]}")

    def _keep(self, answer: requests.Response) -> None:
        answer.raise_for_status()
        self._url = answer.url
        reader = _FormReader()
        reader.feed(answer.text)
        self._forms = reader.forms


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(said.get("action", "")))
            self._is_open = True
        elif tag == "input" and self._is_open and "name" in said:
            self.forms[-1].values[said["name"]] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_open = False
