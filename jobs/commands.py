"""`casework jobs`: the scheduler's process, or one job by hand."""

from __future__ import annotations

import argparse
from datetime import datetime, time
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from casework.clock import Clock, FixedClock, SystemClock, paris_instant
from casework.commands import open_sessions, open_storage, read_settings
from casework.errors import Refused
from casework.settings import Settings
from jobs.demo import demo_clock
from jobs.leader import leader_for
from jobs.runner import rehearse, run_job
from jobs.schedule import JOBS, SCHEDULE
from jobs.scheduler import Scheduler
from jobs.work import Outcome

MORNING = time(8, 0)


def add(verbs: Any) -> None:
    parser = verbs.add_parser("jobs", help="lancer le planificateur, ou une tâche à la main")
    parser.set_defaults(run=_serve)
    actions = parser.add_subparsers()
    run = actions.add_parser("run", help="lancer une tâche maintenant")
    run.add_argument("name", choices=sorted(JOBS), metavar="TÂCHE", help=", ".join(JOBS))
    run.add_argument("--now", metavar="AAAA-MM-JJ", help="faire comme si nous étions ce jour-là, à 8 h")
    run.add_argument("--dry-run", action="store_true", help="faire le même travail, puis tout annuler et compter")
    run.set_defaults(run=_run)
    listed = actions.add_parser("list", help="les tâches et leurs horaires")
    listed.set_defaults(run=_list)


def _serve(arguments: argparse.Namespace) -> None:
    settings = read_settings(arguments)
    engine, sessions = open_sessions(settings)
    Scheduler(
        sessions, settings, open_storage(settings), lambda: _clock(settings, sessions), leader_for(engine, sessions)
    ).serve()


def _run(arguments: argparse.Namespace) -> int:
    settings, job = read_settings(arguments), JOBS[arguments.name]
    engine, sessions = open_sessions(settings)
    clock = FixedClock(_instant(arguments.now)) if arguments.now else _clock(settings, sessions)
    if arguments.dry_run:
        outcome = rehearse(job, engine, settings, open_storage(settings), clock)
        print("Répétition : rien n’est gardé, envoyé ni supprimé.")
    else:
        outcome = run_job(job, sessions, settings, open_storage(settings), clock, by_hand=True)
    return _told(job.label, outcome)


def _told(label: str, outcome: Outcome) -> int:
    print(f"{label} : {outcome.done} fait(s), {outcome.failed} en échec. {outcome.error} {outcome.note}".strip())
    return 1 if outcome.failed else 0


def _clock(settings: Settings, sessions: sessionmaker[Session]) -> Clock:
    if not settings.demo:
        return SystemClock()
    with sessions() as session:
        return demo_clock(session)


def _instant(day: str) -> datetime:
    try:
        return paris_instant(datetime.strptime(day, "%Y-%m-%d").date(), MORNING)  # noqa: DTZ007
    except ValueError:
        raise Refused([f"« {day} » n’est pas une date : écrivez-la AAAA-MM-JJ."]) from None


def _list(arguments: argparse.Namespace) -> None:
    for job in SCHEDULE:
        print(f"{job.name:<12} {job.when:<28} {job.label}")
