from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.config import Settings, SettingsError
from scheduler.local.settings import (
    LocalRun,
    app_environment,
    invented_secrets,
    uses_emulator,
)

DATABASE_URL = "postgresql://localhost/greenroom"


def test_a_run_needs_to_be_told_nothing() -> None:
    run = LocalRun.from_environment({})

    assert (run.port, run.emulator_port, run.smtp_port) == (8000, 8001, 8025)
    assert run.data_dir == Path(".data")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "８０００"])
def test_a_port_that_is_none_is_refused_by_name(port: str) -> None:
    with pytest.raises(SettingsError, match="EMULATOR_PORT"):
        LocalRun.from_environment({"EMULATOR_PORT": port})


def test_three_listeners_need_three_ports() -> None:
    with pytest.raises(SettingsError, match="three different"):
        LocalRun.from_environment({"PORT": "8001"})


def test_what_is_invented_is_a_whole_installation(tmp_path: Path) -> None:
    settings = Settings.from_environment(environment(tmp_path))

    assert settings.public_url == "http://localhost:8000"
    assert settings.emulator_url == "http://localhost:8001"
    assert settings.smtp_url == "smtp://localhost:8025"
    assert settings.google_calendar_endpoint == "http://localhost:8001/calendar/v3/"


def test_secrets_are_invented_once_and_are_ours_alone(tmp_path: Path) -> None:
    first = invented_secrets(tmp_path)

    assert invented_secrets(tmp_path) == first
    assert (tmp_path / "local.env").stat().st_mode & 0o777 == 0o600


def test_two_data_folders_share_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    a, b = invented_secrets(tmp_path / "a"), invented_secrets(tmp_path / "b")

    for name in ("SECRET_KEY", "DATA_KEYS", "GOOGLE_CLIENT_SECRET"):
        assert a[name] != b[name]


def test_what_is_given_wins(tmp_path: Path) -> None:
    given = {"COMPANY_NAME": "Acme", "SMTP_URL": "smtp://mail.acme.example", "SECRET_KEY": "x" * 40}

    settings = Settings.from_environment(environment(tmp_path, given))

    assert settings.company_name == "Acme"
    assert settings.smtp_url == "smtp://mail.acme.example"
    assert settings.secret_key == "x" * 40
    assert settings.emulator_url is not None


def test_what_is_given_empty_is_not_given(tmp_path: Path) -> None:
    settings = Settings.from_environment(environment(tmp_path, {"COMPANY_NAME": ""}))

    assert settings.company_name == "Northwind"


def test_with_another_issuer_nothing_of_the_emulator_is_invented(tmp_path: Path) -> None:
    given = {
        "GOOGLE_OIDC_DISCOVERY_URL": "https://accounts.google.com/.well-known/openid-configuration"
    }

    invented = environment(tmp_path, given)

    assert not uses_emulator(given)
    assert not any("8001" in value or "8025" in value for value in invented.values())
    with pytest.raises(SettingsError, match="ALLOWED_DOMAINS"):
        Settings.from_environment(invented)


def test_a_proxy_is_not_asked_for_what_is_on_this_machine(tmp_path: Path) -> None:
    invented = environment(tmp_path, {"no_proxy": "intranet.example"})

    assert invented["NO_PROXY"] == invented["no_proxy"] == "localhost,127.0.0.1,intranet.example"


def environment(data_dir: Path, given: dict[str, str] | None = None) -> dict[str, str]:
    given = given or {}
    run = LocalRun.from_environment(given)
    return app_environment(run, given, invented_secrets(data_dir), database_url=DATABASE_URL)
