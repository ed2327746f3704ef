from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from scheduler.domain.disclosure import LetterKind
from scheduler.mail.templates import (
    find_templates,
    is_web_link,
    letter_templates,
    mjml_to_html,
)

CHECKOUT = Path(__file__).resolve().parents[2]


def test_templates_stand_beside_the_package_in_a_checkout() -> None:
    assert find_templates(CHECKOUT / "scheduler") == CHECKOUT / "templates"


def test_templates_stand_inside_the_package_in_a_wheel(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "scheduler"
    (package / "templates").mkdir(parents=True)
    # Somebody else's, which must not be taken for ours.
    (tmp_path / "site-packages" / "templates").mkdir()
    assert find_templates(package) == package / "templates"


def test_every_kind_of_letter_has_both_templates_made_once() -> None:
    assert set(letter_templates()) == set(LetterKind)
    assert letter_templates() is letter_templates()


@pytest.mark.parametrize("kind", LetterKind)
def test_mjml_becomes_html_with_its_jinja_untouched(kind: LetterKind) -> None:
    html = mjml_to_html(CHECKOUT / "templates" / "email", kind)
    assert "<mj-" not in html
    assert "{{ letter.heading }}" in html
    assert html.startswith("<!doctype html>")


@pytest.mark.parametrize("kind", LetterKind)
def test_a_template_that_asks_for_what_it_was_not_given_fails(kind: LetterKind) -> None:
    for template in (letter_templates()[kind].html, letter_templates()[kind].text):
        with pytest.raises(UndefinedError):
            template.render()


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("https://meet.example/abc", True),
        ("http://localhost:8001/meet/abc", True),
        ("javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False),
        ("data:text/html,x", False),
        (' https://meet.example/"onclick="x', False),
        ("https://meet.example/a b", False),
        ("https://", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_made_links(address: str | None, is_one: bool) -> None:
    assert is_web_link(address) is is_one
