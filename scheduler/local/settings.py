"""What a local run is told, and what it invents so that nothing has to be told."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scheduler.config import DATA_KEY_BYTES, SettingsError

SECRETS_FILE = "local.env"
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRun:
    """Where a run listens and keeps its state. Two that share none of it do not meet."""

    port: int
    emulator_port: int
    smtp_port: int
    data_dir: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> LocalRun:
        """Return what `environment` says of a run. Raises SettingsError."""
        run = cls(
            port=_port(environment, "PORT", 8000),
            emulator_port=_port(environment, "EMULATOR_PORT", 8001),
            smtp_port=_port(environment, "SMTP_PORT", 8025),
            data_dir=Path(environment.get("DATA_DIR") or ".data"),
        )
        if len({port for _, port, _ in run.listeners}) < len(run.listeners):
            raise SettingsError(
                "PORT, EMULATOR_PORT and SMTP_PORT must be three different numbers."
            )
        return run

    @property
    def listeners(self) -> list[tuple[str, int, str]]:
        """Return the setting, the port and the user of each port."""
        return [
            ("PORT", self.port, "its pages"),
            ("EMULATOR_PORT", self.emulator_port, "the emulator"),
            ("SMTP_PORT", self.smtp_port, "the mail inbox"),
        ]

    @property
    def web_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def emulator_url(self) -> str:
        return f"http://localhost:{self.emulator_port}"


def uses_emulator(given: Mapping[str, str]) -> bool:
    """Say whether the emulator stands in for Google: as long as nobody names another issuer."""
    return not given.get("GOOGLE_OIDC_DISCOVERY_URL")


def invented_secrets(data_dir: Path) -> dict[str, str]:
    """Return the secrets of the runs in `data_dir`, invented by the first of them."""
    path = data_dir / SECRETS_FILE
    if not path.exists():
        lines = [
            "# Invented for local runs with this data folder. Never use them anywhere else.",
            f"SECRET_KEY={secrets.token_urlsafe(48)}",
            f"DATA_KEYS=local:{base64.b64encode(secrets.token_bytes(DATA_KEY_BYTES)).decode()}",
            "GOOGLE_CLIENT_ID=greenroom-local",
            f"GOOGLE_CLIENT_SECRET={secrets.token_urlsafe(24)}",
        ]
        partial = path.with_suffix(".part")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write("\n".join(lines) + "\n")
        partial.rename(path)
    words = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value for name, equals, value in words if equals and not name.startswith("#")}


def app_environment(
    run: LocalRun, given: Mapping[str, str], invented: Mapping[str, str], *, database_url: str
) -> dict[str, str]:
    """Return the environment of the app's processes: what is given wins over what is invented."""
    settings = {"DATABASE_URL": database_url, "PUBLIC_URL": run.web_url, **invented}
    if uses_emulator(given):
        settings |= _emulator_settings(run)
        # A proxy for the way out must not be asked for what is on this machine.
        settings["NO_PROXY"] = settings["no_proxy"] = ",".join(
            filter(None, ["localhost", "127.0.0.1", given.get("NO_PROXY") or given.get("no_proxy")])
        )
        given = {name: value for name, value in given.items() if name.upper() != "NO_PROXY"}
    return settings | {name: value for name, value in given.items() if value}


def _emulator_settings(run: LocalRun) -> dict[str, str]:
    return {
        "EMULATOR_URL": run.emulator_url,
        "GOOGLE_OIDC_DISCOVERY_URL": f"{run.emulator_url}/.well-known/openid-configuration",
        "GOOGLE_CALENDAR_ENDPOINT": f"{run.emulator_url}/calendar/v3/",
        "GOOGLE_MEET_ENDPOINT": f"{run.emulator_url}/",
        "SMTP_URL": f"smtp://localhost:{run.smtp_port}",
        "COMPANY_NAME": "Northwind",
        "ALLOWED_DOMAINS": "northwind.example",
        "ADMIN_EMAILS": "alex@northwind.example",
        "SCHEDULING_ACCOUNT": "scheduling@northwind.example",
        "MAIL_FROM": "Northwind Recruiting <recruiting@northwind.example>",
    }


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise SettingsError(f"{name} must be a port from 1 to {HIGHEST_PORT}, not {text!r}.")
    return int(text)
