"""Key rotation: a new key in front, everything sealed anew, the old key taken out."""

from __future__ import annotations

import pytest

from scheduler.commands import resealing
from scheduler.config import DataKey
from scheduler.keys import CannotOpen, KeyRing
from scheduler.models.base import db
from scheduler.models.candidates import Invite
from scheduler.queries.invites import page_url
from tests import factories
from tests.cast import at
from tests.world import Greenroom

OLD, NEW = DataKey("test", b"\x2a" * 32), DataKey("newer", b"\x17" * 32)


def link(keys: KeyRing) -> str:
    invite = db.session.scalars(db.select(Invite)).one()
    return page_url(invite, keys=keys, public_url="http://localhost:8000")


def test_everything_opens_with_the_new_key_alone(greenroom: Greenroom) -> None:
    greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    before = link(greenroom.keys)

    # The consent, the invite's token, and the mail.
    assert resealing.reseal(keys=KeyRing([NEW, OLD]), now=greenroom.clock()) == 3
    assert link(KeyRing([NEW])) == before
    assert resealing.reseal(keys=KeyRing([NEW, OLD]), now=greenroom.clock()) == 0


def test_a_key_that_is_gone_too_early_changes_nothing(greenroom: Greenroom) -> None:
    greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

    with pytest.raises(CannotOpen):
        resealing.reseal(keys=KeyRing([NEW]), now=greenroom.clock())
    db.session.rollback()
    assert link(greenroom.keys)
