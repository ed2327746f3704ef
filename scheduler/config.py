"""Settings, read once. Nothing else in Greenroom touches `os.environ`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

SECRET_KEY_BYTES = 32
DATA_KEY_BYTES = 32

GOOGLE_DISCOVERY_URL = "https://accounts.google.com/.well-known/openid-configuration"
GOOGLE_CALENDAR_ENDPOINT = "https://www.googleapis.com/calendar/v3/"
GOOGLE_MEET_ENDPOINT = "https://meet.googleapis.com/"


class SettingsError(Exception):
    """A setting is missing or cannot be what it must be. The message says which and what to do."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """One 256-bit key that tokens are kept under, with the short name stored beside what it sealed."""

    key_id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a process may be told from outside. The README's table lists the same names."""

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    data_keys: tuple[DataKey, ...] = field(repr=False)
    public_url: str
    company_name: str = "Greenroom"
    allowed_domains: tuple[str, ...]
    admin_emails: tuple[str, ...]
    google_oidc_discovery_url: str = GOOGLE_DISCOVERY_URL
    google_client_id: str
    google_client_secret: str = field(repr=False)
    google_calendar_endpoint: str = GOOGLE_CALENDAR_ENDPOINT
    google_meet_endpoint: str = GOOGLE_MEET_ENDPOINT
    scheduling_account: str
    google_service_account_file: Path | None = None
    smtp_url: str = field(repr=False)
    mail_from: str
    trusted_proxies: int = 0
    emulator_url: str | None = None
    """Where the built-in emulator shows its pages. Only the banner uses it."""

    @property
    def is_public_url_https(self) -> bool:
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Return the settings in `environment`.

        Raises SettingsError, naming every setting that is missing or wrong, so that one start
        is enough to learn of all of them.
        """
        reader = _Reader(environment)
        settings = {
            "database_url": reader.database_url("DATABASE_URL"),
            "secret_key": reader.secret("SECRET_KEY"),
            "secret_key_fallbacks": reader.words("SECRET_KEY_FALLBACKS", required=False),
            "data_keys": reader.data_keys("DATA_KEYS"),
            "public_url": reader.url("PUBLIC_URL").rstrip("/"),
            "company_name": reader.text("COMPANY_NAME", default="Greenroom"),
            "allowed_domains": tuple(word.lower() for word in reader.words("ALLOWED_DOMAINS")),
            "admin_emails": tuple(word.lower() for word in reader.words("ADMIN_EMAILS")),
            "google_oidc_discovery_url": reader.url(
                "GOOGLE_OIDC_DISCOVERY_URL", default=GOOGLE_DISCOVERY_URL
            ),
            "google_client_id": reader.text("GOOGLE_CLIENT_ID"),
            "google_client_secret": reader.text("GOOGLE_CLIENT_SECRET"),
            "google_calendar_endpoint": reader.url(
                "GOOGLE_CALENDAR_ENDPOINT", default=GOOGLE_CALENDAR_ENDPOINT
            ),
            "google_meet_endpoint": reader.url(
                "GOOGLE_MEET_ENDPOINT", default=GOOGLE_MEET_ENDPOINT
            ),
            "scheduling_account": reader.text("SCHEDULING_ACCOUNT").lower(),
            "google_service_account_file": reader.private_file("GOOGLE_SERVICE_ACCOUNT_FILE"),
            "smtp_url": reader.smtp_url("SMTP_URL"),
            "mail_from": reader.text("MAIL_FROM"),
            "trusted_proxies": reader.count("TRUSTED_PROXIES", default=0),
            "emulator_url": reader.url("EMULATOR_URL", default="").rstrip("/") or None,
        }
        if reader.problems:
            raise SettingsError("\n".join(reader.problems))
        return cls(**settings)  # type: ignore[arg-type]  # each value was read by its own reader


class _Reader:
    """Reads one setting at a time and remembers every problem instead of stopping at the first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self._environment.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.problems.append(f"{name} is not set.")
            return ""
        return default

    def words(self, name: str, *, required: bool = True) -> tuple[str, ...]:
        text = self.text(name, default=None if required else "")
        return tuple(word.strip() for word in text.split(",") if word.strip())

    def url(self, name: str, *, default: str | None = None) -> str:
        value = self.text(name, default=default)
        if value and (
            urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc
        ):
            self.problems.append(f"{name} must be an http or https address, not {value!r}.")
        return value

    def database_url(self, name: str) -> str:
        value = self.text(name)
        scheme, separator, rest = value.partition("://")
        if value and scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
            self.problems.append(
                f"{name} must begin with postgresql://; Greenroom uses PostgreSQL only."
            )
        return f"postgresql+psycopg{separator}{rest}" if separator else value

    def smtp_url(self, name: str) -> str:
        value = self.text(name)
        if value and (
            urlsplit(value).scheme not in ("smtp", "smtps") or not urlsplit(value).hostname
        ):
            self.problems.append(f"{name} must look like smtp://user:password@host:587.")
        return value

    def secret(self, name: str) -> str:
        value = self.text(name)
        if value and len(value.encode()) < SECRET_KEY_BYTES:
            self.problems.append(f"{name} must have at least {SECRET_KEY_BYTES} bytes.")
        return value

    def count(self, name: str, *, default: int) -> int:
        value = self.text(name, default=str(default))
        if not value.isdecimal():
            self.problems.append(f"{name} must be a whole number, not {value!r}.")
            return default
        return int(value)

    def data_keys(self, name: str) -> tuple[DataKey, ...]:
        """`id:base64,id:base64`; the first seals, all of them open (key rotation)."""
        keys = []
        for word in self.words(name):
            key_id, separator, encoded = word.partition(":")
            try:
                secret = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                secret = b""
            if not separator or not key_id.isalnum() or len(secret) != DATA_KEY_BYTES:
                self.problems.append(
                    f"{name} must be a list of id:base64 with {DATA_KEY_BYTES} bytes in each key."
                )
                break
            keys.append(DataKey(key_id, secret))
        if len({key.key_id for key in keys}) < len(keys):
            self.problems.append(f"{name} uses one id for two keys.")
        return tuple(keys)

    def private_file(self, name: str) -> Path | None:
        value = self.text(name, default="")
        if not value:
            return None
        path = Path(value)
        if not path.is_file():
            self.problems.append(f"{name} names no file: {value}.")
        elif path.stat().st_mode & 0o077:
            self.problems.append(f"{name} can be read by others; run: chmod 600 {value}.")
        return path
