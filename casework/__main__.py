"""The `casework` command: the one place that knows every layer, and puts them together."""

# ruff: noqa: E402

from __future__ import annotations

import argparse
import gc
import secrets
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import OperationalError, ProgrammingError

gc.disable()

import jobs.commands
import jobs.demo
import jobs.demo_service
import jobs.forecast
import web.commands
import workflows.commands
from casework import commands, french_commands
from casework.errors import CaseworkError
from casework.sealed import new_key
from casework.settings import SettingsError
from web.wsgi import build

gc.freeze()
gc.enable()
"""What is read stays for good: to look for garbage in it, again and again, took a fifth of the start."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 when it found something wrong, 2 when it was asked wrongly."""
    french_commands.install()
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments) or 0)
    except BrokenPipeError:
        return 0
    except (CaseworkError, SettingsError, OSError, UnicodeDecodeError, OperationalError, ProgrammingError) as error:
        print(_sentence(error), file=sys.stderr)
        return 2


def _sentence(error: Exception) -> str:
    """What went wrong around the command: a file, the database. A trace would tell nothing more to who runs it."""
    match error:
        case OSError():
            return f"{error.filename or 'Le système'} : lecture ou écriture refusée ({error.strerror or error})."
        case UnicodeDecodeError():
            return "Le fichier donné n’est pas un texte en UTF-8."
        case OperationalError() | ProgrammingError():
            cause = next(iter(str(error.orig).splitlines()), "")
            advice = "vérifiez « database_url », puis lancez `casework db upgrade`"
            return f"La base de données ne répond pas ou n’est pas à jour : {advice} ({cause})."
    return str(error)


def _parser() -> argparse.ArgumentParser:
    summary = "Instruction et suivi des appels à projets d’insertion."
    parser = argparse.ArgumentParser(prog="casework", description=summary)
    parser.add_argument("--config", metavar="FICHIER", help="fichier de configuration (défaut : config.toml)")
    verbs = parser.add_subparsers(required=True, metavar="COMMANDE")
    for module in (commands, workflows.commands, jobs.commands, jobs.forecast, jobs.demo_service, web.commands):
        module.add(verbs)
    secret = verbs.add_parser("secret", help="fabriquer une clé secrète")
    secret.add_argument("--data", action="store_true", help="une clé qui chiffre les identités (data_keys)")
    secret.set_defaults(run=lambda chosen: print(new_key() if chosen.data else secrets.token_urlsafe(48)))
    return parser


def wsgi() -> Any:
    """The web application, put together for gunicorn: the demonstration may move its clock through the jobs.

    Set aside from garbage collection before the workers are forked, its memory stays shared between them. A page
    makes thousands of objects and no cycle to speak of: it is looked for after several pages, not ten times in one.
    """
    built = build(move_demo_clock=jobs.demo.advance)
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return built


if __name__ == "__main__":
    sys.exit(main())
