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
    """Gunicorn runs in this very process, which has already read the code: starting again would take as long.

    It is imported here, since no other command needs it.
    """
    from gunicorn.app import wsgiapp

    settings = read_settings(arguments)
    engine, _ = open_sessions(settings)
    if not schema.is_current(engine):
        raise Refused(["La base de données n’est pas à jour : lancez d’abord `casework db upgrade`."])
    engine.dispose()
    if arguments.config:
        os.environ["CASEWORK_CONFIG"] = arguments.config
    sys.argv = [sys.argv[0], *gunicorn_options(arguments), "casework.__main__:wsgi()"]
    wsgiapp.run()


def gunicorn_options(arguments: argparse.Namespace) -> list[str]:
    """The application is loaded once, before its workers are forked: they start at once and share its memory."""
    options = [
        "--bind", arguments.bind, "--worker-class", "gthread", "--workers", str(arguments.workers),
        "--threads", str(arguments.threads), "--no-control-socket", "--timeout", "60", "--graceful-timeout", "10",
        "--max-requests", "20000", "--max-requests-jitter", "2000", "--preload",
    ]  # fmt: skip
    return [*options, "--access-logfile", "-"] if arguments.access_log else options
