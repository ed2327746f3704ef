"""One search made ready: its ticks, its line of time, its seats, and when each interview can start.

All rooms of a loop are at one site. A search over rooms at several sites is a board for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property

from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TICK, RoomId
from scheduler.domain.slots.assignment import MaySit, OnlyOnce, SittingRule
from scheduler.domain.slots.calendars import Calendars, Levels
from scheduler.domain.slots.days import DaySolver
from scheduler.domain.slots.ground import Ground
from scheduler.domain.slots.loops import END, LoopTable, LunchMasks, PlanTicks, day_sets
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.matching import cheapest_matching, prices_of
from scheduler.domain.slots.question import Person, SlotSearch, Weights
from scheduler.domain.slots.repeats import Repeats
from scheduler.domain.slots.seating import Seating

FREE_OF_CHARGE = Weights(
    day=0,
    late=0,
    gap=0,
    load=0,
    fairness=0,
    preference=0,
    comfort=0,
    block=0,
    soft=0,
    candidate_comfort=0,
    empty_seat=0,
)
"""Where every loop costs nothing, the first that is found is the cheapest."""


class Board:
    """A search at one site, or one that needs no room (`site` None)."""

    def __init__(
        self, search: SlotSearch, calendars: Calendars, weights: Weights, site: str | None
    ) -> None:
        self.search = search
        self.weights = weights
        self.site = site
        self.ticks = PlanTicks.of(search.plan)
        self.ground = Ground(search, calendars.horizon)
        self.seating = Seating(search, calendars, self.ground, self.ticks, weights)
        """Who can sit, and what that costs."""
        self.count = len(search.plan.interviews)
        self.everything = (1 << self.count) - 1
        self._calendars = calendars
        self._grid = self.ground.grid(self.ticks.grid)
        self.lunch = LunchMasks.of(search.plan, self.ticks, self.ground)
        self.sets = day_sets(self.ticks, search.plan.most_days)
        """For each set of interviews whether a day can hold it, or a part of it."""

    @cached_property
    def rooms(self) -> list[int]:
        """Return when each interview finds a room, if it needs one."""
        return [self._rooms_of(k) for k in range(self.count)]

    @cached_property
    def plain_starts(self) -> list[int]:
        """Return when each interview can start, were everybody allowed to sit in two seats of it."""
        return [self.rooms[k] & self.seating.interview_starts(k) for k in range(self.count)]

    @cached_property
    def starts(self) -> list[int]:
        """Return when each interview can start, looked at on its own."""
        return [self.rooms[k] & self.seating.panel_starts(k) for k in range(self.count)]

    @cached_property
    def tolls(self) -> dict[InterviewerId, int]:
        """Return what to charge people whom several seats want, so that they count the cost of it.

        Each loop uses them once, so that its true cost is never below what it costs with tolls,
        less all tolls. The prices of a cheapest matching make that bound high: were every seat
        filled at its best time, it would be exact.
        """
        if self.search.plan.people_repeat:
            return {}
        rows = [self.seating.best_options(chair) for chair in self.seating.chairs]
        matching = cheapest_matching(rows)
        return prices_of(rows, matching) if matching else {}

    @cached_property
    def all_tolls(self) -> int:
        return sum(self.tolls.values())

    @cached_property
    def levels(self) -> list[Levels]:
        """Return the starts of each interview by what it costs at least, tolls included."""
        return [
            self.seating.interview_levels(k, self.starts[k], self.tolls) for k in range(self.count)
        ]

    def table(
        self,
        starts: Sequence[int] | None = None,
        *,
        least_idle: int = 0,
        most_idle: int = END,
        firsts: int | None = None,
    ) -> LoopTable:
        """Return the loop days of this board; `starts` where interviews can start, if not as usual.

        Only the first of several days can be held to `firsts`, so then nothing is.
        """
        if firsts is None or self.search.plan.most_days > 1:
            firsts = self._grid
        return LoopTable(
            self.ticks,
            self.ground,
            self.starts if starts is None else starts,
            lunch=self.lunch,
            sets=self.sets,
            least_idle=least_idle,
            most_idle=most_idle,
            firsts=firsts & self._grid,
        )

    def calendar_dates(self, person: Person) -> list[date]:
        """Return the dates of the horizon where this person is."""
        return [day.on for day in self._calendars.days(person.interviewer.zone)]

    def solver(self, table: LoopTable) -> DaySolver:
        return DaySolver(table, self.seating, self.rule)

    @cached_property
    def rule(self) -> SittingRule:
        return self.repeats if self.search.plan.people_repeat else OnlyOnce()

    @property
    def may_sit(self) -> MaySit:
        return self.rule.may_sit

    @cached_property
    def repeats(self) -> Repeats:
        lengths = [length * TICK for length in self.ticks.lengths]
        return Repeats(self.search, lengths, self.ground.moment)

    def parts(self, items: int) -> Iterator[int]:
        """Yield every part of some interviews, not all of them, that the order lets go before the rest."""
        part = (items - 1) & items
        while part:
            rest = items ^ part
            if self.sets[part] and not any(self.ticks.followers[k] & part for k in indexes(rest)):
                yield part
            part = (part - 1) & items

    def room_at(self, k: int, position: int) -> RoomId | None:
        """Return the room of interview `k` at a position."""
        for room_id in sorted(self.search.plan.interviews[k].rooms or ()):
            if self._room(room_id, k) >> self.ground.tick(position) & 1:
                return room_id
        return None

    def _rooms_of(self, k: int) -> int:
        rooms = self.search.plan.interviews[k].rooms
        if rooms is None:
            return self.ground.everything
        found = 0
        for room_id in rooms:
            found |= self._room(room_id, k)
        return self.ground.squeezed(found)

    def _room(self, room_id: RoomId, k: int) -> int:
        """Return the ticks of the horizon at which interview `k` can start in this room."""
        room = self.search.rooms.get(room_id)
        if room is None or room.site != self.site:
            return 0
        return self._calendars.room_starts(room, self.ticks.lengths[k])


def sites(search: SlotSearch) -> list[str | None]:
    """Return the sites that have a room for every interview that needs one, by name."""
    needed = [
        interview.rooms for interview in search.plan.interviews if interview.rooms is not None
    ]
    if not needed:
        return [None]
    here = ({search.rooms[id_].site for id_ in rooms if id_ in search.rooms} for rooms in needed)
    return [*sorted(set.intersection(*here))]


def boards(search: SlotSearch, calendars: Calendars | None, weights: Weights) -> list[Board]:
    """Return a board for every site, each with masks of its own unless `calendars` has them."""
    if not search.plan.interviews:
        return []
    if calendars is None or not calendars.covers(search.window):
        calendars = Calendars(search.window)
    return [Board(search, calendars, weights, site) for site in sites(search)]
