"""Asks of every stage whether it can still be booked soon, and keeps the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.models.base import db
from scheduler.models.probes import StageProbe
from scheduler.queries import probes


@dataclass(frozen=True, slots=True)
class Probed:
    stages: int
    impossible: int


def probe_every_stage(now: datetime) -> Probed:
    """Look at every stage, each in a transaction of its own, by calendars as last read."""
    zone = probes.usual_zone()
    stages, impossible = probes.stages(), 0
    for stage_id in stages:
        answer = probes.answer(stage_id, zone=zone, now=now)
        kept = db.session.get(StageProbe, stage_id) or StageProbe(stage_id=stage_id)
        kept.answered_at, kept.zone = now, zone
        kept.earliest, kept.reason = answer.earliest, answer.reason
        kept.impossible_since = None if answer.earliest else kept.impossible_since or now
        db.session.add(kept)
        db.session.commit()
        impossible += answer.earliest is None
    return Probed(len(stages), impossible)
