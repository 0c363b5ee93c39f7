"""From what the domain asks (`Input`) to what the page draws (`ui.field`), and from the form back to raw answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework.amounts import euros
from casework.french import listed, long_date
from workflows.inputs import Input

KINDS = {
    "long_text": "textarea",
    "integer": "number",
    "percent": "number",
    "choices": "checkboxes",
    "birth_date": "date",
    "decimal": "text",
}
MOST_RADIOS = 6


@dataclass(frozen=True)
class Field:
    """One control, ready to draw. `kind` is one of the kinds of `ui.field`; `value` is what was typed, else stored."""

    name: str
    label: str
    kind: str
    value: Any
    required: bool
    hint: str | None
    choices: tuple[tuple[str, str], ...]
    attrs: Mapping[str, Any]


def drawn(item: Input, typed: Mapping[str, Any] | None = None, *, note: str = "") -> Field:
    """The control of this input: with what was typed when there is something, else with the value it proposes.

    `note` is added to its help.
    """
    value = typed.get(item.name) if typed is not None else item.value
    hint = " ".join(text for text in (item.help, note) if text) or None
    attrs = {"long_text": {"rows": "6"}, "decimal": {"inputmode": "decimal"}}.get(item.kind, {})
    return Field(item.name, item.label, _kind(item), value, item.required, hint, item.choices, attrs)


def _kind(item: Input) -> str:
    if item.kind == "choice":
        return "radio" if len(item.choices) <= MOST_RADIOS else "select"
    return KINDS.get(item.kind, item.kind)


def typed_answers(items: Iterable[Input], form: Any) -> dict[str, Any]:
    """What was typed for each input, every one present: an emptied box or an unticked list is an answer too."""
    return {item.name: form.getlist(item.name) if item.kind == "choices" else form.get(item.name, "") for item in items}


def stored_answers(items: Iterable[Input]) -> dict[str, Any]:
    """What is stored for each input, written as a form sends it."""
    return {item.name: _as_typed(item.value, item.kind) for item in items}


def _as_typed(value: Any, kind: str) -> Any:
    if kind == "choices":
        return [str(one) for one in value or ()]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def said(item: Input) -> str:
    """The stored answer as a sentence to read, "" when there is none."""
    value = item.value
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, date):
        return long_date(value)
    if item.kind == "money":
        return euros(value)
    labels = dict(item.choices)
    if isinstance(value, list):
        return listed([labels.get(str(one), str(one)) for one in value])
    return labels.get(str(value), str(value))
