"""The shape of the code, held by tests: where a state changes, where time is read, who imports whom."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import string
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from importlinter.cli import lint_imports

import workflows as every_workflow
from casework import models
from casework.mail import as_html, as_text
from casework.settings import Settings
from workflows import engine
from workflows.letter_texts import NOTICES, Notice
from workflows.letters import letter_of

ROOT = Path(__file__).parents[1]
LAYERS = ("casework", "workflows", "web", "jobs")
SOURCES = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))
LONGEST_FILE = 400
CLOCK = ROOT / "casework" / "clock.py"
TIME_READERS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("func", "now"),
    ("func", "current_timestamp"),
    ("func", "current_date"),
}
NAMED_IN_MESSAGES = {"reference", "title"}
ATTRIBUTES_IN_MESSAGES = {
    "called",
    "id",
    "organisation",
    "reference",
    "scheme_code",
    "scheme_version",
    "state",
    "title",
}


@cache
def stateful() -> frozenset[str]:
    """The models that have a workflow, once every module that may declare one is imported."""
    for module in pkgutil.walk_packages(every_workflow.__path__, "workflows."):
        importlib.import_module(module.name)
    return frozenset(workflow.model.__name__ for workflow in engine.workflows())


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def name_of(node: ast.AST) -> str:
    """The last name of `a.b.c` or `c`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def changes_a_state(node: ast.AST) -> bool:
    """`x.state = …`, `setattr(x, "state", …)`, `update(…).values(state=…)`, `Application(state=…)`."""
    if isinstance(node, ast.Attribute):
        return node.attr == "state" and isinstance(node.ctx, ast.Store)
    if not isinstance(node, ast.Call):
        return False
    called, keywords = name_of(node.func), {keyword.arg for keyword in node.keywords}
    if called in {"setattr", "set_attribute"}:
        return any(isinstance(given, ast.Constant) and given.value == "state" for given in node.args)
    return "state" in keywords and (called == "values" or called in stateful())


def reads_the_time(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return (name_of(node.func.value), node.func.attr) in TIME_READERS


@pytest.mark.parametrize(
    "code",
    [
        "case.state = 'closed'",
        "case.state, x = 'closed', 1",
        "setattr(case, 'state', 'closed')",
        "sa.update(Application).values(state='closed')",
        "Application(state='closed')",
    ],
)
def test_the_detector_sees_every_way_of_changing_a_state(code: str) -> None:
    assert any(changes_a_state(node) for node in ast.walk(ast.parse(code)))


def test_only_the_engine_changes_a_state() -> None:
    assert [place(path, node) for path in SOURCES for node in nodes(path) if changes_a_state(node)] == []


def test_time_is_read_in_one_place() -> None:
    assert any(reads_the_time(node) for node in nodes(CLOCK))
    elsewhere = [path for path in SOURCES if path != CLOCK]
    assert [place(path, node) for path in elsewhere for node in nodes(path) if reads_the_time(node)] == []


def test_layers_import_one_way(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(cache_dir=None)
    assert status == 0, capsys.readouterr().out


def test_no_file_is_too_long_to_be_read() -> None:
    shells = [path for kind in ("html", "css", "js") for path in (ROOT / "web").rglob(f"*.{kind}")]
    written = [path for path in (*SOURCES, *shells) if "vendor" not in path.parts]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in written}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_table_is_known_to_the_migrations() -> None:
    listed = {module.__name__ for module in models.TABLES}
    declaring = {
        f"casework.{path.stem}"
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.ClassDef) and any(name_of(base) == "Base" for base in node.bases)
    }
    assert declaring == listed


def test_messages_name_only_the_case() -> None:
    """What a letter says: the case's reference and its title, never a person who takes part in the project."""
    strange = [
        f"{notice.code} {field}"
        for notice in NOTICES.values()
        for _, field, _, _ in string.Formatter().parse(notice.sentence + notice.subject)
        if field is not None and field not in NAMED_IN_MESSAGES
    ]
    assert strange == []


class Watched:
    """Any case; it remembers what was read of it."""

    def __init__(self) -> None:
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return SimpleNamespace(name="Les Ateliers", title="Mobilité") if name.startswith(("org", "scheme_v")) else name


@pytest.mark.parametrize("notice", NOTICES.values(), ids=lambda notice: notice.code)
def test_the_body_of_a_message_reads_nothing_else_of_a_case(notice: Notice) -> None:
    case: Any = Watched()
    settings = Settings(public_url="http://exemple.invalid", funder="Le Département")
    letter = letter_of(notice, case, settings, answers={"reason": "Pièce absente"}, due_on=date(2026, 3, 31))
    for text in (as_text(letter, settings), as_html(letter, settings)):
        assert "Motif : Pièce absente" in text
        assert "mardi 31 mars 2026" in text
    assert case.read <= ATTRIBUTES_IN_MESSAGES


def test_templates_hold_no_inline_script_nor_style() -> None:
    inline = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE)
    assert [str(path) for path in TEMPLATES if inline.search(path.read_text(encoding="utf-8"))] == []


def test_no_test_is_set_aside() -> None:
    aside = re.compile(r"pytest\.(skip|xfail|importorskip)|mark\.(skip|xfail)")
    tests = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__)]
    assert [str(path) for path in tests if aside.search(path.read_text(encoding="utf-8"))] == []
