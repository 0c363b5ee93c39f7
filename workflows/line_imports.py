"""Lines brought back in a workbook, each one read as the form reads it: every wrong line is said, nothing by half."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from casework import spreadsheets
from casework.errors import InvalidInput
from casework.search import folded
from casework.spreadsheets import Column
from workflows.inputs import Input, read

Checked = Callable[[dict[str, Any]], Mapping[str, str]]


def columns_of(inputs: Sequence[Input]) -> tuple[Column, ...]:
    """The columns of the model to fill in: one for each input, with its choices."""
    return tuple(Column(item.label, width=30, choices=tuple(label for _, label in item.choices)) for item in inputs)


def lines_in(content: bytes, inputs: Sequence[Input], check: Checked, *, most: int) -> list[dict[str, Any]]:
    """The answers of each line. Raises InvalidInput("file") with what is wrong, line by line."""
    found, problems = [], []
    for line in spreadsheets.read(content, [item.label for item in inputs], most=most):
        wrong = [f"Ligne {line.number} : {text}" for text in line.problems]
        if not wrong:
            answers, wrong = _read(line.number, line.cells, inputs, check)
            found.append(answers)
        problems += wrong
    if problems:
        raise InvalidInput({"file": problems})
    return found


def _read(
    number: int, cells: Mapping[str, str], inputs: Sequence[Input], check: Checked
) -> tuple[dict[str, Any], list[str]]:
    typed = {item.name: _coded(item, cells[item.label]) for item in inputs}
    try:
        answers = read(tuple(inputs), typed)
        errors = {name: [sentence] for name, sentence in check(answers).items()}
    except InvalidInput as error:
        answers, errors = {}, {name: list(sentences) for name, sentences in error.errors.items()}
    labels = {item.name: item.label for item in inputs}
    return answers, [
        f"Ligne {number}, {labels.get(name, name)} : {sentence}"
        for name, sentences in errors.items()
        for sentence in sentences
    ]


def _coded(item: Input, cell: str) -> str:
    """A choice is written by its words: « Webinaire » is the code "webinar"; anything else is refused as it is."""
    if not item.choices:
        return cell
    return next((code for code, label in item.choices if folded(label) == folded(cell)), cell)
