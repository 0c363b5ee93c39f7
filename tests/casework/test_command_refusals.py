"""Commands asked wrongly, or with nothing behind them: status 2 and a sentence, never a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from casework.__main__ import main
from tests.support.template import KEYS

ADMIN = ("user", "create", "--email", "a@exemple.invalid", "--name", "A", "--password-file")
pytestmark = pytest.mark.database("sqlite")


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEWORK_SECRET_KEY", "une clé d’essai")
    monkeypatch.setenv("CASEWORK_DATA_KEYS", KEYS)
    monkeypatch.setenv("CASEWORK_DATABASE_URL", f"sqlite:///{tmp_path}/vide.db")
    Path("octets").write_bytes(b"\x84\xff")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("journal", "verify"), "casework db upgrade"),
        (("workflows", "check"), "casework db upgrade"),
        (("jobs", "run", "reminders"), "casework db upgrade"),
        ((*ADMIN, "absent"), "absent"),
        ((*ADMIN, "."), "lecture ou écriture refusée"),
        ((*ADMIN, "octets"), "UTF-8"),
        (("--config", ".", "db", "check"), "lecture ou écriture refusée"),
        (("--config", "octets", "db", "check"), "UTF-8"),
        (("schemes", "shift", "--years", "99999", "--to", "ailleurs"), "--years"),
        (("schemes", "shift", "--years", "1", "--to", "octets"), "octets"),
    ],
)
def test_what_a_command_cannot_do_is_said(
    command: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("opendata",), "il manque --year, --to"),
        (("opendata", "--year", "hier", "--to", "x"), "'hier' n’est pas une valeur possible"),
        (("journal", "effacer"), "'effacer' n’existe pas ; au choix : "),
        (("db", "check", "--tout"), "arguments inconnus : --tout"),
        (("opendata", "--year"), "--year : une valeur est attendue"),
    ],
)
def test_a_command_asked_wrongly_is_told_in_french(
    command: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(command)
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert "error" not in told


@pytest.mark.parametrize("address", ["nonsense", "foo://x"])
def test_an_address_of_no_database_is_said(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CASEWORK_DATABASE_URL", address)
    assert main(["db", "upgrade"]) == 2
    assert "database_url" in capsys.readouterr().err


def test_a_database_that_does_not_answer_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CASEWORK_DATABASE_URL", "postgresql+psycopg://personne@127.0.0.1:1/rien")
    assert main(["db", "upgrade"]) == 2
    assert "ne répond pas" in capsys.readouterr().err


def test_a_fresh_database_has_nothing_wrong() -> None:
    assert main(["db", "upgrade"]) == 0
    assert main(["workflows", "check"]) == 0
    assert main(["journal", "verify"]) == 0
