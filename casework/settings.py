"""Settings: one TOML file, then the environment (`CASEWORK_<KEY>`), checked once into a frozen object.

Every key stands in `config.example.toml` with its meaning. An unknown or ill-typed key stops the start with its name
and where it was read.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from casework.sealed import BadKey, Vault

PREFIX = "CASEWORK_"
_LADDER = re.compile(r"[+-]?[0-9]{1,3}(\s+[+-]?[0-9]{1,3})*")
TLS = ("none", "starttls", "implicit")
_BOOLEANS = {"true": True, "1": True, "oui": True, "false": False, "0": False, "non": False}


class SettingsError(Exception):
    """A setting is unknown or has the wrong type; the message names the key and the file."""


@dataclass(frozen=True)
class Settings:
    database_url: str = "sqlite:///var/casework.db"
    files_dir: str = "var/files"
    public_url: str = "http://127.0.0.1:8000"
    secret_key: str = ""
    data_keys: str = ""
    funder: str = "Département du Pas-de-Calais"
    funder_siret: str = "22620001200012"
    funder_address: str = "1 place de l’Exemple, 62000 Arras"
    funder_signatory: str = "Le Président du Conseil départemental"
    data_officer_email: str = "protection-des-donnees@casework.invalid"
    data_officer_address: str = ""
    appeal_court: str = "tribunal administratif de Lille"
    demo: bool = False
    secure_cookies: bool = True
    trusted_proxies: int = 0
    log_level: str = "INFO"
    session_idle_minutes: int = 60
    session_max_hours: int = 12
    password_min_length: int = 12
    password_time_cost: int = 3
    password_memory_kib: int = 65536
    login_failures_per_account: int = 5
    login_failures_per_address: int = 50
    login_window_minutes: int = 15
    reset_link_minutes: int = 60
    invitation_days: int = 14
    invitations_per_address: int = 3
    invitations_per_organisation: int = 30
    upload_max_mb: int = 20
    correction_days: int = 15
    opinion_days: int = 21
    signature_days: int = 30
    advance_days: int = 30
    control_days: int = 30
    answer_days: int = 15
    balance_days: int = 30
    entry_grid_days: int = 30
    exit_grid_days: int = 15
    evaluation_days: int = 30
    handing_days: int = 15
    looks_alert: int = 200
    reminder_ladder: str = "-30 -15 -7 -1 0 1 7 15"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: str = "starttls"
    smtp_ca_file: str = ""
    smtp_timeout_seconds: int = 20
    mail_from: str = "ne-pas-repondre@casework.invalid"
    demo_mail_dir: str = "var/demo/mail"

    @property
    def data_officer_postal(self) -> str:
        """Where to write to the data officer: at the funder's, unless said."""
        return self.data_officer_address or self.funder_address

    @property
    def upload_max_bytes(self) -> int:
        return self.upload_max_mb * 1024 * 1024

    @property
    def reminder_steps(self) -> tuple[int, ...]:
        """Days from a deadline at which it is recalled; those before it are negative."""
        return tuple(sorted({int(step) for step in self.reminder_ladder.split()}))


def load(path: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `path` (default: `$CASEWORK_CONFIG`, else ./config.toml when it exists), then the environment.

    Raises SettingsError naming the key and its file.
    """
    environ = os.environ if environ is None else environ
    chosen = path or (Path(environ["CASEWORK_CONFIG"]) if environ.get("CASEWORK_CONFIG") else None)
    values: dict[str, Any] = {}
    if chosen is not None or Path("config.toml").is_file():
        values = _from_file(chosen or Path("config.toml"))
    values |= _from_environment(environ)
    settings = Settings(**values)
    _check_coherence(settings)
    return settings


def _from_file(path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path} : ce fichier de configuration n’existe pas.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} : ce n’est pas du TOML valide ({error}).") from None
    known = _types()
    for key, value in raw.items():
        if key not in known:
            raise SettingsError(f"{path} : réglage inconnu « {key} ».")
        if type(value) is not known[key]:
            raise SettingsError(f"{path} : « {key} » doit être de type {known[key].__name__}.")
    return raw


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    known = _types()
    found: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name in ("CASEWORK_CONFIG", "CASEWORK_TEST_POSTGRES"):
            continue
        key = name.removeprefix(PREFIX).lower()
        if key not in known:
            raise SettingsError(f"environnement : réglage inconnu « {name} ».")
        found[key] = _read(name, text, known[key])
    return found


def _read(name: str, text: str, kind: type) -> Any:
    try:
        if kind is bool:
            return _BOOLEANS[text.strip().lower()]
        return kind(text)
    except (KeyError, ValueError):
        raise SettingsError(f"environnement : « {name} » doit être de type {kind.__name__}.") from None


def _types() -> dict[str, type]:
    return {field.name: type(field.default) for field in fields(Settings)}


def _check_coherence(settings: Settings) -> None:
    for name, kind in _types().items():
        if kind is int and name != "trusted_proxies" and getattr(settings, name) <= 0:
            raise SettingsError(f"« {name} » doit être supérieur à zéro.")
    if not _LADDER.fullmatch(settings.reminder_ladder.strip()):
        raise SettingsError("« reminder_ladder » doit être une suite de jours, comme « -30 -7 0 7 ».")
    if settings.smtp_tls not in TLS:
        raise SettingsError(f"« smtp_tls » doit être l’un de : {', '.join(TLS)}.")
    if settings.smtp_ca_file and not Path(settings.smtp_ca_file).is_file():
        raise SettingsError(f"« smtp_ca_file » : {settings.smtp_ca_file} n’existe pas.")
    if not settings.secret_key and not settings.demo:
        raise SettingsError("« secret_key » est obligatoire : `casework secret` en fabrique une.")
    if not settings.data_keys and not settings.demo:
        raise SettingsError("« data_keys » est obligatoire : `casework secret --data` en fabrique une.")
    try:
        Vault(settings.data_keys)
    except BadKey as error:
        raise SettingsError(str(error)) from None
