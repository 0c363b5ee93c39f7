"""`casework serve`: the web service under gunicorn."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from casework import schema
from casework.commands import open_sessions, read_settings
from casework.errors import Refused


def add(verbs: Any) -> None:
    parser = verbs.add_parser("serve", help="lancer le service web")
    parser.add_argument("--bind", default="127.0.0.1:8000", metavar="ADRESSE:PORT")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--access-log", action="store_true", help="écrire chaque requête sur la sortie standard")
    parser.set_defaults(run=_serve)


def _serve(arguments: argparse.Namespace) -> None:
    settings = read_settings(arguments)
    engine, _ = open_sessions(settings)
    if not schema.is_current(engine):
        raise Refused(["La base de données n’est pas à jour : lancez d’abord `casework db upgrade`."])
    engine.dispose()
    if arguments.config:
        os.environ["CASEWORK_CONFIG"] = arguments.config
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-m", "gunicorn", *gunicorn_options(arguments), "casework.__main__:wsgi()"]
    )


def gunicorn_options(arguments: argparse.Namespace) -> list[str]:
    options = [
        "--bind", arguments.bind, "--worker-class", "gthread", "--workers", str(arguments.workers),
        "--threads", str(arguments.threads), "--no-control-socket", "--timeout", "60", "--graceful-timeout", "10",
        "--max-requests", "20000", "--max-requests-jitter", "2000",
    ]  # fmt: skip
    return [*options, "--access-logfile", "-"] if arguments.access_log else options
