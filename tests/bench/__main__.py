"""`python -m tests.bench`: measure the service, beside a floor where there is one; print a table, write var/bench.json.

`--only PART` (may be repeated): pages, transitions, growth, rules, deadlines, mail or
journeys. `--database`: one engine only.
`--quick`: fewer rounds, and 30,000 cases in place of 100,000, 300,000 deadlines in place of 1,000,000,
30,000 journeys in place of 200,000.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from casework.clock import SystemClock
from tests.bench import deadlines, journeys, mail, pages, rules
from tests.bench.data import ordinary_plans
from tests.bench.databases import Databases
from tests.bench.figures import Figure, table
from tests.support.databases import KINDS

PARTS = ("pages", "transitions", "growth", "rules", "deadlines", "mail", "journeys")
WHERE = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
WRITTEN = Path("var/bench.json")


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    effort = pages.QUICK if arguments.quick else pages.FULL
    found: list[Figure] = []
    for figure in _figures(
        effort, set(arguments.only or PARTS), arguments.database or list(KINDS), quick=arguments.quick
    ):
        found.append(figure)
        print(f"  {table([figure]).splitlines()[1]}", file=sys.stderr, flush=True)
    print(table(found))
    missed = [figure for figure in found if figure.ok is False]
    print(f"\n{len(missed)} target(s) not met." if missed else "\nEvery target is met.")
    if arguments.quick:
        print(f"Quick run: {effort.large:,} cases stand for 100,000.")
    _write(found, quick=arguments.quick)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the service beside a floor.")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part only (may be repeated)")
    parser.add_argument("--database", action="append", choices=KINDS, help="this engine only")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller databases")
    return parser.parse_args()


def _figures(effort: pages.Effort, parts: set[str], kinds: list[str], *, quick: bool) -> Iterator[Figure]:
    with Databases.opened(ordinary_plans()) as databases:
        if "rules" in parts:
            yield from rules.measure(databases.told, effort.rounds)
        for kind in kinds:
            yield from pages.measure(databases, kind, effort, parts)
            if "deadlines" in parts:
                yield from deadlines.measure(databases, kind, WHERE[kind], quick=quick)
            if "mail" in parts:
                yield from mail.measure(databases, kind, WHERE[kind], quick=quick)
            if "journeys" in parts:
                yield from journeys.measure(kind, WHERE[kind], effort.rounds, quick=quick)


def _write(found: list[Figure], *, quick: bool) -> None:
    WRITTEN.parent.mkdir(exist_ok=True)
    report = {
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "quick": quick,
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]},
        "figures": [figure.as_dict() for figure in found],
    }
    WRITTEN.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
