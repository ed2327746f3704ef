"""The least that a slot can cost, decided by OR-Tools CP-SAT: the judge of optimality.

One model for each choice of loop days: a start for every interview, a tour through the items of
each day, a literal for every way to fill a seat. What somebody can do when, and at what cost, is
asked of `sweep.Sweep` tick by tick and not of the search, so that no error can hide in both.

Where people may sit twice, a literal is for one date of whoever sits, and limits are sums of those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from time import process_time
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.question import Person, SlotSearch, Weights
from tests.domain.slots.judges.sweep import TICK, Interval, Sweep, monday_of

NEVER = -1
"""A tick before all others: where nothing can be held."""
Days = tuple[tuple[date, Interval], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What CP-SAT found: `cost` None says that there is no slot. Undecided ones judge nothing.

    `building` and `solving` are CPU seconds.
    """

    cost: int | None
    is_decided: bool
    building: float = field(compare=False)
    solving: float = field(compare=False)


def optimum(
    search: SlotSearch,
    weights: Weights | None = None,
    *,
    seconds: float = 20.0,
    workers: int = 1,
    sweep: Sweep | None = None,
    all_days_at_once: bool = False,
) -> Decision:
    """Return the least cost of all slots; every model gets at most `seconds`.

    A `sweep` that was asked before has its answers ready, so that building is only that. With
    `all_days_at_once` the choice of a day is the model's too: slower, but nothing is taken apart by
    hand. For plans of one day.
    """
    sweep = sweep or Sweep(search, weights)
    if all_days_at_once and search.plan.most_days > 1:
        raise ValueError("all days at once is for plans of one day")
    best: int | None = None
    building = solving = 0.0
    choices = [tuple(sweep.stretches())] if all_days_at_once else _choices_of_days(sweep)
    for days in choices:
        began = process_time()
        model = _Model(sweep, days, is_a_choice=all_days_at_once)
        built = process_time()
        building += built - began
        if best is not None and model.least >= best:
            continue
        status, cost = model.solve(below=best, seconds=seconds, workers=workers)
        solving += process_time() - built
        if status == cp_model.OPTIMAL:
            best = cost
        elif status != cp_model.INFEASIBLE:
            return Decision(best, False, building, solving)
    return Decision(best, True, building, solving)


def _choices_of_days(sweep: Sweep) -> Iterator[Days]:
    stretches = sweep.stretches()
    for number in range(1, min(sweep.plan.most_days, len(sweep.lengths)) + 1):
        for days in combinations(stretches, number):
            if len({on for on, _ in days}) == number:
                yield days


class Sitting(NamedTuple):
    """Whether somebody sits in an interview, on a date of theirs where that counts."""

    literal: cp_model.IntVar
    k: int
    on: date | None


class _Model:
    """The slots that are held on exactly these days, or on one of them if that `is_a_choice`."""

    def __init__(self, sweep: Sweep, days: Days, *, is_a_choice: bool) -> None:
        self.sweep, self.days = sweep, days
        self.model = cp_model.CpModel()
        self.used = [
            self.model.new_bool_var(f"day {day} is used")
            if is_a_choice
            else self.model.new_constant(1)
            for day in range(len(days))
        ]
        self.positions = range(len(sweep.lengths))
        self.zero = min(start for _, (start, _) in days) // TICK
        self.end_of_time = max(end for _, (_, end) in days) // TICK + 1 - self.zero
        self.least = 0 if is_a_choice else self._day_costs(days)
        self.cost: list[cp_model.LinearExprT] = [self.least]
        if is_a_choice:
            self.model.add_exactly_one(self.used)
            self.cost += [
                self._day_costs((day,)) * used for day, used in zip(days, self.used, strict=True)
            ]
        self.lengths = [length // TICK for length in sweep.lengths]
        self.possible = {position: self._possible(position) for position in self.positions}
        self.start = {
            position: self.model.new_int_var_from_domain(
                cp_model.Domain.from_values(self.possible[position] or [NEVER]), f"start {position}"
            )
            for position in self.positions
        }
        self.on_grid = {position: self._on_grid(position) for position in self.positions}
        self.in_day = [
            [self.model.new_bool_var(f"{position} on day {day}") for position in self.positions]
            for day in range(len(days))
        ]
        for position in self.positions:
            self.model.add_exactly_one(held[position] for held in self.in_day)
        for earlier, later in sweep.before:
            self.model.add(self.start[earlier] + self.lengths[earlier] <= self.start[later])
        for day in range(len(days)):
            self._lay_out(day)
        self._fill_seats()
        self._find_rooms()
        self._see_to_comfort()

    def solve(
        self, *, below: int | None, seconds: float, workers: int
    ) -> tuple[cp_model.CpSolverStatus, int]:
        total = cp_model.LinearExpr.sum(self.cost)
        if below is not None:
            self.model.add(total < below)
        self.model.minimize(total)
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = 1
        status = solver.solve(self.model)
        return status, round(solver.objective_value) if status == cp_model.OPTIMAL else 0

    def _day_costs(self, days: Days) -> int:
        weights, sweep = self.sweep.weights, self.sweep
        first = sweep.search.window.start.astimezone(sweep.search.candidate_zone).date()
        last = days[-1][0]
        return weights.day * (len(days) - 1) + weights.late * (last - first).days

    def _possible(self, position: int) -> list[int]:
        """Return the ticks at which somebody is there for every seat, whoever else needs them."""
        return [
            tick
            for _, (start, end) in self.days
            for tick in range(-(-start // TICK) - self.zero, end // TICK - self.zero)
            if (tick + self.zero) * TICK + self.sweep.lengths[position] <= end
            and self.sweep.is_possible(position, (tick + self.zero) * TICK)
        ]

    def _on_grid(self, position: int) -> cp_model.IntVar:
        literal = self.model.new_bool_var(f"{position} on grid")
        grid = self.sweep.grid // TICK
        ticks = [tick for tick in self.possible[position] if (tick + self.zero) % grid == 0]
        self._only_at(self.start[position], ticks, literal)
        return literal

    def _only_at(self, start: cp_model.IntVar, ticks: list[int], literal: cp_model.IntVar) -> None:
        if not ticks:
            self.model.add(literal == 0)
            return
        self.model.add_linear_expression_in_domain(
            start, cp_model.Domain.from_values(ticks)
        ).only_enforce_if(literal)

    # -- one loop day -------------------------------------------------------------------------------

    def _lay_out(self, day: int) -> None:
        model, sweep, plan, used = self.model, self.sweep, self.sweep.plan, self.used[day]
        on, (low, high) = self.days[day]
        opens, closes = sweep.lunch_window(on)
        has_window = plan.lunch is not None and opens < closes
        lunch = len(self.positions) + 1
        starts: dict[int, cp_model.IntVar] = {
            position + 1: self.start[position] for position in self.positions
        }
        lengths = {position + 1: self.lengths[position] for position in self.positions}
        grid_literals = {position + 1: self.on_grid[position] for position in self.positions}
        there: dict[int, cp_model.IntVar] = {
            position + 1: self.in_day[day][position] for position in self.positions
        }
        for position in self.positions:
            inside = [
                tick
                for tick in self.possible[position]
                if low <= (tick + self.zero) * TICK
                and (tick + self.zero) * TICK + sweep.lengths[position] <= high
            ]
            self._only_at(self.start[position], inside, there[position + 1])
        if has_window:
            ticks = [
                tick
                for tick in range(self.end_of_time)
                if opens <= (tick + self.zero) * TICK
                and (tick + self.zero) * TICK + sweep.lunch_length <= closes
            ]
            there[lunch] = model.new_bool_var(f"lunch on day {day}")
            starts[lunch] = model.new_int_var(0, self.end_of_time, f"lunch starts on day {day}")
            lengths[lunch] = sweep.lunch_length // TICK
            self._only_at(starts[lunch], ticks, there[lunch])
            grid_literals[lunch] = model.new_bool_var(f"lunch on grid on day {day}")
            grid = sweep.grid // TICK
            self._only_at(
                starts[lunch],
                [tick for tick in ticks if (tick + self.zero) % grid == 0],
                grid_literals[lunch],
            )
        first = model.new_int_var(0, self.end_of_time, f"day {day} starts")
        last = model.new_int_var(0, self.end_of_time, f"day {day} ends")
        run = {
            node: model.new_int_var(0, self.end_of_time, f"run of {node} on day {day}")
            for node in starts
        }
        arcs: list[tuple[int, int, cp_model.LiteralT]] = [(0, 0, ~used)]
        for node in starts:
            arcs.append((node, node, ~there[node]))
            if node == lunch:
                continue
            begins = model.new_bool_var(f"day {day} begins with {node}")
            ends = model.new_bool_var(f"day {day} ends with {node}")
            arcs += [(0, node, begins), (node, 0, ends)]
            model.add_implication(begins, grid_literals[node])
            model.add(first == starts[node]).only_enforce_if(begins)
            model.add(run[node] == starts[node]).only_enforce_if(begins)
            model.add(last == starts[node] + lengths[node]).only_enforce_if(ends)
        for before in starts:
            for after in starts:
                if before == after:
                    continue
                arc = model.new_bool_var(f"{before} then {after} on day {day}")
                arcs.append((before, after, arc))
                gap = starts[after] - starts[before] - lengths[before]
                tight = model.new_bool_var(f"{before} right before {after} on day {day}")
                model.add(gap >= sweep.shortest // TICK).only_enforce_if(arc)
                model.add(gap <= sweep.longest // TICK).only_enforce_if(arc)
                model.add(gap == sweep.shortest // TICK).only_enforce_if(tight)
                model.add_bool_or(tight, grid_literals[after]).only_enforce_if(arc)
                if sweep.rest is None:
                    continue
                if lunch in (before, after):
                    if before == lunch:
                        model.add(run[after] == starts[after]).only_enforce_if(arc)
                    continue
                goes_on, rest = sweep.rest[0] // TICK, sweep.rest[1] // TICK
                rests = model.new_bool_var(f"rest between {before} and {after} on day {day}")
                model.add(gap >= rest).only_enforce_if(arc, rests)
                model.add(gap <= rest - 1).only_enforce_if(arc, ~rests)
                model.add(run[after] == starts[after]).only_enforce_if(arc, rests)
                model.add(run[after] == run[before]).only_enforce_if(arc, ~rests)
                model.add(starts[after] + lengths[after] - run[after] <= goes_on).only_enforce_if(
                    arc, ~rests
                )
        model.add_circuit(arcs)
        model.add_bool_or(self.in_day[day]).only_enforce_if(used)
        if sweep.longest_day is not None:
            model.add(last - first <= sweep.longest_day // TICK).only_enforce_if(used)
        if has_window:
            late = model.new_bool_var(f"day {day} starts after noon begins")
            early = model.new_bool_var(f"day {day} ends before noon is over")
            model.add((first + self.zero) * TICK > opens).only_enforce_if(late)
            model.add((last + self.zero) * TICK < closes).only_enforce_if(early)
            model.add_bool_or(late, early, there[lunch], ~used)
        items = cp_model.LinearExpr.sum(list(there.values()))
        taken = cp_model.LinearExpr.weighted_sum(
            list(there.values()), [lengths[node] for node in there]
        )
        idle = model.new_int_var(0, self.end_of_time, f"idle on day {day}")
        waited = last - first - taken - (items - 1) * (sweep.shortest // TICK)
        model.add(idle == waited).only_enforce_if(used)
        self.cost.append(sweep.weights.gap * idle)

    # -- who, where, and how comfortably ------------------------------------------------------------

    def _fill_seats(self) -> None:
        sittings: dict[InterviewerId, list[Sitting]] = defaultdict(list)
        for position in self.positions:
            for seat in range(len(self.sweep.plan.interviews[position].seats)):
                ticks: dict[tuple[InterviewerId | None, date | None, int], list[int]]
                ticks = defaultdict(list)
                for tick in self.possible[position]:
                    for choice in self.sweep.choices(position, seat, (tick + self.zero) * TICK):
                        on = self._date_that_counts(choice.person, tick)
                        ticks[choice.person, on, choice.costs.total].append(tick)
                literals = []
                for (person, on, cost), when in ticks.items():
                    literal = self.model.new_bool_var(
                        f"{person} in {position}/{seat} on {on} for {cost}"
                    )
                    self._only_at(self.start[position], when, literal)
                    literals.append(literal)
                    self.cost.append(cost * literal)
                    if person is not None:
                        sittings[person].append(Sitting(literal, position, on))
                self.model.add_exactly_one(literals)
        for person, theirs in sittings.items():
            if self.sweep.plan.people_repeat:
                self._keep_limits(self.sweep.search.people[person], theirs)
            else:
                self.model.add_at_most_one(each.literal for each in theirs)

    def _date_that_counts(self, person: InterviewerId | None, tick: int) -> date | None:
        if person is None or not self.sweep.plan.people_repeat:
            return None
        zone = self.sweep.search.people[person].interviewer.zone
        return datetime.fromtimestamp((tick + self.zero) * TICK, zone).date()

    def _keep_limits(self, person: Person, sittings: Sequence[Sitting]) -> None:
        """Let somebody sit once in each interview, and as often and as long as they have left."""
        for position in self.positions:
            self.model.add_at_most_one(each.literal for each in sittings if each.k == position)
        limit, dates = person.interviewer.limit, {each.on for each in sittings if each.on}
        weeks = {monday_of(on) for on in dates}
        for first, days, most, longest in (
            *((on, 1, limit.per_day, limit.time_per_day) for on in dates),
            *((on, 7, limit.per_week, limit.time_per_week) for on in weeks),
        ):
            counted = [first + timedelta(days=day) for day in range(days)]
            there = [each for each in sittings if each.on in counted]
            load = sum(person.load.get(on, 0) for on in counted)
            self.model.add(sum(each.literal for each in there) + load <= most)
            if longest is not None:
                held = sum((person.load_time.get(on, timedelta()) for on in counted), timedelta())
                taken = sum(self.sweep.lengths[each.k] * each.literal for each in there)
                self.model.add(taken + int(held.total_seconds()) <= int(longest.total_seconds()))

    def _find_rooms(self) -> None:
        needed = [
            position
            for position in self.positions
            if self.sweep.plan.interviews[position].rooms is not None
        ]
        if not needed:
            return
        sites = sorted({room.site for room in self.sweep.search.rooms.values()})
        literals = [self.model.new_bool_var(f"at {site}") for site in sites]
        self.model.add_exactly_one(literals)
        for site, literal in zip(sites, literals, strict=True):
            for position in needed:
                ticks = [
                    tick
                    for tick in self.possible[position]
                    if site in self.sweep.rooms(position, (tick + self.zero) * TICK)
                ]
                self._only_at(self.start[position], ticks, literal)

    def _see_to_comfort(self) -> None:
        for position in self.positions:
            comfortable = [
                tick
                for tick in self.possible[position]
                if self.sweep.is_comfortable(position, (tick + self.zero) * TICK)
            ]
            literal = self.model.new_bool_var(f"{position} when the candidate likes it")
            self._only_at(self.start[position], comfortable, literal)
            self.cost.append(self.sweep.weights.candidate_comfort * (1 - literal))
