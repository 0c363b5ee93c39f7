"""Settings are read once, from a file then the environment; a wrong one stops the start with its name and its place."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from casework.sealed import new_key
from casework.settings import Settings, SettingsError, load

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
DATA_KEY = new_key()
KEY = {"CASEWORK_SECRET_KEY": "une clé", "CASEWORK_DATA_KEYS": DATA_KEY}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_the_example_holds_every_key_with_its_default() -> None:
    assert tomllib.loads(EXAMPLE.read_text(encoding="utf-8")) == dataclasses.asdict(Settings())


def test_every_key_of_the_example_is_explained_just_above_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    keys = [place for place, line in enumerate(lines) if re.match(r"[a-z_]+ = ", line)]
    assert [lines[place] for place in keys if not lines[place - 1].startswith("# ")] == []


def test_the_example_is_a_valid_file_once_it_has_a_key() -> None:
    assert load(EXAMPLE, environ=KEY) == Settings(secret_key="une clé", data_keys=DATA_KEY)


def test_the_environment_wins_over_the_file(file: Path) -> None:
    file.write_text('funder = "Un Département"\nupload_max_mb = 5\n', encoding="utf-8")
    settings = load(file, environ={**KEY, "CASEWORK_UPLOAD_MAX_MB": "7", "CASEWORK_SECURE_COOKIES": "non"})
    assert (settings.funder, settings.upload_max_mb, settings.secure_cookies) == ("Un Département", 7, False)
    assert settings.upload_max_bytes == 7 * 1024 * 1024


def test_the_environment_chooses_the_file(file: Path) -> None:
    file.write_text(f'secret_key = "x"\ndata_keys = "{DATA_KEY}"\nlog_level = "DEBUG"\n', encoding="utf-8")
    assert load(environ={"CASEWORK_CONFIG": str(file)}).log_level == "DEBUG"


def test_other_variables_of_the_environment_are_left_alone() -> None:
    load(EXAMPLE, environ={**KEY, "HOME": "/", "CASEWORK_TEST_POSTGRES": "postgresql://…"})


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("colour = 1", "colour"),
        ('upload_max_mb = "20"', "upload_max_mb"),
        ("upload_max_mb = true", "upload_max_mb"),
        ("demo = 1", "demo"),
        ("funder = 62", "funder"),
        ("demo = ", "TOML"),
    ],
)
def test_a_wrong_line_is_refused_with_its_key_and_its_file(file: Path, line: str, named: str) -> None:
    file.write_text(line, encoding="utf-8")
    with pytest.raises(SettingsError, match=named) as refused:
        load(file, environ=KEY)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("CASEWORK_COLOUR", "bleu"), ("CASEWORK_UPLOAD_MAX_MB", "vingt"), ("CASEWORK_DEMO", "peut-être")],
)
def test_a_wrong_variable_is_refused_with_its_name(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"environnement.*{name}"):
        load(EXAMPLE, environ={**KEY, name: text})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml"):
        load(tmp_path / "absent.toml", environ=KEY)


def test_a_duration_of_zero_is_refused() -> None:
    with pytest.raises(SettingsError, match="session_idle_minutes"):
        load(EXAMPLE, environ={**KEY, "CASEWORK_SESSION_IDLE_MINUTES": "0"})


def test_a_secret_key_is_required_outside_a_demonstration() -> None:
    with pytest.raises(SettingsError, match="secret_key"):
        load(EXAMPLE, environ={})
    assert load(EXAMPLE, environ={"CASEWORK_DEMO": "oui"}).demo


def test_a_key_for_what_is_sealed_is_required_outside_a_demonstration_and_never_repeated() -> None:
    with pytest.raises(SettingsError, match="data_keys"):
        load(EXAMPLE, environ={"CASEWORK_SECRET_KEY": "une clé"})
    with pytest.raises(SettingsError, match="data_keys") as refused:
        load(EXAMPLE, environ={**KEY, "CASEWORK_DATA_KEYS": f"{DATA_KEY} trop-courte"})
    assert "trop-courte" not in str(refused.value)


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().demo = True  # type: ignore[misc]


def test_a_way_of_encrypting_mail_that_does_not_exist_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="smtp_tls"):
        load(EXAMPLE, environ={**KEY, "CASEWORK_SMTP_TLS": "parfois"})
