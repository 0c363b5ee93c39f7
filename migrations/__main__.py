"""Write a migration from the difference between the models and a freshly migrated database.

`python -m migrations "Say who validated a report"` writes the next numbered file, to be read before it is committed.
`python -m migrations --first` writes 0001 again, from nothing: only while no database is in service.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from casework.db import make_engine
from casework.schema import alembic_config, upgrade

VERSIONS = Path(__file__).parent / "versions"
FIRST = "Create the first schema"
GUARDS = """
    dialect = op.get_bind().dialect.name
    guards = (journal.guard_ddl, money.guard_ddl, money.four_eyes_ddl, participants.guard_ddl)
    for statement in (statement for guard in guards for statement in guard(dialect)):
        op.execute(statement)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m migrations", description=__doc__)
    parser.add_argument("message", nargs="?", help="what the step does, as a sentence")
    parser.add_argument("--first", action="store_true", help="write 0001 again")
    arguments = parser.parse_args()
    if bool(arguments.message) == arguments.first:
        parser.error("give either a sentence or --first")
    path = write_first() if arguments.first else write_next(arguments.message)
    for action in (("format",), ("check", "--fix", "--exit-zero"), ("format",)):
        subprocess.run([sys.executable, "-m", "ruff", *action, "--quiet", str(path)], check=True)


def write_next(message: str) -> Path:
    heads = ScriptDirectory.from_config(alembic_config()).get_heads()
    return _write(message, number=int(heads[0]) + 1, batch=True)


def write_first() -> Path:
    for old in VERSIONS.glob("[0-9]*.py"):
        old.unlink()
    path = _write(FIRST, number=1, batch=False)
    text = path.read_text(encoding="utf-8")
    text = text.replace("import op\n", "import op\n\nfrom casework import journal, money, participants\n", 1)
    text = text.replace("\n\n\ndef downgrade", f"{GUARDS}\n\ndef downgrade", 1)
    path.write_text(text, encoding="utf-8")
    return path


def _write(message: str, *, number: int, batch: bool) -> Path:
    """The difference is taken on a new SQLite file: autogeneration needs a database that has all earlier steps."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/empty.db")
        upgrade(engine)
        config = alembic_config()
        config.attributes |= {"engine": engine, "batch": batch}
        script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
        engine.dispose()
    path = Path(script.path)  # type: ignore[union-attr]
    text = re.sub(r"\n *# #+ .*(?=\n)", "", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
