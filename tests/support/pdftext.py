"""The text of a PDF, in reading order, through the Unicode tables of its own fonts."""

from __future__ import annotations

import io
import re
from typing import Any

import pikepdf

_BLOCK = re.compile(r"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_HEX = re.compile(r"<([0-9A-Fa-f]+)>")


def text_of(pdf: bytes) -> str:
    """Every shown string, joined without spaces of layout: compare after removing spaces on both sides."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return "".join(_page_text(page) for page in opened.pages)


def _page_text(page: pikepdf.Page) -> str:
    fonts = {name: _unicode(font) for name, font in page.resources.get("/Font", {}).items()}
    table: dict[str, str] = {}
    shown: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            table = fonts[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else operands
            shown += [_decoded(bytes(part), table) for part in parts if isinstance(part, pikepdf.String)]
    return "".join(shown)


def _decoded(code: bytes, table: dict[str, str]) -> str:
    return "".join(table.get(code[at : at + 2].hex(), "") for at in range(0, len(code), 2))


def _unicode(font: Any) -> dict[str, str]:
    table: dict[str, str] = {}
    for kind, body in _BLOCK.findall(font["/ToUnicode"].read_bytes().decode("latin-1")):
        codes = [found.lower() for found in _HEX.findall(body)]
        if kind == "bfchar":
            table |= {codes[at]: _text(codes[at + 1]) for at in range(0, len(codes), 2)}
        for at in range(0, len(codes), 3) if kind == "bfrange" else ():
            first, last, start = (int(code, 16) for code in codes[at : at + 3])
            table |= {f"{first + step:04x}": chr(start + step) for step in range(last - first + 1)}
    return table


def _text(code: str) -> str:
    return bytes.fromhex(code).decode("utf-16-be")
