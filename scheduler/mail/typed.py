"""Texts that people typed, made fit to stand in a mail: names can be anything."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

MOST_ADDITIONS = 8  # accents on one letter, parts of one emoji; pranks stack more
FIRST_NAME_LETTERS = 40

# They can turn the rest of a line around; `isolated` does what they were meant for.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
JOINER = "\u200d"
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def one_line(text: str, *, letters: int) -> str:
    """Return `text` on one line of at most so many letters, an ellipsis at the end if it was cut."""
    clusters = list(_letters(" ".join(_printable(text).split())))
    if len(clusters) <= letters:
        return "".join(clusters)
    return "".join(clusters[: letters - 1]).rstrip() + "…"


def paragraphs(text: str, *, letters: int) -> tuple[str, ...]:
    """Return the lines of `text`, without blank ones at its ends, cut after so many letters."""
    lines: list[str] = []
    for line in text.splitlines():
        shown = one_line(line, letters=max(letters, 2))
        letters -= len(shown) + 1
        if shown or lines:
            lines.append(shown)
        if letters <= 0:
            break
    while lines and not lines[-1]:
        lines.pop()
    return tuple(lines)


def first_name(name: str) -> str:
    """Return what to greet somebody by: the first word of their name, or nothing."""
    words = _printable(name).split()
    return one_line(words[0], letters=FIRST_NAME_LETTERS) if words else ""


def isolated(text: str) -> str:
    """Return `text` so that a name written right to left leaves the words around it in order."""
    if not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text):
        return text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"


def _printable(text: str) -> str:
    # Cc: control characters, line breaks among them; Cs: halves of a surrogate pair.
    kept = (
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text)
        if letter not in BIDI_CONTROLS
        and (letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cs"))
    )
    return "".join(kept)


def _letters(text: str) -> Iterator[str]:
    """What a reader would call a letter: a base with its accents, an emoji with its parts."""
    cluster, added = "", 0
    for letter in text:
        is_addition = letter == JOINER or unicodedata.category(letter) in ("Mn", "Me", "Mc")
        if (is_addition or cluster.endswith(JOINER)) and added < MOST_ADDITIONS:
            cluster, added = cluster + letter, added + 1
        elif not is_addition:
            if cluster:
                yield cluster
            cluster, added = letter, 0
    if cluster:
        yield cluster
