"""The mail that asks a candidate to choose: there is no panel yet, but there are people who could be on it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from scheduler.commands import mails
from scheduler.commands.audit import GREENROOM
from scheduler.domain.disclosure import IdentityLeak
from tests import factories
from tests.cast import ADA, DANA, PRIYA
from tests.firewall.canaries import Canary
from tests.firewall.search import Captured, found_fields, mail_parts
from tests.world import Greenroom


def invited(greenroom: Greenroom, application_id: int) -> list[Captured]:
    """Ask the candidate to choose; return the mails they got, if it was not refused."""
    with suppress(IdentityLeak):
        mails.offer_times(
            application_id,
            greenroom.stage_of(application_id),
            sender=greenroom.world.sender,
            by=GREENROOM,
            now=greenroom.clock(),
        )
    greenroom.send_mails()
    return [
        part
        for mail in greenroom.mails_to(ADA)
        for part in mail_parts("mail", mail["raw"].encode())
    ]


def stage_of(*people: int, title: str = "Technical interview", notes: str = "") -> int:
    drafts = factories.interview_draft(factories.pool(people))
    return factories.stage(drafts, public_title=title, public_notes=notes)


@pytest.mark.parametrize("field", ["title", "notes"])
def test_names_nobody_who_could_sit(greenroom: Greenroom, field: str) -> None:
    stage = stage_of(factories.interviewer(DANA), **{field: "A chat with Dana Okonkwo"})

    material = invited(greenroom, factories.application(stage))

    assert found_fields(material, [Canary("name", DANA.name)]) == set()


def test_gives_no_contact_who_could_sit(greenroom: Greenroom) -> None:
    stage = stage_of(factories.interviewer(PRIYA), factories.interviewer(DANA))

    material = invited(greenroom, factories.application(stage))

    assert (
        found_fields(material, [Canary("name", PRIYA.name), Canary("mail", PRIYA.email)]) == set()
    )


def test_would_be_found_there(greenroom: Greenroom) -> None:
    stage = stage_of(factories.interviewer(DANA))

    material = invited(greenroom, factories.application(stage))

    assert found_fields(material, [Canary("name", PRIYA.name)]) == {"name"}
