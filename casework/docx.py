"""The convention as a Word document to edit: real headings, lists and tables, so that it stays readable by all.

The same data as the PDF (`casework.pdf`). What people typed is text: python-docx writes it escaped.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from docx import Document
from docx.document import Document as Written
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def convention(data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The DOCX of a convention (`workflows.application.agreement`), its properties dated `at`."""
    made = _blank(data, at)
    made.add_heading(_clean(data["title"]), level=0)
    made.add_paragraph(_clean(data["reference"]), style="Subtitle")
    made.add_paragraph(_clean(data["summary"]))
    made.add_heading("Les parties", level=1)
    for party in data["parties"]:
        made.add_paragraph(_clean(f"{party['label']} : {', '.join([party['name'], *party['lines']])}"))
    for article in data["articles"]:
        made.add_heading(_clean(article["title"]), level=1)
        for block in article["blocks"]:
            _add(made, block)
    made.add_heading("Signatures", level=1)
    for signature in data["signatures"]:
        made.add_paragraph(_clean(signature["who"])).paragraph_format.keep_with_next = True
        made.add_paragraph(_clean(signature["said"])).paragraph_format.space_after = Cm(2)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def _blank(data: Mapping[str, Any], at: datetime) -> Written:
    made = Document()
    properties = made.core_properties
    properties.title, properties.author = _clean(f"{data['title']} – {data['reference']}"), _clean(data["funder"])
    properties.language = "fr-FR"
    properties.created = properties.modified = at.replace(tzinfo=None, microsecond=0)
    defaults = made.styles.element.find(f".//{qn('w:lang')}")
    if defaults is not None:
        defaults.set(qn("w:val"), "fr-FR")
    made.styles["Normal"].font.size = Pt(10.5)
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.footer.paragraphs[0].text = _clean(data["footer"])
    return made


def _add(made: Written, block: Mapping[str, Any]) -> None:
    if block["kind"] == "text":
        made.add_paragraph(_clean(block["text"]))
    elif block["kind"] == "list":
        for item in block["items"]:
            made.add_paragraph(_clean(item), style="List Bullet")
    else:
        table = made.add_table(rows=1, cols=len(block["head"]), style="Table Grid")
        header = table.rows[0]
        header._tr.get_or_add_trPr().append(header._tr.makeelement(qn("w:tblHeader"), {}))
        for row in (block["head"], *block["rows"]):
            cells = header.cells if row is block["head"] else table.add_row().cells
            for cell, text in zip(cells, row, strict=True):
                cell.text = _clean(text)


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("", text)
