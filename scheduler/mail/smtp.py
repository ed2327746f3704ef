"""Hands one mail to the mail server, and says what became of it in two named facts."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from scheduler.mail.addresses import UnusableAddress, usable_address

ANSWER_WITHIN = timedelta(seconds=20)
QUIT_WITHIN = timedelta(seconds=2)

PORTS = {"smtp": 25, "smtps": 465}


class MailPostponed(Exception):
    """The mail may not have been taken: send it again later, with the same Message-ID.

    After a break in the middle of DATA nobody knows whether the server kept it; the Message-ID
    lets the reader's program show one.
    """


class MailRefused(Exception):
    """The mail server will never take this mail. The message says why, and names no address."""


def send(raw: bytes, *, to_address: str, smtp_url: str, timeout: timedelta = ANSWER_WITHIN) -> None:
    """Send `raw`, a whole message, to one person. Raises MailPostponed or MailRefused.

    smtp:// turns to TLS when the server offers it, and insists on it unless the server is on this
    machine; smtps:// begins with TLS. Certificates are always checked. `timeout` bounds each
    answer of the server.
    """
    message = _crlf(raw)
    sender, recipient = _sender(message), _recipient(to_address)
    url = urlsplit(smtp_url)
    client = _connected(url, hello=sender.rpartition("@")[2], timeout=timeout)
    try:
        _sign_in(client, url)
        _hand_over(client, message, sender=sender, recipient=recipient)
        # The server has taken it. Whatever goes wrong from here is no reason to send it twice.
        with suppress(smtplib.SMTPException, OSError):
            if client.sock is not None:
                client.sock.settimeout(min(timeout, QUIT_WITHIN).total_seconds())
            client.quit()
    finally:
        client.close()


def _crlf(raw: bytes) -> bytes:
    return re.sub(rb"\r\n|\r|\n", b"\r\n", raw)


def _sender(message: bytes) -> str:
    parsed = message_from_bytes(message, _class=EmailMessage, policy=policy.default)
    try:
        (sender,) = parsed["From"].addresses
        return usable_address(sender.addr_spec)
    except (AttributeError, ValueError, UnusableAddress):
        raise MailRefused("the From line is not one address; look at MAIL_FROM") from None


def _recipient(to_address: str) -> str:
    try:
        return usable_address(to_address)
    except UnusableAddress:
        raise MailRefused("the recipient's address is not one mail address") from None


def _connected(url: SplitResult, *, hello: str, timeout: timedelta) -> smtplib.SMTP:
    """A greeted server, over TLS where it must be. Nothing here is about the mail: postponed."""
    host, port = url.hostname or "", url.port or PORTS[url.scheme]
    context = ssl.create_default_context()
    seconds = timeout.total_seconds()
    client: smtplib.SMTP
    try:
        # `hello` is given because smtplib would look this machine's name up, with no time limit.
        if url.scheme == "smtps":
            client = smtplib.SMTP_SSL(host, port, hello, timeout=seconds, context=context)
        else:
            client = smtplib.SMTP(host, port, hello, timeout=seconds)
    except (smtplib.SMTPException, OSError) as error:
        _postpone("the mail server cannot be reached", error)
    try:
        client.ehlo_or_helo_if_needed()
        if url.scheme == "smtp":
            if client.has_extn("starttls"):
                client.starttls(context=context)
                client.ehlo_or_helo_if_needed()
            elif not _is_loopback(host):
                raise MailPostponed("the mail server does not offer STARTTLS")
    except (smtplib.SMTPException, OSError) as error:
        client.close()
        _postpone("the mail server did not agree on a connection", error)
    except MailPostponed:
        client.close()
        raise
    return client


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _sign_in(client: smtplib.SMTP, url: SplitResult) -> None:
    if not url.username:
        return
    try:
        client.login(unquote(url.username), unquote(url.password or ""))
    except UnicodeEncodeError:
        raise MailPostponed("smtplib takes a name and password in ASCII only") from None
    except (smtplib.SMTPException, OSError) as error:
        # A wrong password says nothing about the mail, whatever the number.
        _postpone("the mail server did not accept our name and password", error)


def _hand_over(client: smtplib.SMTP, message: bytes, *, sender: str, recipient: str) -> None:
    options = [] if (sender + recipient).isascii() else ["SMTPUTF8"]
    if options and not client.has_extn("smtputf8"):
        raise MailRefused("the mail server cannot write to an address with such letters")
    try:
        client.sendmail(sender, [recipient], message, mail_options=options)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, answer),) = error.recipients.values()
        _judge("the recipient was refused", code, answer)
    except smtplib.SMTPSenderRefused as error:
        _judge("the sender was refused", error.smtp_code, error.smtp_error)
    except smtplib.SMTPResponseException as error:
        _judge("the mail was refused", error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        _postpone("the connection broke while sending", error)


def _judge(reason: str, code: int, answer: bytes | str) -> NoReturn:
    said = f"{reason} ({code}{_enhanced_code(answer)})"
    if 500 <= code <= 599:
        raise MailRefused(said) from None
    raise MailPostponed(said) from None


def _postpone(reason: str, error: Exception) -> NoReturn:
    code = f" ({error.smtp_code})" if isinstance(error, smtplib.SMTPResponseException) else ""
    # `from None`, here and above: smtplib's exceptions quote addresses, and logs show causes.
    raise MailPostponed(f"{reason}{code}") from None


def _enhanced_code(answer: bytes | str) -> str:
    # Of the server's words only "5.1.1" (RFC 3463): the rest may quote the address.
    text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
    found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", text)
    return f" {found[0]}" if found else ""
