"""`casework jobs`: the scheduler's process, or one job by hand."""

from __future__ import annotations

import argparse
from typing import Any

from casework.clock import Clock, SystemClock
from casework.commands import open_sessions, open_storage, read_settings
from jobs.demo import demo_clock
from jobs.leader import leader_for
from jobs.runner import run_job
from jobs.schedule import JOBS, SCHEDULE
from jobs.scheduler import Scheduler


def add(verbs: Any) -> None:
    parser = verbs.add_parser("jobs", help="lancer le planificateur, ou une tâche à la main")
    parser.set_defaults(run=_serve)
    actions = parser.add_subparsers()
    run = actions.add_parser("run", help="lancer une tâche maintenant")
    run.add_argument("name", choices=sorted(JOBS))
    run.set_defaults(run=_run)
    listed = actions.add_parser("list", help="les tâches et leurs horaires")
    listed.set_defaults(run=_list)


def _serve(arguments: argparse.Namespace) -> None:
    settings = read_settings(arguments)
    engine, sessions = open_sessions(settings)

    def clock() -> Clock:
        if not settings.demo:
            return SystemClock()
        with sessions() as session:
            return demo_clock(session)

    Scheduler(sessions, settings, open_storage(settings), clock, leader_for(engine, sessions)).serve()


def _run(arguments: argparse.Namespace) -> int:
    settings = read_settings(arguments)
    _, sessions = open_sessions(settings)
    with sessions() as session:
        clock = demo_clock(session) if settings.demo else SystemClock()
    outcome = run_job(JOBS[arguments.name], sessions, settings, open_storage(settings), clock)
    print(f"{JOBS[arguments.name].label} : {outcome.done} fait(s), {outcome.failed} en échec. {outcome.error}".strip())
    return 1 if outcome.failed else 0


def _list(arguments: argparse.Namespace) -> None:
    for job in SCHEDULE:
        print(f"{job.name:<14} minute {job.minute:<4} heures {job.hour:<9} {job.label}")
