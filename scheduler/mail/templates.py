"""The mail templates: MJML made into HTML once, filled in by Jinja for each letter.

Only our own reviewed files are Jinja. What people type is a value in them, never a template.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mrml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from scheduler.domain.disclosure import LetterKind
from scheduler.mail.typed import isolated

FOLDER = "email"
SHELL = "_shell.mjml"
LETTER = "letter.mjml"  # the name by which the shell includes the letter of one kind

INCLUDE = re.compile(r'<mj-include path="([^"]*)"\s*/>')


@dataclass(frozen=True, slots=True)
class LetterTemplates:
    html: Template
    text: Template


def find_templates(package: Path) -> Path:
    """Return the folder `templates`: inside the package in a wheel, beside it in a checkout."""
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


@cache
def letter_templates() -> dict[LetterKind, LetterTemplates]:
    """Return the templates of every kind of mail. Called once at start-up, so that a broken one stops it."""
    folder = find_templates(Path(__file__).resolve().parents[1])
    pages = Environment(autoescape=True, undefined=StrictUndefined)
    pages.tests["web_link"] = is_web_link
    texts = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701  plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    texts.filters["isolated"] = isolated
    return {
        kind: LetterTemplates(
            html=pages.from_string(mjml_to_html(folder / FOLDER, kind)),
            text=texts.get_template(f"{FOLDER}/{kind.value}.txt"),
        )
        for kind in LetterKind
    }


def mjml_to_html(folder: Path, kind: LetterKind) -> str:
    """Return the letter of `kind` as HTML, its Jinja untouched."""
    # No fonts: for one that it knows by name, mrml would have every reader ask Google for it.
    options = mrml.RenderOptions(fonts={})
    return mrml.to_html(_with_includes(folder, SHELL, kind), render_options=options).content


def is_web_link(address: str | None) -> bool:
    """Say whether `address` may be made a link; a recruiter can type anything for one."""
    return address is not None and re.fullmatch(r"https?://[^\s<>\"]+", address) is not None


def _with_includes(folder: Path, name: str, kind: LetterKind) -> str:
    # mrml's own includes lose the column or section they stand in, and with it width and padding.
    path = folder / (f"{kind.value}.mjml" if name == LETTER else name)
    return INCLUDE.sub(
        lambda include: _with_includes(folder, include[1], kind),
        path.read_text(encoding="utf-8"),
    )
