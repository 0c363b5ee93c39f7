"""Mail a second: workers in processes of their own empty a full outbox into a local SMTP server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from casework.clock import SystemClock, paris_day
from casework.db import make_engine
from casework.mail import Day, Item, Letter, Section, as_calendar, as_html, as_text
from casework.outbox import Message
from casework.settings import Settings
from tests.bench.databases import Databases
from tests.bench.figures import Figure
from tests.bench.servers import ROOT, NoAnswer
from tests.support.means import queue

A_SECOND, TWO_WORKERS = 150, 1.6
FULL, QUICK = 3_000, 600
LINES = 8
"""What an ordinary morning summary holds."""


def measure(databases: Databases, kind: str, where: str, *, quick: bool) -> Iterator[Figure]:
    """Messages a second with one worker, then with two; two are asked of PostgreSQL only, which shares the queue."""
    number = QUICK if quick else FULL
    url = databases.new(kind, 1_000)
    place = f"{where}, {number:,} messages"
    with sink() as port:
        one = _a_second(url, port, number, workers=1)
        yield Figure("mail, one worker", place, one, "/s", least=A_SECOND)
        two = _a_second(url, port, number, workers=2)
        asked = TWO_WORKERS if kind == "postgres" else None
        yield Figure("mail, two workers", place, two, "/s", floor=one, least=asked)


@contextmanager
def sink() -> Iterator[int]:
    """A server that receives; its port."""
    command = [sys.executable, "-m", "tests.bench.sink"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _a_second(url: str, port: int, number: int, *, workers: int) -> float:
    """From the word given to workers that are ready, to the stamp of the last message."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.delete(Message))
        queue(connection, number, at=SystemClock().now(), **_summary())
    command = [sys.executable, "-m", "tests.support.worker", url, str(port), "wait"]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    began = SystemClock().now()
    for process in running:
        _tell(process)
    for process in running:
        process.wait()
    with engine.connect() as connection:
        left, last = connection.execute(
            sa.select(sa.func.count().filter(Message.sent_at.is_(None)), sa.func.max(Message.sent_at))
        ).one()
    engine.dispose()
    if left:
        raise NoAnswer(f"{left} messages were not sent")
    return number / float((last - began).total_seconds())


def _tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _summary() -> dict[str, Any]:
    """The content of the summary of an ordinary morning: text, HTML and a calendar."""
    now, settings = SystemClock().now(), Settings(secret_key="bench")
    day = paris_day(now)
    lines = tuple(
        Item(
            f"Transmettre le bilan final n° {rank}",
            "https://casework.exemple.fr/dossiers/12",
            "vendredi 27 novembre 2026 (dans 3 jours)",
        )
        for rank in range(LINES)
    )
    letter = Letter(
        "Récapitulatif du jour",
        ("Voici où vous en êtes.",),
        sections=(Section("Cette semaine", (("2024-3.5-0012 – Chantier d’insertion du marais", lines),)),),
        link=("Voir tout ce que vous avez à faire", "https://casework.exemple.fr/a-faire"),
    )
    days = tuple(
        Day(f"echeance-{rank}", day + timedelta(days=rank), line.text, line.href) for rank, line in enumerate(lines)
    )
    return {
        "subject": letter.subject,
        "body": as_text(letter, settings),
        "html": as_html(letter, settings),
        "ics": as_calendar(days, at=now),
    }
