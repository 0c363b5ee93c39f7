"""The catalogue of schemes: read from TOML, checked, kept as JSON, compared, moved to another year.

The files are in `workflows/schemes/<campaign>/`, one per sheet of the call. A wrong file is refused as a whole, with
every problem found in it.
"""

from __future__ import annotations

import calendar
import dataclasses
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import tomli_w
from marshmallow import ValidationError

from casework.errors import CaseworkError
from workflows.scheme import Scheme
from workflows.scheme_schema import SchemeSchema

SCHEMES_DIRECTORY = Path(__file__).parent / "schemes"
_LINE_QUOTED = re.compile(r" ?\(l\.[^)]*\)|,? ?\bl\.\d+(?:[-–]\d+)?(?:, \d+(?:[-–]\d+)?)*")
_IDENTITIES = ("key", "name", "point")


class CatalogueError(CaseworkError):
    """A scheme is refused. `problems` are sentences: file, key path, reason in French, one per problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Difference:
    """One value that changed. `path` as in `funding.indirect.rate_pct`; None before (after) when it did not exist."""

    path: str
    before: Any
    after: Any


def read_file(path: Path) -> Scheme:
    """The scheme of one TOML file. `CatalogueError` where it cannot be read or is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError([f"{path} : fichier illisible ({error.strerror})"]) from error
    except UnicodeDecodeError as error:
        raise CatalogueError([f"{path} : le fichier n’est pas en UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError([f"{path} : TOML mal formé ({error})"]) from error
    return from_dict(content, source=str(path))


def read_dir(path: Path) -> dict[str, Scheme]:
    """Every scheme of a directory by code, in the order of the sheets. All the files' problems come together."""
    files = sorted(path.glob("*.toml"))
    if not files:
        raise CatalogueError([f"{path} : aucun fichier TOML"])
    schemes: dict[str, Scheme] = {}
    problems: list[str] = []
    for file in files:
        try:
            scheme = read_file(file)
        except CatalogueError as error:
            problems += error.problems
            continue
        if scheme.code in schemes:
            problems.append(f"{file} : code : la fiche {scheme.code} figure déjà dans un autre fichier")
        schemes[scheme.code] = scheme
    if problems:
        raise CatalogueError(problems)
    return dict(sorted(schemes.items(), key=lambda item: sheet_number(item[0])))


def sheet_number(code: str) -> tuple[int, ...]:
    """What sorts codes as people do: 3.2 before 3.10."""
    return tuple(int(part) for part in code.split("."))


def from_dict(content: Mapping[str, Any], *, source: str = "fiche") -> Scheme:
    """The scheme that `to_dict` (or a TOML file) wrote; `source` begins each problem of a `CatalogueError`."""
    try:
        return cast(Scheme, SchemeSchema().load(content))
    except ValidationError as error:
        problems = [f"{source} : {path} : {reason}" for path, reason in _flatten(error.messages)]
        raise CatalogueError(problems) from error


def to_dict(scheme: Scheme) -> dict[str, Any]:
    """The scheme as JSON takes it: lists, texts, whole numbers, ISO dates. `from_dict` reads it back."""
    return cast(
        dict[str, Any], _walk(_content(scheme), lambda value: value.isoformat() if isinstance(value, date) else value)
    )


def describe(scheme: Scheme) -> dict[str, Any]:
    """What `casework schemes show --json` prints: `to_dict`, with the exit objective as a number."""
    content = to_dict(scheme)
    objective = content["funding"]["exit_objective_per_post"]
    content["funding"]["exit_objective_per_post"] = None if objective is None else float(objective)
    return content


def digest(scheme: Scheme) -> str:
    """The SHA-256 of the scheme's content, in hexadecimal: the same content always gives the same digest."""
    canonical = json.dumps(to_dict(scheme), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def compare(before: Scheme, after: Scheme) -> list[Difference]:
    """What changed from one scheme to the other, in the order of the attributes.

    Items of a list that have a key, a name or a point are matched by it, others by their place.
    """
    return list(_differences("", to_dict(before), to_dict(after)))


def shift(scheme: Scheme, years: int) -> Scheme:
    """The same scheme some years later, marked as invented: every date moves, the lines of the call stay.

    29 February becomes 28 February where it does not exist, and the last day of February stays the last one.
    """
    moved = _walk(_content(scheme), lambda value: _later(value, years) if isinstance(value, date) else value)
    return from_dict({**moved, "campaign": f"{int(scheme.campaign) + years}", "invented": True})


def dump_toml(scheme: Scheme) -> str:
    """The scheme as the text of a TOML file that `read_file` accepts; keys without a value are left out."""
    return tomli_w.dumps(cast(dict[str, Any], _without_none(_content(scheme))))


def _content(scheme: Scheme) -> dict[str, Any]:
    """Its attributes; a choice that came later is left out while nobody makes it: older digests stay true."""
    content = dataclasses.asdict(scheme)
    for came_later in ("deadlines_move_to_working_day", "milestones", "activities", "figures", "publics"):
        if not content[came_later]:
            del content[came_later]
    return content


def without_lines(text: str) -> str:
    """The text without the "(l.33)" or ", l.33" that quotes its place in the call: for screens of applicants."""
    return _LINE_QUOTED.sub("", text)


def _later(day: date, years: int) -> date:
    year = day.year + years
    last = calendar.monthrange(year, day.month)[1]
    is_end_of_february = day.month == 2 and day.day == calendar.monthrange(day.year, 2)[1]
    return date(year, day.month, last if is_end_of_february else min(day.day, last))


def _walk(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _walk(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, change) for item in value]
    return change(value)


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value


def _flatten(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if not isinstance(messages, Mapping):
        yield from ((path or "(fiche)", str(reason)) for reason in messages)
        return
    for key, inner in messages.items():
        if key == "_schema":
            yield from _flatten(inner, path)
        elif isinstance(key, int):
            yield from _flatten(inner, f"{path}[{key}]")
        else:
            yield from _flatten(inner, f"{path}.{key}" if path else str(key))


def _differences(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, list) and isinstance(after, list):
        before, after, separator = _by_identity(before, after)
    elif isinstance(before, dict) and isinstance(after, dict):
        separator = "." if path else ""
    else:
        if before != after or type(before) is not type(after):
            yield Difference(path, before, after)
        return
    for key in dict.fromkeys([*before, *after]):
        inner = f"{path}{separator}{key}" if separator != "[" else f"{path}[{key}]"
        yield from _differences(inner, before.get(key), after.get(key))


def _by_identity(before: list[Any], after: list[Any]) -> tuple[dict[Any, Any], dict[Any, Any], str]:
    both = [*before, *after]
    named = next((name for name in _IDENTITIES if both and all(isinstance(x, dict) and name in x for x in both)), None)
    if named and all(len({item[named] for item in items}) == len(items) for items in (before, after)):
        return {item[named]: item for item in before}, {item[named]: item for item in after}, "["
    return dict(enumerate(before)), dict(enumerate(after)), "["
