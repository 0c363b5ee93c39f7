"""Commands on the domain itself: the database, the journal, the first account, the directory."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import db, journal, passwords, schema, settings
from casework.clock import SystemClock
from casework.errors import Refused
from casework.people import Grant, job
from casework.registration import create_user
from casework.settings import Settings
from casework.storage import Storage


def read_settings(arguments: argparse.Namespace) -> Settings:
    return settings.load(Path(arguments.config) if arguments.config else None)


def open_sessions(chosen: Settings) -> tuple[sa.Engine, sessionmaker[Session]]:
    """The engine and the sessions of these settings; a folder is made for an SQLite file."""
    url = sa.make_url(chosen.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = db.make_engine(chosen.database_url)
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
