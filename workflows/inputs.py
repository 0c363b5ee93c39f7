"""What an action asks the person: declared once, drawn as a form by the screen, read and checked here by marshmallow.

Amounts come out in cents, dates as `date`, per cents as int, empty optional answers as None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import marshmallow as ma

from casework.amounts import AmountError, parse_euros
from casework.errors import InvalidInput
from casework.french import counted

TEXT_MAX = 200
REFERENCE_MAX = 80
LONG_TEXT_MAX = 20_000


@dataclass(frozen=True)
class Input:
    """One answer. `kind`: text | long_text | money | date | birth_date | time | integer | decimal | percent | choice |
    choices | yes_no.

    `value` is what is proposed. `choices` gives (code, label) pairs. `limit`: the longest `text`, in characters, never
    more than its column holds: PostgreSQL refuses what SQLite would keep. `bounds`: the
    smallest and the largest `integer`.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    value: Any = None
    limit: int = TEXT_MAX
    bounds: tuple[int, int] = (0, 10_000_000)


REASON = Input("reason", "Motif", "long_text", help="Il est conservé dans l’historique et communiqué au porteur.")

_MESSAGES = {
    "required": "Cette réponse est obligatoire.",
    "null": "Cette réponse est obligatoire.",
    "invalid": "Cette réponse n’est pas comprise.",
    "invalid_string": "Cette réponse n’est pas comprise.",
}


class Euros(ma.fields.Field[int]):
    """An amount typed by a person ("1 234,50 €"), in cents, never negative."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        try:
            return parse_euros(str(value))
        except AmountError as error:
            raise ma.ValidationError(error.sentence) from None


class FrenchDate(ma.fields.Field[date]):
    """A date from a date picker (2024-03-31) or typed in French (31/03/2024), not before the year `earliest`."""

    def __init__(self, *, earliest: int = 1990, **options: Any) -> None:
        super().__init__(**options)
        self.earliest = earliest

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        text = str(value).strip()
        try:
            if "/" in text:
                day, month, year = (int(part) for part in text.split("/"))
                found = date(year, month, day)
            else:
                found = date.fromisoformat(text)
        except ValueError:
            raise ma.ValidationError("Cette date n’existe pas : écrivez-la sous la forme 31/03/2024.") from None
        if not self.earliest <= found.year <= 2100:
            raise ma.ValidationError("Cette date est trop éloignée pour être juste.")
        return found


class Hour(ma.fields.Field[str]):
    """An hour of the day ("14:05", « 14 h 05 », « 14h »), given back as "14:05"."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        found = re.fullmatch(r"(\d{1,2})\s*[:hH]\s*(\d{2})?", str(value).strip())
        hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
        if hour > 23 or minute > 59:
            raise ma.ValidationError("Cette heure n’est pas comprise : écrivez-la sous la forme 14:30.")
        return f"{hour:02d}:{minute:02d}"


class Several(ma.fields.List[str]):
    """Several boxes ticked; a single one may come as a plain text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        return super()._deserialize([value] if isinstance(value, str) else value, attr, data, **kwargs)


class FrenchDecimal(ma.fields.Field[str]):
    """A number with two decimals at most ("0,67"), never negative; kept as French people write it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = str(value).replace(".", ",").strip()
        if not re.fullmatch(r"\d{1,6}(,\d{1,2})?", text):
            raise ma.ValidationError("Écrivez un nombre, avec deux décimales au plus, par exemple 1,5.")
        return text


def decimal_of(text: Any) -> Decimal | None:
    """The number that a FrenchDecimal answer says, None when there is none."""
    return Decimal(str(text).replace(",", ".")) if text not in (None, "") else None


_PLAIN: dict[str, type[ma.fields.Field[Any]]] = {
    "money": Euros,
    "date": FrenchDate,
    "time": Hour,
    "decimal": FrenchDecimal,
}


def _whole(low: int, high: int, sentence: str) -> ma.fields.Integer:
    return ma.fields.Integer(
        validate=ma.validate.Range(low, high, error=sentence), error_messages={"invalid": "Écrivez un nombre entier."}
    )


def field_for(item: Input) -> ma.fields.Field[Any]:
    """The marshmallow field that reads this input."""
    field = _field(item)
    field.required = item.required
    field.allow_none = not item.required
    field.load_default = ma.missing if item.required else None
    field.error_messages = (
        _MESSAGES | field.error_messages | {"required": _MESSAGES["required"], "null": _MESSAGES["null"]}
    )
    return field


def _field(item: Input) -> ma.fields.Field[Any]:
    match item.kind:
        case "money" | "date" | "time" | "decimal":
            return _PLAIN[item.kind]()
        case "birth_date":
            return FrenchDate(earliest=1900)
        case "integer":
            low, high = item.bounds
            return _whole(
                low, high, f"Écrivez un nombre entre {counted(low, '').strip()} et {counted(high, '').strip()}."
            )
        case "percent":
            return _whole(0, 100, "Écrivez un pourcentage entre 0 et 100.")
        case "choice":
            codes = [code for code, _ in item.choices]
            return ma.fields.String(validate=ma.validate.OneOf(codes, error="Choisissez une des réponses proposées."))
        case "choices":
            codes = [code for code, _ in item.choices]
            one = ma.validate.OneOf(codes, error="Choisissez parmi les réponses proposées.")
            return Several(ma.fields.String(validate=one))
        case "yes_no":
            return ma.fields.Boolean(truthy={"oui", "1", True}, falsy={"non", "0", False})
        case "long_text":
            return ma.fields.String(validate=_length(LONG_TEXT_MAX))
        case "text":
            return ma.fields.String(validate=_length(item.limit))
    raise ValueError(f"unknown kind of input: {item.kind}")


def _length(limit: int) -> ma.validate.Length:
    return ma.validate.Length(max=limit, error=f"Ce texte est trop long : {counted(limit, 'caractère')} au plus.")


def optional(inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """The same inputs, none of them required: a draft is saved as it goes."""
    return tuple(replace(item, required=False) for item in inputs)


def read(inputs: tuple[Input, ...], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a person, typed; InvalidInput names every field that is missing or not understood."""
    schema = ma.Schema.from_dict({item.name: field_for(item) for item in inputs})(unknown=ma.EXCLUDE)
    try:
        return dict(schema.load({item.name: _clean(raw[item.name]) for item in inputs if item.name in raw}))
    except ma.ValidationError as error:
        raise InvalidInput({name: _sentences(said) for name, said in error.messages_dict.items()}) from None


def _sentences(said: Any) -> list[str]:
    """The sentences of one field, whether it holds one value or several."""
    return list(said) if isinstance(said, list) else [text for texts in said.values() for text in texts]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\x00", "").strip() or None
    return value
