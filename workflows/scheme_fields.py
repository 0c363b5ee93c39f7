"""The kinds of values that a scheme's file may hold, each with its French reason when the value is another one.

Nothing is converted: a number in quotes or a date in words is a mistake of the file, not something to guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, post_load, validate

SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*")


class _Whole(fields.Integer):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class _Flag(fields.Boolean):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class _Day(fields.Field[date]):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.make_error("invalid") from None


class Record(Schema):
    """A table of the file, loaded as the dataclass `record`. A key that no attribute declares is refused."""

    record: ClassVar[type]

    class Meta:
        unknown = RAISE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages |= {"unknown": "clé inconnue", "type": "table attendue"}

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.record(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def text(
    *, optional: bool = False, one_of: Iterable[str] = (), pattern: re.Pattern[str] | None = None
) -> fields.String:
    checks: list[Any] = [validate.Length(min=1, error="texte vide")]
    if accepted := tuple(one_of):
        checks.append(
            validate.OneOf(accepted, error=f"valeur inconnue « {{input}} » ; admises : {', '.join(accepted)}")
        )
    if pattern:
        checks.append(validate.Regexp(re.compile(rf"(?:{pattern.pattern})\Z"), error="forme inattendue : « {input} »"))
    return fields.String(validate=checks, **_options("texte attendu", optional=optional))


def texts(*, one_of: Iterable[str] = (), optional: bool = False) -> fields.List[Any]:
    return _list(text(one_of=one_of), optional=optional)


def whole(*, least: int = 0, most: int | None = None, optional: bool = False) -> fields.Integer:
    bounds = f"{least} au moins" if most is None else f"de {least} à {most}"
    check = validate.Range(min=least, max=most, error=f"hors limites : {bounds}")
    return _Whole(validate=check, **_options("nombre entier attendu", optional=optional))


def call_line(*, optional: bool = False) -> fields.Integer:
    """A line of the call for projects."""
    return whole(least=1, optional=optional)


def flag(*, default: bool | None = None) -> fields.Boolean:
    options = _options("true ou false attendu", optional=False)
    if default is not None:
        options = {**options, "required": False, "load_default": default}
    return _Flag(**options)


def day(*, optional: bool = False) -> fields.Field[date]:
    """A day, as TOML gives it or as an ISO text."""
    return _Day(**_options("date attendue (AAAA-MM-JJ)", optional=optional))


def table(schema: type[Record], *, optional: bool = False) -> fields.Nested:
    return fields.Nested(schema, **_options("table attendue", optional=optional))


def tables(schema: type[Record], *, least: int = 0) -> fields.List[Any]:
    check = validate.Length(min=least, error=f"{least} au moins")
    return _list(table(schema), optional=least == 0, validate=check)


def call_lines() -> fields.List[Any]:
    """The first and the last line of a sheet."""
    return _list(call_line(), optional=False, validate=validate.Length(equal=2, error="deux lignes attendues"))


def lines() -> fields.List[Any]:
    """Lines of the call, one for each value of another list; none where nothing says them."""
    return _list(call_line(), optional=True)


def _list(item: fields.Field[Any], *, optional: bool, **options: Any) -> fields.List[Any]:
    given: Mapping[str, Any] = {"load_default": ()} if optional else {"required": True}
    return fields.List(item, error_messages=_messages("liste attendue"), **given, **options)


def _options(invalid: str, *, optional: bool) -> dict[str, Any]:
    presence = {"load_default": None, "allow_none": True} if optional else {"required": True}
    return {"error_messages": _messages(invalid), **presence}


def _messages(invalid: str) -> dict[str, Any]:
    return {"required": "clé obligatoire absente", "null": "valeur absente", "invalid": invalid, "type": invalid}
