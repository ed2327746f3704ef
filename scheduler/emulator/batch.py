"""Several calls in one request: multipart/mixed, each part an HTTP request of its own.

"The server may perform your calls in any order. Don't count on their being executed in the order
in which you specified them." "A set of n requests batched together counts toward your usage limit
as n requests, not as one."
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from flask import Blueprint, Response, current_app, request
from werkzeug.datastructures import Headers
from werkzeug.test import Client, TestResponse

from scheduler.emulator.calls import world
from scheduler.emulator.errors import Refused, not_found, unreadable_batch
from scheduler.emulator.traffic import PART_OF_BATCH, refused

batch = Blueprint("batch", __name__)

_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_OUTER_ONLY = re.compile(r"content-|host$|accept-encoding$|transfer-|connection$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One call of a batch. `content_id` as it came, angle brackets and all, or "" without one."""

    content_id: str
    method: str
    uri: str
    headers: Headers
    body: bytes


@batch.post("/batch/calendar/v3")
def calendar_batch() -> Response:
    return _answered("/calendar/v3/")


@batch.post("/batch")
def meet_batch() -> Response:
    """The batch of the Meet interface, which has a host of its own at Google."""
    return _answered("/v2/")


def parts_of(content_type: str, content: bytes) -> list[Part]:
    """Return the calls of a batch in the order in which they came, or refuse it with 400."""
    whole = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + content)
    if whole.get_content_type() != "multipart/mixed" or not whole.is_multipart():
        raise unreadable_batch("0 items", len(content))
    return [_part(each, len(content)) for each in whole.get_payload() if isinstance(each, Message)]


def _part(message: Message, size: int) -> Part:
    if message.get_content_type() != "application/http":
        raise unreadable_batch("invalid Content-Type of a part", size)
    raw = message.get_payload(decode=True)
    text = raw.lstrip() if isinstance(raw, bytes) else b""
    head, _, body = _split(text)
    line, _, headers = head.partition(b"\n")
    words = line.decode("latin-1").split()
    if len(words) not in (2, 3):
        raise unreadable_batch("invalid request line of a part", size)
    named = message_from_bytes(headers + b"\r\n\r\n")
    return Part(
        content_id=str(message.get("Content-ID", "")),
        method=words[0],
        uri=words[1],
        headers=Headers([(name, str(value)) for name, value in named.items()]),
        body=body,
    )


def _split(text: bytes) -> tuple[bytes, bytes, bytes]:
    """Return head, gap and body; what follows the announced length is the boundary's own line."""
    gap = _HEAD_ENDS.search(text)
    if gap is None:
        return text, b"", b""
    head, body = text[: gap.start()], text[gap.end() :]
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    return head, gap.group(), body[: int(length[1])] if length else body.rstrip(b"\r\n")


def _answered(prefix: str) -> Response:
    content = request.get_data()
    parts = parts_of(request.headers.get("Content-Type", ""), content)
    switches = world().switches
    if not parts or len(parts) > switches.batch_parts:
        most = switches.batch_parts
        trouble = f"{len(parts)} items" + (f", more than {most}" if parts else "")
        raise unreadable_batch(trouble, len(content))
    if switches.batch_order == "reversed":
        parts = parts[::-1]
    return _mixed((part, _call(part, prefix)) for part in parts)


def _call(part: Part, prefix: str) -> Response | TestResponse:
    """Return the answer to one call, which has passed through everything a lone one passes."""
    if not part.uri.startswith(prefix):
        return _as_answer(not_found())
    # "The HTTP headers for the outer batch request, except for the Content- headers, apply to
    # every request in the batch", unless the part has its own.
    shared = [(name, value) for name, value in request.headers if not _OUTER_ONLY.match(name)]
    headers = Headers([(name, value) for name, value in shared if name not in part.headers])
    headers.extend(part.headers)
    with current_app.app_context():  # what is known of one call is not known of the next
        return Client(current_app.wsgi_app).open(
            part.uri,
            base_url=request.host_url,
            method=part.method,
            headers=headers,
            data=part.body,
            environ_overrides={PART_OF_BATCH: True, "REMOTE_ADDR": request.remote_addr},
        )


def _as_answer(refusal: Refused) -> Response:
    return refused(refusal)


def _mixed(answers: Iterable[tuple[Part, Response | TestResponse]]) -> Response:
    boundary = f"batch_{secrets.token_urlsafe(24)}"
    pieces = []
    for part, answer in answers:
        named = f"Content-ID: {_response_id(part.content_id)}\r\n" if part.content_id else ""
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        pieces.append(
            f"--{boundary}\r\nContent-Type: application/http\r\n{named}\r\n"
            f"HTTP/1.1 {answer.status}\r\n{head}\r\n".encode()
            + answer.get_data()
            + b"\r\n"
        )
    body = b"".join([*pieces, f"--{boundary}--\r\n".encode()])
    return Response(body, content_type=f"multipart/mixed; boundary={boundary}")


def _response_id(content_id: str) -> str:
    """ "If you provide a Content-ID, the response's is the same with the prefix response-"."""
    bare = content_id.strip().removeprefix("<")
    return f"<response-{bare}" if content_id.strip().startswith("<") else f"response-{bare}"
