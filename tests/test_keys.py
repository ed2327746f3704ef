from __future__ import annotations

import base64

import pytest

from scheduler.config import DataKey
from scheduler.keys import CannotOpen, KeyRing, Place

OLD = DataKey("old", b"\x01" * 32)
NEW = DataKey("new", b"\x02" * 32)
ADAS_LINK = Place("invite", "7", "token_sealed")


def test_what_was_sealed_opens_in_its_place() -> None:
    ring = KeyRing([NEW])

    assert ring.open(ring.seal("Ångström ⚡", ADAS_LINK), ADAS_LINK) == "Ångström ⚡"


def test_the_same_text_is_never_sealed_alike() -> None:
    ring = KeyRing([NEW])

    assert ring.seal("token", ADAS_LINK) != ring.seal("token", ADAS_LINK)


def test_a_sealed_text_shows_nothing_of_what_it_holds() -> None:
    sealed = KeyRing([NEW]).seal("a refresh token", ADAS_LINK)

    _, _, encoded = sealed.partition(".")
    assert b"refresh" not in base64.urlsafe_b64decode(encoded)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("invite", "8", "token_sealed"),
        Place("invite", "7", "note_sealed"),
        Place("google_connection", "7", "token_sealed"),
    ],
    ids=["another row", "another column", "another table"],
)
def test_a_sealed_text_does_not_open_elsewhere(elsewhere: Place) -> None:
    ring = KeyRing([NEW])

    with pytest.raises(CannotOpen):
        ring.open(ring.seal("token", ADAS_LINK), elsewhere)


def test_two_rows_that_swap_their_texts_open_neither() -> None:
    ring = KeyRing([NEW])
    adas, bos = ADAS_LINK, Place("invite", "8", "token_sealed")
    sealed_for_ada, sealed_for_bo = ring.seal("Ada's", adas), ring.seal("Bo's", bos)

    for sealed, place in [(sealed_for_bo, adas), (sealed_for_ada, bos)]:
        with pytest.raises(CannotOpen):
            ring.open(sealed, place)


def test_after_a_rotation_old_texts_open_and_new_ones_use_the_new_key_alone() -> None:
    sealed_before = KeyRing([OLD]).seal("token", ADAS_LINK)
    rotated = KeyRing([NEW, OLD])

    assert rotated.open(sealed_before, ADAS_LINK) == "token"
    assert not rotated.is_current(sealed_before)
    sealed_after = rotated.seal("token", ADAS_LINK)
    assert rotated.is_current(sealed_after)
    assert KeyRing([NEW]).open(sealed_after, ADAS_LINK) == "token"


def test_a_missing_key_is_named() -> None:
    sealed = KeyRing([OLD]).seal("token", ADAS_LINK)

    with pytest.raises(CannotOpen, match="no key 'old' in DATA_KEYS"):
        KeyRing([NEW]).open(sealed, ADAS_LINK)


def test_a_text_relabelled_with_another_key_does_not_open() -> None:
    sealed = KeyRing([OLD]).seal("token", ADAS_LINK)
    same_secret_under_two_names = KeyRing([OLD, DataKey("new", OLD.secret)])

    with pytest.raises(CannotOpen):
        same_secret_under_two_names.open(sealed.replace("old.", "new.", 1), ADAS_LINK)


@pytest.mark.parametrize("position", [0, 12, -1], ids=["nonce", "text", "tag"])
def test_an_altered_text_does_not_open(position: int) -> None:
    ring = KeyRing([NEW])
    key_id, _, encoded = ring.seal("token", ADAS_LINK).partition(".")
    raw = bytearray(base64.urlsafe_b64decode(encoded))
    raw[position] ^= 1

    with pytest.raises(CannotOpen):
        ring.open(f"{key_id}.{base64.urlsafe_b64encode(raw).decode()}", ADAS_LINK)


@pytest.mark.parametrize("nonsense", ["", "new.", "new", "new.AAAA", "new.%%%", "new.Ä", "."])
def test_nonsense_does_not_open(nonsense: str) -> None:
    with pytest.raises(CannotOpen):
        KeyRing([NEW]).open(nonsense, ADAS_LINK)


def test_a_ring_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        KeyRing([])


def test_a_key_does_not_show_its_secret() -> None:
    assert "\\x02" not in repr(NEW)
