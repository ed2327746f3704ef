"""The free/busy cache: what is kept of people, how long, and what a search costs in statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from scheduler.commands import calendars
from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.question import Person
from scheduler.domain.slots.search import find_slots
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar
from scheduler.models.people import InterviewerRow
from scheduler.queries import slot_searches, snapshots
from scheduler.queries.slot_searches import FRESH_FOR_A_PAGE, StageSearch
from tests import factories
from tests.cast import BO, DANA, DOMAIN, JOSE, at
from tests.world import Greenroom


def test_nothing_is_built_again_while_nothing_has_changed(greenroom: Greenroom) -> None:
    application_id = factories.application()
    people = _everybody()
    first = calendars.refresh(people, access=greenroom.access, now=greenroom.clock())
    assert (first.people, first.unknown, first.new_masks) == (2, 0, 2)
    before = _search(greenroom, application_id)
    masks = _masks(before)

    greenroom.clock.forward(minutes=2)
    again = calendars.refresh(people, access=greenroom.access, now=greenroom.clock())
    assert again.new_masks == 0
    after = _search(greenroom, application_id)
    assert after.calendars is before.calendars
    for interviewer_id, person in after.search.people.items():
        assert person is before.search.people[interviewer_id]
        assert after.calendars.free(person) is masks[interviewer_id]


def test_only_those_are_built_again_whose_calendar_or_seats_have_changed(
    greenroom: Greenroom,
) -> None:
    application_id = factories.application()
    dana, femi = _everybody()
    greenroom.read_calendars(greenroom.stage_of(application_id))
    before = _search(greenroom, application_id)
    masks = _masks(before)
    # Somebody else's plans for Dana: another stage of hers, which Google reports.
    alone = factories.stage(factories.interview_draft(factories.pool([dana])))
    recruiter_id = factories.user(JOSE)
    elsewhere = factories.application(alone, account=BO, recruiter_id=recruiter_id)
    greenroom.settle(greenroom.book(elsewhere, at("Tue 10:00")))

    changed = calendars.refresh([dana, femi], access=greenroom.access, now=greenroom.clock())
    assert changed.new_masks == 1
    after = _search(greenroom, application_id)
    assert after.search.people[dana].version != before.search.people[dana].version
    assert after.search.people[femi] is before.search.people[femi]
    assert after.calendars.free(after.search.people[femi]) is masks[femi]
    assert at("Tue 10:00") not in [slot.span.start for slot in find_slots(after.search)]


def test_a_process_that_has_just_begun_takes_the_masks_from_the_rows(
    greenroom: Greenroom,
) -> None:
    application_id = factories.application()
    greenroom.read_calendars(greenroom.stage_of(application_id))
    right = _masks(_search(greenroom, application_id))
    dana = min(right)
    midnight = greenroom.clock().replace(hour=0)
    noon_on_tuesday = 1 << (at("Tue 12:00") - midnight) // timedelta(minutes=5)
    marked = db.session.get_one(BusyCalendar, dana)
    assert marked.mask is not None
    header, size = marked.mask[:8], len(marked.mask) - 8
    marked.mask = header + (right[dana] & ~noon_on_tuesday).to_bytes(size, "little")
    db.session.commit()

    _begin_anew(greenroom)
    found = _masks(_search(greenroom, application_id))
    assert found[dana] == right[dana] & ~noon_on_tuesday, "the row's own mask is what is used"
    assert {id_: mask for id_, mask in found.items() if id_ != dana} == {
        id_: mask for id_, mask in right.items() if id_ != dana
    }


def test_a_mask_for_another_version_is_of_no_use(
    greenroom: Greenroom,
) -> None:
    application_id = factories.application()
    greenroom.read_calendars(greenroom.stage_of(application_id))
    dana = min(_everybody())
    row = db.session.get_one(InterviewerRow, dana)
    row.buffer_before = timedelta(minutes=30)
    db.session.commit()
    kept = _masks(_search(greenroom, application_id))
    _begin_anew(greenroom)
    assert _masks(_search(greenroom, application_id)) == kept


def test_a_new_day_is_a_new_horizon(greenroom: Greenroom) -> None:
    application_id = factories.application()
    stage_id = greenroom.stage_of(application_id)
    greenroom.read_calendars(stage_id)
    today = _search(greenroom, application_id).calendars
    greenroom.clock.forward(days=1)
    greenroom.read_calendars(stage_id)
    tomorrow = _search(greenroom, application_id)
    assert tomorrow.calendars is not today
    assert tomorrow.calendars.covers(tomorrow.search.window)
    assert find_slots(tomorrow.search, tomorrow.calendars) == find_slots(tomorrow.search)


def test_masks_that_are_kept_change_no_answer(greenroom: Greenroom) -> None:
    application_id = factories.application()
    greenroom.read_calendars(greenroom.stage_of(application_id))
    search = _search(greenroom, application_id)
    assert find_slots(search.search, search.calendars) == find_slots(search.search)


def test_why_a_calendar_is_unknown_and_since_when_is_kept_until_it_is_known(
    greenroom: Greenroom,
) -> None:
    factories.application()
    people = _everybody()
    dana = min(people)
    greenroom.google.set_freebusy_error(DANA.email, "notFound")
    since = greenroom.clock()
    for _ in range(2):
        said = calendars.refresh(people, access=greenroom.access, now=greenroom.clock())
        assert said.unknown == 1
        greenroom.clock.forward(minutes=2)
    row = _row(dana)
    assert (row.busy, row.error, row.unknown_since) == (None, "notFound", since)
    assert row.read_at > since

    greenroom.google.set_freebusy_error(DANA.email, "internalError")
    calendars.refresh(people, access=greenroom.access, now=greenroom.clock())
    assert (_row(dana).error, _row(dana).unknown_since) == ("internalError", since)

    greenroom.google.set_freebusy_error(DANA.email, None)
    calendars.refresh(people, access=greenroom.access, now=greenroom.clock())
    assert (_row(dana).busy, _row(dana).error, _row(dana).unknown_since) == ([], None, None)


def test_somebody_unknown_is_never_free_even_where_their_mask_is_kept(greenroom: Greenroom) -> None:
    application_id = factories.application()
    stage_id = greenroom.stage_of(application_id)
    greenroom.read_calendars(stage_id)
    greenroom.google.set_freebusy_error(DANA.email, "notFound")
    greenroom.read_calendars(stage_id)
    search = _search(greenroom, application_id)
    assert find_slots(search.search, search.calendars) == []


def test_the_statements_of_a_search_do_not_grow_with_people(greenroom: Greenroom) -> None:
    few, many = _pool_of(greenroom, 2), _pool_of(greenroom, 60)
    recruiter = factories.user()
    counts = []
    for stage_id in (few, many):
        application_id = factories.application(stage_id, recruiter_id=recruiter)
        with _statements() as read:
            greenroom.read_calendars(stage_id)
        with _statements() as found:
            search = _search(greenroom, application_id)
        counts.append((len(read), len(found)))
    assert len(search.search.people) == 60
    assert all(person.busy is not None for person in search.search.people.values())
    assert counts[0] == counts[1]
    assert sum("busy_calendar" in text for text in found) <= 2


def _everybody() -> list[InterviewerId]:
    return sorted(
        InterviewerId(id_) for id_ in db.session.scalars(db.select(InterviewerRow.id)).all()
    )


def _search(greenroom: Greenroom, application_id: int) -> StageSearch:
    db.session.rollback()
    return slot_searches.for_stage(
        application_id,
        greenroom.stage_of(application_id),
        now=greenroom.clock(),
        fresh_for=FRESH_FOR_A_PAGE,
    )


def _masks(search: StageSearch) -> dict[InterviewerId, int]:
    def mask(person: Person) -> int:
        return search.calendars.free(person)

    return {id_: mask(person) for id_, person in search.search.people.items()}


def _begin_anew(greenroom: Greenroom) -> None:
    """Let this process keep nothing of this week, as one that has just begun."""
    a_month_later = greenroom.clock() + timedelta(days=30)
    snapshots.shelf_of(TimeSpan(a_month_later, a_month_later + timedelta(days=1)))


def _row(interviewer_id: InterviewerId) -> BusyCalendar:
    db.session.expire_all()
    return db.session.get_one(BusyCalendar, interviewer_id)


def _pool_of(greenroom: Greenroom, count: int) -> int:
    people = []
    for number in range(count):
        account = Account(
            email=f"i{count}-{number}@{DOMAIN}",
            name=f"I {number}",
            kind="interviewer",
            zone="UTC",
            hd=DOMAIN,
        )
        greenroom.google.add_account(account)
        people.append(factories.interviewer(account))
    return factories.stage(factories.interview_draft(factories.pool(people)))


@contextmanager
def _statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
