"""`casework forecast`: what will fall due and be sent, from the real database, without changing anything."""

from __future__ import annotations

import argparse
import json
from datetime import date
from typing import Any

from casework.clock import SystemClock, paris_day
from casework.commands import open_sessions, read_settings
from casework.db import reading
from casework.errors import Refused
from casework.french import counted, short_date
from casework.recipients import roles_in_words
from jobs.demo import demo_clock
from workflows.forecast import Falling, Forecast, forecast

MOST_DAYS = 800


def add(verbs: Any) -> None:
    parser = verbs.add_parser("forecast", help="ce qui va arriver à échéance et être rappelé")
    parser.add_argument("--days", type=int, default=90, metavar="JOURS", help="combien de jours (défaut : 90)")
    parser.add_argument("--now", metavar="AAAA-MM-JJ", help="faire comme si nous étions ce jour-là")
    parser.add_argument("--json", action="store_true", help="répondre en JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    if not 1 <= arguments.days <= MOST_DAYS:
        raise Refused([f"Demandez de 1 à {MOST_DAYS} jours."])
    settings = read_settings(arguments)
    _, sessions = open_sessions(settings)
    with sessions() as session:
        reading(session)
        clock = demo_clock(session) if settings.demo else SystemClock()
        today = _day(arguments.now) if arguments.now else paris_day(clock.now())
        found = forecast(session, today=today, days=arguments.days, ladder=settings.reminder_steps)
    if arguments.json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(found)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused([f"« {text} » n’est pas une date : écrivez-la AAAA-MM-JJ."]) from None


def lines(found: Forecast) -> list[str]:
    """The forecast as text: what falls due, then what is sent."""
    late = [one for one in found.deadlines if one.late]
    due = [one for one in found.deadlines if not one.late]
    said = [f"Du {short_date(found.first)} au {short_date(found.last)}"]
    for title, some in (("En retard", late), ("À échéance", due)):
        said.append(f"\n{title} : {counted(len(some), 'échéance')}")
        said += [f"{short_date(one.due_on)}  {one.reference:<14} {_falling(one)}" for one in some]
    said.append(f"\nÀ rappeler : {counted(len(found.reminders), 'rappel')}")
    said += [
        f"{short_date(one.on)}  {one.reference:<14} {one.label}, J{one.step:+d} → {roles_in_words(one.roles)}"
        f" ({counted(one.people, 'personne')})"
        for one in found.reminders
    ]
    return said


def _falling(one: Falling) -> str:
    return f"{one.label} – {roles_in_words((one.owed_by,))} ({one.source})"
