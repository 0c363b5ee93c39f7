"""Commands on the domain itself: the database, the journal, the first account, the directory."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from casework import db, journal, key_renewal, opendata, passwords, published_register, schema, settings
from casework.amounts import AmountError, parse_euros
from casework.clock import SystemClock
from casework.errors import Refused
from casework.french import counted
from casework.people import Grant, job
from casework.registration import create_user
from casework.settings import Settings
from casework.storage import Storage

FIRST_YEAR, LAST_YEAR = 2000, 2100


def read_settings(arguments: argparse.Namespace) -> Settings:
    return settings.load(Path(arguments.config) if arguments.config else None)


def open_sessions(chosen: Settings) -> tuple[sa.Engine, sessionmaker[Session]]:
    """The engine and the sessions of these settings; a folder is made for an SQLite file."""
    try:
        url = sa.make_url(chosen.database_url)
        url.get_dialect()
    except ArgumentError:
        raise Refused(["« database_url » n’est pas l’adresse d’une base SQLite ou PostgreSQL."]) from None
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = db.make_engine(chosen.database_url, keys=chosen.data_keys)
    return engine, db.make_sessions(engine)


def open_storage(chosen: Settings) -> Storage:
    return Storage(Path(chosen.files_dir))


def add(verbs: Any) -> None:
    database = verbs.add_parser("db", help="créer ou mettre à niveau la base de données")
    database.add_argument("action", choices=["upgrade", "check"])
    database.set_defaults(run=_database)
    history = verbs.add_parser("journal", help="vérifier l’historique")
    history.add_argument("action", choices=["verify"])
    history.set_defaults(run=_verify)
    user = verbs.add_parser("user", help="créer un premier compte d’administration")
    user.add_argument("action", choices=["create"])
    user.add_argument("--email", required=True)
    user.add_argument("--name", required=True)
    user.add_argument("--password-file", required=True, help="fichier qui contient le mot de passe")
    user.set_defaults(run=_create_admin)
    held = verbs.add_parser("register", help="le registre de ce qui est enregistré sur les participants")
    held.add_argument("--json", action="store_true", help="répondre en JSON")
    held.set_defaults(run=lambda arguments: published_register.write(arguments, read_settings(arguments)))
    keys = verbs.add_parser("keys", help="renouveler la clé qui chiffre les identités")
    keys.add_argument("action", choices=["renew", "check"])
    keys.set_defaults(run=_renew_keys)
    published = verbs.add_parser("opendata", help="écrire les données essentielles des conventions de subvention")
    published.add_argument("--year", type=int, required=True, metavar="ANNÉE", help="année de signature")
    published.add_argument("--minimum", metavar="EUROS", help="subvention minimale, 23 000 par défaut")
    published.add_argument("--to", required=True, metavar="FICHIER.csv")
    published.set_defaults(run=_open_data)


def _renew_keys(arguments: argparse.Namespace) -> int:
    """Seal everything under the first key, or say how much still needs a former one (exit status 1)."""
    _, sessions = open_sessions(read_settings(arguments))
    if arguments.action == "renew":
        print(f"{counted(key_renewal.renew(sessions), 'ligne chiffrée', 'lignes chiffrées')} avec la première clé.")
    with sessions() as session:
        left = key_renewal.remaining(db.reading(session))
    if left:
        print(f"{counted(left, 'ligne demande encore', 'lignes demandent encore')} une ancienne clé : gardez-la.")
        return 1
    print("Tout est chiffré avec la première clé : les autres peuvent être retirées de « data_keys ».")
    return 0


def _open_data(arguments: argparse.Namespace) -> int:
    """Write the file, or say everything that prevents it (exit status 2)."""
    chosen = read_settings(arguments)
    try:
        minimum = parse_euros(arguments.minimum) if arguments.minimum else opendata.THRESHOLD
    except AmountError as error:
        raise Refused([f"--minimum : {error.sentence}"]) from None
    if not FIRST_YEAR <= arguments.year <= LAST_YEAR:
        raise Refused([f"--year : une année de {FIRST_YEAR} à {LAST_YEAR} est attendue."])
    _, sessions = open_sessions(chosen)
    with sessions() as session:
        found = opendata.entries(db.reading(session), chosen, arguments.year, minimum=minimum)
    wrong = opendata.faults(found)
    if wrong:
        raise Refused([str(fault) for fault in wrong])
    Path(arguments.to).write_text(opendata.as_csv(found), encoding="utf-8", newline="")
    print(f"{arguments.to} : {len(found)} convention(s).")
    return 0


def _database(arguments: argparse.Namespace) -> int:
    engine, _ = open_sessions(read_settings(arguments))
    if arguments.action == "upgrade":
        schema.upgrade(engine)
    current = schema.is_current(engine)
    print("La base de données est à jour." if current else "Base à mettre à niveau : casework db upgrade")
    return 0 if current else 1


def _verify(arguments: argparse.Namespace) -> int:
    _, sessions = open_sessions(read_settings(arguments))
    with sessions() as session:
        read, broken = journal.verify(db.reading(session))
    if broken is None:
        print(f"{read} entrées vérifiées : l’historique est intact.")
        return 0
    place = f"{broken.subject} {broken.subject_id}, n° {broken.sequence}"
    print(f"Rupture à l’entrée {broken.event_id} ({place}) : {broken.fault}.")
    return 1


def _create_admin(arguments: argparse.Namespace) -> None:
    chosen = read_settings(arguments)
    email = arguments.email.strip().lower()
    password = Path(arguments.password_file).read_text(encoding="utf-8").strip()
    faults = passwords.faults(chosen, password, email=email, name=arguments.name)
    if faults:
        raise Refused(faults)
    hashed = passwords.hashed(chosen, password)
    _, sessions = open_sessions(chosen)
    with db.transaction(sessions) as session:
        now = SystemClock().now()
        user = create_user(session, email=email, name=arguments.name, actor=job("Ligne de commande"), at=now)
        user.password_hash = hashed
        session.add(Grant(user_id=user.id, role="admin"))
    print(f"Compte d’administration créé pour {email}.")
