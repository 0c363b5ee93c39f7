"""Official documents: a typst template of this package and its data give a tagged PDF (PDF/UA-1 and PDF/A-2a).

What people typed reaches the template as data, never as markup. The fonts are those of the library and the date is
given: the same data make the same bytes on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import typst

STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-2a"]
_UNKNOWN = "□"
_ALWAYS_SHOWN = frozenset(map(chr, (0x0A, *range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2027), 0x202F)))


def render(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF of `templates/<template>.typ` with these data (`json(bytes(sys.inputs.data))`), dated `at`.

    The standards want a glyph for every letter. One that the fonts lack (an emoji, a rare script) is shown as « □ »:
    a document with a mark in it is worth more than none.
    """
    source = (files("casework") / "templates" / f"{template}.typ").read_bytes()
    try:
        return _compiled(source, data, at)
    except typst.TypstError:
        return _compiled(source, _each_text(data, _displayable), at)


def _compiled(source: bytes, data: Any, at: datetime | None) -> bytes:
    compiled = typst.compile(
        source,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
        pdf_standards=STANDARDS,
        timestamp=at.astimezone(UTC).replace(microsecond=0) if at else None,
    )
    if not isinstance(compiled, bytes):
        raise TypeError("the template gave no single document")
    return compiled


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case Mapping():
            return {key: _each_text(item, change) for key, item in value.items()}
        case list() | tuple():
            return [_each_text(item, change) for item in value]
    return value


def _displayable(text: str) -> str:
    return "".join(letter if letter in _ALWAYS_SHOWN or _is_shown(letter) else _UNKNOWN for letter in text)


@lru_cache(maxsize=2048)
def _is_shown(letter: str) -> bool:
    """Whether the fonts have this letter, by trying it."""
    source = b'#set document(title: "x")\n#json(bytes(sys.inputs.data))'
    try:
        _compiled(source, letter, None)
    except typst.TypstError:
        return False
    return True
