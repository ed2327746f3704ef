"""Ways past the sealed payload that `mypy --strict` refuses.

Never run. Each line carries the error it must cause; strict mode reports an ignore that is not
needed, so the day one of these lines is allowed, the type check fails.
"""

from __future__ import annotations

from scheduler.domain.diff import SendUpdates
from scheduler.domain.disclosure import CandidateEvent, SealedPayload, release
from scheduler.domain.events import InterviewerEvent, KeeperEvent
from scheduler.google.calendar import CalendarGateway

ALL = SendUpdates.ALL


def allowed(
    gateway: CalendarGateway,
    event: CandidateEvent,
    panel: InterviewerEvent,
    keeper: KeeperEvent,
) -> None:
    payload = release(event, withheld=["Dana Okafor"])
    gateway.insert_candidate_event("c", payload, send_updates=ALL)
    gateway.patch_candidate_event("c", payload, if_match="e", send_updates=ALL)
    gateway.insert_internal_event("c", panel, send_updates=ALL)
    gateway.patch_internal_event("c", keeper, if_match="e", send_updates=ALL)


def refused(
    gateway: CalendarGateway,
    event: CandidateEvent,
    panel: InterviewerEvent,
    payload: SealedPayload,
) -> None:
    gateway.insert_candidate_event("c", panel.as_json(), send_updates=ALL)  # type: ignore[arg-type]
    gateway.insert_candidate_event("c", payload.as_json(), send_updates=ALL)  # type: ignore[arg-type]
    gateway.insert_candidate_event("c", panel, send_updates=ALL)  # type: ignore[arg-type]
    gateway.insert_candidate_event("c", event, send_updates=ALL)  # type: ignore[arg-type]
    gateway.patch_candidate_event("c", event, if_match="e", send_updates=ALL)  # type: ignore[arg-type]
    gateway.patch_candidate_event("c", panel, if_match="e", send_updates=ALL)  # type: ignore[arg-type]
    gateway.insert_internal_event("c", event, send_updates=ALL)  # type: ignore[arg-type]
    gateway.insert_internal_event("c", payload, send_updates=ALL)  # type: ignore[arg-type]
    gateway.patch_candidate_event("c", payload, send_updates=ALL)  # type: ignore[call-arg]
    gateway.insert_candidate_event("c", payload)  # type: ignore[call-arg]
    gateway.delete_event("c", payload.event_id)  # type: ignore[call-arg]
    gateway.insert_candidate_event("c", payload, send_updates="none")  # type: ignore[arg-type]
