"""Who interviews makes no difference to a candidate, to the byte.

The same story is told again with other people (other names, one more seat, and taken on in another
order) who are free at the same times. What reaches the candidates is the same.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from tests.firewall.canaries import OTHER_STEMS, planted
from tests.firewall.conftest import Tell
from tests.firewall.search import Captured
from tests.firewall.story import Told


def test_other_interviewers_leave_the_candidates_bytes_as_they_are(
    story: Told, tell_anew: Tell
) -> None:
    again = tell_anew(planted(OTHER_STEMS), seats=3, is_reversed=True)

    assert [each.where for each in again.to_candidates] == [
        each.where for each in story.to_candidates
    ]
    for one, other in zip(story.to_candidates, again.to_candidates, strict=True):
        first, second = masked(one), masked(other)
        assert first == second, "\n".join([one.where, *difference(first, second)])


def difference(first: str, second: str) -> Iterator[str]:
    """Yield what differs, field by field where a line holds many."""
    before, after = (re.split(r"\n|(?<=,) ", text) for text in (first, second))
    yield from difflib.unified_diff(before, after, lineterm="", n=1)


def test_the_mask_leaves_what_matters() -> None:
    page = Captured(
        "page", b"<p>Vrelquaanine Zippy, 11:15, Mon 23 Nov <a href=/i/%s>" % (b"x" * 43)
    )

    assert masked(page) == "<p>Vrelquaanine Zippy, 11:15, Mon 23 Nov <a href=/i/…>"


# Random in every run: tokens and nonces, ids and etags, rooms, MIME boundaries.
RANDOM = (
    r"(?m)(?:^[\w+/]{76}\r?\n)+[\w+/=]*",  # a part in base64: its content is compared decoded
    r"[a-z]{3}-[a-z]{4}-[a-z]{3}\b",
    r"(?<=nonce-)[\w-]+|(?<=nonce=\")[\w-]+",
    r"[\w+/]{27}=",
    r"\b\d{9}\b",
    r"(?<=/mail/)\d+|(?<=id=)\d+",
    r"={8,}\d+={2}",
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    r"[\w+=.-]{24,}",
)


def masked(piece: Captured) -> str:
    """Return what was captured as text, with everything random left out."""
    text = re.sub(r"\r?\n[ \t]|=\r?\n", "", piece.content.decode("utf-8", "replace"))
    for pattern in RANDOM:
        text = re.sub(pattern, "…", text)
    return text
