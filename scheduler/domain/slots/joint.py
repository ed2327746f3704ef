"""What a hiring day costs at least, since all its loops share the same people.

The sum of what the loops cost alone takes no notice of that: everybody may have all their interviews
in the same week at no extra cost. Here time is priced, and then each loop may be looked at alone.

Let a slot pay a price for each of its seats, `price[person, week]` and `price[person, date]`, none
below 0. For any way to hold all loops, with n interviews for a person in a week,

    cost of all  =  sum over loops of what the slot costs alone
                    + sum over persons and weeks of growth(n)

where growth(n) is what n interviews cost each other: load x (0 + 1 + ... + n - 1), for a person with
no load below 0. Add the prices that the loops pay, and take them off again:

    cost of all  =  sum over loops of (cost alone + prices paid)
                    - sum over persons and weeks of (n x price - growth(n))
                    - sum over persons and dates of (n x price)

The first sum is no less than that of the cheapest slot of each loop with prices, which `best` finds.
A person's n is never more than the limits of the week and of the date leave, so that the others are
no more than their maximum over all n that are allowed. What remains is a lower bound, whatever the
prices are (a Lagrangian relaxation); so prices can be kept, and prove their bound to whoever asks.
They only make it high. `better_prices` raises them where the cheapest slots want more of a person
than that maximum has, and lowers them where they want less (a subgradient method).

Invariant: every cost here is that of a slot proven to be cheapest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from scheduler.domain.availability import local_date, week_load
from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.calendars import DAY, WEEK, Calendars
from scheduler.domain.slots.question import Person, SlotSearch, Weights
from scheduler.domain.slots.search import DEFAULT, best
from scheduler.domain.slots.slot import Slot
from scheduler.domain.timespan import hull

Stretch = tuple[InterviewerId, date, timedelta]
"""A date of somebody, or a week of theirs from its Monday."""
Prices = dict[Stretch, int]
ROUNDS = 50
FIRST_STEP, SHORTENING = 0.7, 0.08
NEWEST = 0.5
"""How much the last round counts among what was wanted so far, which evens out ties."""


def joint_lower_bound(
    searches: Sequence[SlotSearch], prices: Prices, *, weights: Weights = DEFAULT
) -> int:
    """Return what slots for all these searches cost at least, each booked after the other.

    Searches that have no slot even alone are left out. No price is below 0.
    """
    return _Market(searches, weights).look(prices)[0]


def better_prices(
    searches: Sequence[SlotSearch], *, weights: Weights = DEFAULT, rounds: int = ROUNDS
) -> Prices:
    """Return the prices with the highest bound of so many that were tried, one after the other."""
    market = _Market(searches, weights)
    bound, best_prices = -1, Prices()
    exact, wanted = dict[Stretch, float](), dict[Stretch, float]()
    for number in range(rounds):
        prices = {key: round(price) for key, price in exact.items() if round(price)}
        found, now = market.look(prices)
        if found > bound:
            bound, best_prices = found, prices
        share = NEWEST if number else 1
        wanted = {
            key: (1 - share) * wanted.get(key, 0) + share * now[key] for key in {*wanted, *now}
        }
        step = FIRST_STEP / (1 + SHORTENING * number)
        for key, many in wanted.items():
            price = exact.get(key, 0)
            exact[key] = max(0, price + step * (many - market.offered(key, price)))
    return best_prices


class _Market:
    """Loops that buy the cheapest slot each, and people who have so many interviews to give."""

    def __init__(self, searches: Sequence[SlotSearch], weights: Weights) -> None:
        self._searches = searches
        self._weights = weights
        self._people = {id_: one for search in searches for id_, one in search.people.items()}
        window = hull(search.window for search in searches)
        self._plain, self._priced = Calendars(window), Calendars(window)

    def look(self, prices: Prices) -> tuple[int, Counter[Stretch]]:
        """Return the bound that these prices give, and how often each stretch is wanted."""
        charged: dict[InterviewerId, dict[tuple[date, timedelta], int]] = {}
        for (id_, first, length), price in prices.items():
            charged.setdefault(id_, {})[first, length] = price
        for id_ in self._people:
            self._priced.charge(id_, charged.get(id_, {}))
        bound = -sum(self._profit(key, price) for key, price in prices.items())
        wanted = Counter[Stretch]()
        for search in self._searches:
            # Of people who sit twice in one loop, the second seat costs no more than the first.
            repeats = search.plan.people_repeat
            calendars = self._plain if repeats else self._priced
            ranking = best(search, top=1, weights=self._weights, calendars=calendars)
            assert ranking.is_proven
            bound += ranking.lower_bound or 0
            for ranked in () if repeats else ranking.slots:
                wanted.update(self._uses(ranked.slot))
        return bound, wanted

    def offered(self, key: Stretch, price: float) -> float:
        """Return about how many interviews a person gives for this price."""
        load = self._weights.load if key[2] == WEEK else 0
        most = self._most(key)
        return min(most, price / load + 0.5) if load else most

    def _profit(self, key: Stretch, price: int) -> int:
        """Return the most that any allowed number of interviews brings, less what they cost each other."""
        load = self._weights.load if key[2] == WEEK else 0
        return sum(max(price - load * before, 0) for before in range(self._most(key)))

    def _most(self, key: Stretch) -> int:
        """Return how many more interviews the limits leave."""
        person, limit = self._people[key[0]], self._people[key[0]].interviewer.limit
        if key[2] == WEEK:
            return max(limit.per_week - week_load(person, key[1]), 0)
        return max(limit.per_day - person.load.get(key[1], 0), 0)

    def _uses(self, slot: Slot) -> Iterator[Stretch]:
        for interview in slot.interviews:
            for seat in interview.seats:
                person = self._people[seat.interviewer_id]
                yield from _stretches(person, local_date(person, interview.span.start))


def _stretches(person: Person, on: date) -> tuple[Stretch, Stretch]:
    id_, monday = person.interviewer.interviewer_id, on - timedelta(days=on.weekday())
    return (id_, on, DAY), (id_, monday, WEEK)
