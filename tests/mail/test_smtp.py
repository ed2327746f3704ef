from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.mail.messages import compose
from scheduler.mail.smtp import MailPostponed, MailRefused, send
from tests.mail.letters import CONFIRMED, MAIL_FROM, MESSAGE_ID, NOW
from tests.mail.sink import (
    DROP,
    STALL,
    Certificate,
    Sink,
    certificate_for_this_machine,
    serving,
)

ADA = "ada@candidate.example"
SOON = timedelta(seconds=0.4)


def raw_mail(mail_from: str = MAIL_FROM) -> bytes:
    mail = compose(CONFIRMED, mail_from=mail_from, message_id=MESSAGE_ID, in_reply_to=None, now=NOW)
    return mail.as_bytes()


def post(
    sink: Sink,
    raw: bytes | None = None,
    *,
    to: str = ADA,
    host: str = "127.0.0.1",
    scheme: str = "smtp",
    account: str = "",
    timeout: timedelta = timedelta(seconds=5),
) -> None:
    send(
        raw if raw is not None else raw_mail(),
        to_address=to,
        smtp_url=f"{scheme}://{account}{host}:{sink.port}",
        timeout=timeout,
    )


def test_a_mail_arrives_byte_for_byte_at_one_person() -> None:
    with serving(Sink()) as sink:
        post(sink)
    (delivery,) = sink.deliveries
    assert delivery.sender == "interviews@acme.example"
    assert delivery.recipients == [ADA]
    assert delivery.raw.replace(b"\r\n", b"\n").rstrip() == (
        _with_same_boundaries(raw_mail(), delivery.raw).replace(b"\r\n", b"\n").rstrip()
    )


def test_we_say_hello_by_the_domain_we_write_from_and_never_by_the_machine() -> None:
    with serving(Sink()) as sink:
        post(sink)
    assert sink.deliveries[0].hello == "acme.example"


def test_stray_line_ends_cannot_end_the_mail_early() -> None:
    smuggled = (
        b"From: a@acme.example\nTo: b@c.example\n\n"
        b"one\n.\nMAIL FROM:<eve@evil.example>\r.\rtwo\r\n.\r\nthree\n"
    )
    with serving(Sink()) as sink:
        post(sink, smuggled)
    (delivery,) = sink.deliveries
    assert delivery.raw.endswith(b"three\r\n")
    assert b"\r\n.\r\n" in delivery.raw.replace(b"\r\n..\r\n", b"\r\n.\r\n")


@pytest.mark.parametrize(
    "answers",
    [
        {"mail": "421 4.3.2 closing down"},
        {"mail": "450 later"},
        {"mail": "451 4.7.1 grey"},
        {"rcpt": "450 4.2.1 mailbox busy"},
        {"rcpt": "421 closing down"},
        {"rcpt": "452 4.2.2 mailbox full"},
        {"data": "421 closing down"},
        {"data": "451 4.3.0 disk trouble"},
        {"mail": DROP},
        {"rcpt": DROP},
        {"data": DROP},
    ],
    ids=str,
)
def test_not_now_is_postponed(answers: dict[str, str]) -> None:
    sink = Sink(**answers)  # type: ignore[arg-type]
    with serving(sink), pytest.raises(MailPostponed):
        post(sink)
    assert sink.deliveries == []


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (
            {"rcpt": "550 5.1.1 <ada@candidate.example> unknown"},
            "recipient was refused (550 5.1.1)",
        ),
        ({"rcpt": "550 no such user ada@candidate.example"}, "recipient was refused (550)"),
        ({"rcpt": "553 5.1.3 bad address"}, "recipient was refused (553 5.1.3)"),
        ({"mail": "550 5.7.1 not from you"}, "sender was refused (550 5.7.1)"),
        ({"data": "554 5.7.1 ada@candidate.example wants no spam"}, "mail was refused (554 5.7.1)"),
        ({"data": "552 5.3.4 too big"}, "mail was refused (552 5.3.4)"),
    ],
)
def test_never_is_refused_with_a_reason_that_names_nobody(
    answers: dict[str, str], reason: str
) -> None:
    sink = Sink(**answers)  # type: ignore[arg-type]
    with serving(sink), pytest.raises(MailRefused) as raised:
        post(sink)
    assert str(raised.value) == f"the {reason}"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert sink.deliveries == []


@pytest.mark.parametrize("answers", [{"mail": STALL}, {"rcpt": STALL}, {"data": STALL}], ids=str)
def test_silence_is_postponed_after_the_timeout(answers: dict[str, str]) -> None:
    with serving(Sink(**answers)) as sink:  # type: ignore[arg-type]
        began = time.monotonic()
        with pytest.raises(MailPostponed):
            post(sink, timeout=SOON)
        assert time.monotonic() - began < 1.5


def test_a_server_that_never_greets_is_postponed(silent_port: int) -> None:
    with pytest.raises(MailPostponed, match="cannot be reached"):
        post(Sink(port=silent_port), timeout=SOON)
    with pytest.raises(MailPostponed):
        post(Sink(port=silent_port), scheme="smtps", timeout=SOON)


def test_a_server_that_is_away_is_postponed() -> None:
    with pytest.raises(MailPostponed, match="cannot be reached"):
        post(Sink(port=_free_port()))


def test_a_name_that_nobody_knows_is_postponed() -> None:
    with pytest.raises(MailPostponed):
        send(raw_mail(), to_address=ADA, smtp_url="smtp://mail.invalid:25", timeout=SOON)


@pytest.mark.parametrize("goodbye", ["421 too late", "500 what", DROP, STALL])
def test_once_it_is_taken_a_bad_goodbye_does_not_matter(goodbye: str) -> None:
    with serving(Sink(quit=goodbye)) as sink:
        post(sink, timeout=SOON)
    assert len(sink.deliveries) == 1


@pytest.mark.parametrize(
    "to", ["a@b.example\r\nRCPT TO:<eve@evil.example>", "a@b, c@d", "", "a b@c"]
)
def test_what_is_not_one_address_is_refused_before_anything_is_said(to: str) -> None:
    with pytest.raises(MailRefused):
        post(Sink(port=_free_port()), to=to)


def test_a_mail_from_nobody_is_refused() -> None:
    for head in (b"", b"From: a@acme.example, b@acme.example\r\n", b"From: nobody\r\n"):
        with pytest.raises(MailRefused, match="MAIL_FROM"):
            post(Sink(port=_free_port()), head + b"Subject: x\r\n\r\nx\r\n")


def test_an_address_in_another_script_needs_a_server_that_can() -> None:
    with (
        serving(Sink(), enable_SMTPUTF8=False) as sink,
        pytest.raises(MailRefused, match="such letters"),
    ):
        post(sink, to="adä@candidate.example")
    with serving(Sink(), enable_SMTPUTF8=True) as sink:
        post(sink, to="adä@kandidätin.example")
    assert sink.deliveries[0].recipients == ["adä@xn--kandidtin-02a.example"]


def test_tls_is_used_when_it_is_offered(trusted: Certificate) -> None:
    with serving(Sink(), tls_context=trusted.context) as sink:
        post(sink, host="localhost")
    assert sink.deliveries[0].over_tls


def test_smtps_begins_with_tls(trusted: Certificate) -> None:
    with serving(Sink(), ssl_context=trusted.context) as sink:
        post(sink, host="localhost", scheme="smtps")
    assert len(sink.deliveries) == 1


def test_a_certificate_nobody_vouches_for_is_not_accepted(certificate: Certificate) -> None:
    with serving(Sink(), tls_context=certificate.context) as sink, pytest.raises(MailPostponed):
        post(sink, host="localhost")
    with serving(Sink(), ssl_context=certificate.context) as sink, pytest.raises(MailPostponed):
        post(sink, host="localhost", scheme="smtps")
    assert sink.deliveries == []


def test_a_certificate_for_another_name_is_not_accepted(trusted: Certificate) -> None:
    # 127.1 is another spelling of the same machine, which the certificate does not have.
    with serving(Sink(), tls_context=trusted.context) as sink, pytest.raises(MailPostponed):
        post(sink, host="127.1")
    assert sink.deliveries == []


def test_without_tls_only_a_server_on_this_machine_is_written_to() -> None:
    with serving(Sink()) as sink:
        post(sink, host="localhost")
        with pytest.raises(MailPostponed, match="does not offer STARTTLS"):
            post(sink, host="127.1")
    assert len(sink.deliveries) == 1


def test_name_and_password_may_hold_any_letter(trusted: Certificate) -> None:
    with serving(Sink(password="p@ss:w/rd 100%"), tls_context=trusted.context) as sink:
        post(sink, host="localhost", account="interviews%40acme.example:p%40ss%3Aw%2Frd%20100%25@")
    assert sink.deliveries[0].signed_in_as == "interviews@acme.example"


def test_a_password_beyond_ascii_is_told_as_what_it_is(trusted: Certificate) -> None:
    with (
        serving(Sink(password="é"), tls_context=trusted.context) as sink,
        pytest.raises(MailPostponed, match="ASCII"),
    ):
        post(sink, host="localhost", account="interviews:%C3%A9@")


def test_a_wrong_password_is_our_trouble_and_not_the_mails(trusted: Certificate) -> None:
    sink = Sink(password="right")
    with (
        serving(sink, tls_context=trusted.context),
        pytest.raises(MailPostponed, match=r"name and password \(535\)") as raised,
    ):
        post(sink, host="localhost", account="interviews:wrong@")
    assert "wrong" not in str(raised.value)


def test_a_password_is_not_sent_to_a_server_that_does_not_ask() -> None:
    with serving(Sink()) as sink, pytest.raises(MailPostponed, match="name and password"):
        post(sink, account="interviews:secret@")
    assert sink.deliveries == []


def _with_same_boundaries(raw: bytes, other: bytes) -> bytes:
    """MIME boundaries are random for each rendering."""

    def boundaries(mail: bytes) -> list[bytes]:
        return [line.split(b'"')[1] for line in mail.splitlines() if b"boundary=" in line]

    for mine, theirs in zip(boundaries(raw), boundaries(other), strict=True):
        raw = raw.replace(mine, theirs)
    return raw


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder: Path = tmp_path_factory.mktemp("certificate")
    return certificate_for_this_machine(folder)


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.chain))
    return certificate
