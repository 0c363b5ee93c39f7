"""A worker of the mail queue in a process of its own, to be killed: `python -m tests.support.worker URL PORT`.

It says that it is ready; with a third word it then waits for a line before it sends.
"""

from __future__ import annotations

import sys
from pathlib import Path

from casework.clock import SystemClock
from casework.db import make_engine, make_sessions
from casework.settings import Settings
from casework.storage import Storage
from jobs import outbox
from jobs.work import Means


def main(url: str, port: str, wait: str = "") -> None:
    settings = Settings(smtp_host="127.0.0.1", smtp_port=int(port), smtp_tls="none", smtp_timeout_seconds=5)
    clock = SystemClock()
    sessions = make_sessions(make_engine(url))
    print("ready", flush=True)
    if wait:
        sys.stdin.readline()
    outcome = outbox.run(Means(sessions, settings, Storage(Path("/nonexistent")), clock.now(), clock))
    print(outcome, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
