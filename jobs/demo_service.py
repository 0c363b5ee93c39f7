"""`casework demo`: an invented world on this machine, the web and the jobs around it, and a real mail server to
receive what they send. Ctrl-C ends everything."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from casework import schema
from casework.clock import FixedClock, paris_day
from casework.commands import open_sessions, open_storage
from casework.errors import Refused
from casework.french import long_date
from casework.people import ROLES
from casework.sealed import new_key
from casework.settings import Settings
from jobs.demo import set_clock
from jobs.mailbox import Mailbox
from jobs.runner import run_job
from jobs.schedule import JOBS
from workflows.demo import Summary, create_demo, parse_date

FOLDER = Path("var/demo")
STARTED_SECONDS = 20


def add(verbs: Any) -> None:
    parser = verbs.add_parser("demo", help="une démonstration complète sur cette machine")
    parser.add_argument("--date", default="2025-05-15", metavar="AAAA-MM-JJ", help="le jour de la démonstration")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--reset", action="store_true", help="refaire la démonstration depuis le début")
    parser.add_argument("--build-only", action="store_true", help="préparer les données et s’arrêter")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    now = parse_date(arguments.date)
    mail_port = _free_port()
    settings = demo_settings(arguments.port, mail_port)
    mailbox = Controller(Mailbox(FOLDER / "mail"), hostname="127.0.0.1", port=mail_port)
    FOLDER.mkdir(parents=True, exist_ok=True)
    mailbox.start()
    try:
        _prepare(settings, now, arguments)
        if arguments.build_only:
            return 0
        _refuse_busy_port(arguments.port)
        return _serve(settings, arguments.port)
    finally:
        mailbox.stop()


def demo_settings(port: int, mail_port: int) -> Settings:
    """Everything the demonstration needs, under its own folder; the secret is made once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    secret, keys = FOLDER / "secret", FOLDER / "data-keys"
    if not secret.exists():
        secret.write_text(secrets.token_urlsafe(48), encoding="ascii")
    if not keys.exists():
        keys.write_text(new_key(), encoding="ascii")
    return replace(
        Settings(),
        demo=True,
        database_url=f"sqlite:///{FOLDER}/casework.db",
        files_dir=str(FOLDER / "files"),
        public_url=f"http://127.0.0.1:{port}",
        secret_key=secret.read_text(encoding="ascii"),
        data_keys=keys.read_text(encoding="ascii"),
        secure_cookies=False,
        smtp_host="127.0.0.1",
        smtp_port=mail_port,
        smtp_tls="none",
        demo_mail_dir=str(FOLDER / "mail"),
    )


def _prepare(settings: Settings, now: datetime, arguments: argparse.Namespace) -> None:
    built = FOLDER / "built-for"
    if not arguments.reset and built.exists() and built.read_text() == arguments.date:
        engine, _ = open_sessions(settings)
        schema.upgrade(engine)
        return
    for name in ("casework.db", "casework.db-wal", "casework.db-shm", "built-for"):
        (FOLDER / name).unlink(missing_ok=True)
    for folder in ("files", "mail"):
        shutil.rmtree(FOLDER / folder, ignore_errors=True)
    print("Préparation de la démonstration…", flush=True)
    summary = build(settings, now)
    built.write_text(arguments.date)
    print(f"{summary.applications} dossiers créés.", flush=True)


def build(settings: Settings, now: datetime) -> Summary:
    """Create the database, tell every story, then let the mail job send what the stories wrote."""
    engine, sessions = open_sessions(settings)
    storage = open_storage(settings)
    schema.upgrade(engine)
    summary = create_demo(sessions, settings, storage, now=now)
    run_job(JOBS["outbox"], sessions, settings, storage, FixedClock(now))
    set_clock(sessions, now)
    engine.dispose()
    return summary


def _serve(settings: Settings, port: int) -> int:
    environment = os.environ | _as_environment(settings)
    command = [sys.executable, "-m", "casework"]
    web = [*command, "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    children = [subprocess.Popen(c, env=environment) for c in (web, [*command, "jobs"])]  # noqa: S603
    stop = _Stop()
    if _answers(port, children, stop):
        _welcome(settings, port)
    while not stop.asked and all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in children:
        child.wait(timeout=20)
    print("\nDémonstration arrêtée.", flush=True)
    return 0 if stop.asked else 1


class _Stop:
    """Set by Ctrl-C or a request to end."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def _answers(port: int, children: list[subprocess.Popen[bytes]], stop: _Stop) -> bool:
    end = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < end and not stop.asked and all(child.poll() is None for child in children):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _as_environment(settings: Settings) -> dict[str, str]:
    names = (
        "demo", "database_url", "files_dir", "public_url", "secret_key", "data_keys", "secure_cookies", "smtp_host",
        "smtp_port", "smtp_tls", "demo_mail_dir",
    )  # fmt: skip
    return {f"CASEWORK_{name.upper()}": _as_text(getattr(settings, name)) for name in names}


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _welcome(settings: Settings, port: int) -> None:
    from sqlalchemy import select
    from sqlalchemy.orm import selectinload

    from casework.people import User, actor_of
    from jobs.demo import demo_clock

    _, sessions = open_sessions(settings)
    with sessions() as session:
        today = paris_day(demo_clock(session).now())
        users = session.scalars(select(User).options(selectinload(User.grants)).order_by(User.id)).all()
        lines = [f"  {user.name:<24} {', '.join(actor_of(user).role_labels)}" for user in users]
    print(f"\nCasework est ouvert : http://127.0.0.1:{port}  (nous sommes le {long_date(today)}, date simulée)")
    print("Sur la page de connexion, choisissez « Se connecter en tant que » :")
    print("\n".join(lines))
    print(f"Les {len(ROLES)} rôles y sont. Les messages envoyés arrivent dans {FOLDER}/mail.")
    print("Ctrl-C pour arrêter.\n", flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sentence = f"Le port {port} est déjà pris : arrêtez l’autre service, ou lancez `make demo PORT={port + 1}`."
            raise Refused([sentence]) from None
