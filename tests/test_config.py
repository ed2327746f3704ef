from __future__ import annotations

import base64
import dataclasses
import re
from pathlib import Path

import pytest

from scheduler.config import GOOGLE_DISCOVERY_URL, Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent
KEY = base64.b64encode(b"k" * 32).decode()
OTHER_KEY = base64.b64encode(b"o" * 32).decode()
REQUIRED = {
    "DATABASE_URL": "postgresql://app:secret@db.example/greenroom",
    "SECRET_KEY": "s" * 32,
    "DATA_KEYS": f"k1:{KEY}",
    "PUBLIC_URL": "https://interviews.northwind.example/",
    "ALLOWED_DOMAINS": "Northwind.example, northwind.test",
    "ADMIN_EMAILS": "Alex@northwind.example",
    "GOOGLE_CLIENT_ID": "client",
    "GOOGLE_CLIENT_SECRET": "client secret",
    "SCHEDULING_ACCOUNT": "Scheduling@northwind.example",
    "SMTP_URL": "smtp://user:password@smtp.example:587",
    "MAIL_FROM": "Northwind Recruiting <recruiting@northwind.example>",
}


def test_what_is_required_is_enough() -> None:
    settings = Settings.from_environment(REQUIRED)

    assert settings.public_url == "https://interviews.northwind.example"
    assert settings.allowed_domains == ("northwind.example", "northwind.test")
    assert settings.admin_emails == ("alex@northwind.example",)
    assert settings.scheduling_account == "scheduling@northwind.example"
    assert settings.google_oidc_discovery_url == GOOGLE_DISCOVERY_URL
    assert settings.emulator_url is None
    assert settings.trusted_proxies == 0


def test_one_start_is_enough_to_learn_of_everything_that_is_missing() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({})

    assert [line.partition(" ")[0] for line in str(refusal.value).splitlines()] == list(REQUIRED)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", ["", "  "], ids=["empty", "blank"])
def test_what_is_required_may_not_be_empty(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} "):
        Settings.from_environment(REQUIRED | {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "sqlite:///greenroom.db"),
        ("DATABASE_URL", "mysql://db.example/greenroom"),
        ("SECRET_KEY", "s" * 31),
        ("DATA_KEYS", KEY),
        ("DATA_KEYS", "k1:c2hvcnQ="),
        ("DATA_KEYS", "k1:not base64"),
        ("DATA_KEYS", f"k-1:{KEY}"),
        ("DATA_KEYS", f"k1:{KEY},k1:{OTHER_KEY}"),
        ("PUBLIC_URL", "interviews.northwind.example"),
        ("PUBLIC_URL", "ftp://interviews.northwind.example"),
        ("GOOGLE_OIDC_DISCOVERY_URL", "accounts.google.com"),
        ("GOOGLE_CALENDAR_ENDPOINT", "file:///etc/passwd"),
        ("SMTP_URL", "smtp.example:587"),
        ("SMTP_URL", "smtp://"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "one"),
        ("GOOGLE_SERVICE_ACCOUNT_FILE", "/does/not/exist.json"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} "):
        Settings.from_environment(REQUIRED | {name: value})


def test_a_refusal_shows_no_secret() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(REQUIRED | {"SECRET_KEY": "hunter2", "DATA_KEYS": "k1:hunter2"})

    assert "hunter2" not in str(refusal.value)


def test_settings_can_be_printed_without_showing_a_secret() -> None:
    shown = repr(Settings.from_environment(REQUIRED))

    for secret in ("secret@db", "s" * 32, "client secret", "password", "kkkk"):
        assert secret not in shown


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_one_driver(scheme: str) -> None:
    settings = Settings.from_environment(REQUIRED | {"DATABASE_URL": f"{scheme}://db/greenroom"})

    assert settings.database_url == "postgresql+psycopg://db/greenroom"


def test_the_first_data_key_is_the_one_that_seals() -> None:
    settings = Settings.from_environment(REQUIRED | {"DATA_KEYS": f"k2:{OTHER_KEY},k1:{KEY}"})

    assert [key.key_id for key in settings.data_keys] == ["k2", "k1"]


@pytest.mark.parametrize(("mode", "is_private"), [(0o600, True), (0o640, False), (0o644, False)])
def test_a_service_account_file_must_be_ours_alone(
    tmp_path: Path, mode: int, is_private: bool
) -> None:
    file = tmp_path / "service-account.json"
    file.touch(mode=0o600)
    file.chmod(mode)
    environment = REQUIRED | {"GOOGLE_SERVICE_ACCOUNT_FILE": str(file)}

    if is_private:
        assert Settings.from_environment(environment).google_service_account_file == file
    else:
        with pytest.raises(SettingsError, match="chmod 600"):
            Settings.from_environment(environment)


def test_the_readme_lists_every_setting_and_no_other() -> None:
    _, _, configuration = (ROOT / "README.md").read_text().partition("\n## Configuration\n")
    table = configuration.partition("\n## ")[0]

    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == names_of_settings()


def test_the_example_lists_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()

    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == names_of_settings()


def names_of_settings() -> set[str]:
    return {field.name.upper() for field in dataclasses.fields(Settings)}
