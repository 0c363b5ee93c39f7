"""Wait for something that another process or thread does, never longer than said."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Poll until the condition holds; how long it took. Fails with `what` after the deadline."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - started
