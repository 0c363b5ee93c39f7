"""The Chromium that the browser tests drive: the one of $CHROMIUM, an installed one, Playwright's, else apt's."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium-headless-shell", "chromium")
"""The same browser without its window first: a third quicker."""
MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ABSENT = (
    "Chromium est introuvable. Installez-le (Debian : apt-get install chromium ; macOS : "
    ".venv/bin/playwright install chromium), ou donnez son chemin dans CHROMIUM."
)


class ChromiumAbsent(Exception):
    """No browser can be found nor installed; the message says what to do."""


def executable(playwrights_own: str = "") -> str:
    """The path of a Chromium; installed with apt where we are root. Raises ChromiumAbsent.

    `playwrights_own` is `playwright.chromium.executable_path`, which may not exist.
    """
    found = _found(playwrights_own)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = _found(playwrights_own)
    if found is None:
        raise ChromiumAbsent(ABSENT)
    return found


def _found(playwrights_own: str) -> str | None:
    candidates = (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), *MAC, playwrights_own)
    return next((path for path in candidates if path and Path(path).exists()), None)


def _install() -> None:
    """One worker installs while the others wait."""
    with (Path(tempfile.gettempdir()) / "casework-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _found("") is not None:
            return
        _apt("update", "-qq")
        for package in PACKAGES:
            if _apt("install", "-y", "-qq", "--no-install-recommends", package):
                return


def _apt(*command: str) -> bool:
    """True when it did what was asked."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", *command], check=False, env=quiet, stdout=subprocess.DEVNULL)
    return done.returncode == 0
