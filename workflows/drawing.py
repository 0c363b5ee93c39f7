"""A machine drawn from its declaration, as an SVG (`workflows.describing` writes it as tables).

The longest way forward is a winding row of boxes; the other states are side exits, named under each box they leave
from and gathered at the bottom. Colours are presentation attributes, so that a strict Content-Security-Policy lets
them be; nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from xml.etree import ElementTree as ET

from workflows.describing import draw_markdown, main_path, ways
from workflows.engine import Workflow

__all__ = ["draw_markdown", "draw_svg", "main_path"]

COLUMNS = 3
_BOX_W, _BOX_H, _GAP = 212, 62, 196
_MARGIN, _LINE, _SMALL = 24, 16, 13
_PILL_H, _PILL_GAP = 24, 6
_WIDTH = 2 * _MARGIN + COLUMNS * _BOX_W + (COLUMNS - 1) * _GAP
_INK, _SOFT, _LINE_COLOUR, _CARD = "#1b2629", "#4a575b", "#7d7a6e", "#ffffff"
_PRIMARY, _PRIMARY_TINT = "#0d4f56", "#e2eeed"
_ACCENT, _ACCENT_TINT = "#b4470e", "#fbeadf"
_DANGER, _DANGER_TINT = "#a0202a", "#fbe8e7"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"


def draw_svg(workflow: Workflow, *, current: str | None = None, visited: Sequence[str] = ()) -> str:
    """A standalone accessible SVG (no style, no script). `visited`: the states the case has been through.

    Raises KeyError for a state the machine does not have.
    """
    if current is not None:
        workflow.states[current]
    return _Drawing(workflow, current, frozenset(visited)).draw()


@dataclass
class _Row:
    """Boxes of the main path on one line: `top` is the upper edge of the boxes, `bottom` where the next row begins."""

    states: tuple[str, ...]
    top: int = 0
    bottom: int = 0


@dataclass
class _Drawing:
    workflow: Workflow
    current: str | None
    visited: frozenset[str]
    svg: ET.Element = field(default_factory=lambda: ET.Element("svg"))

    def draw(self) -> str:
        self.path = main_path(self.workflow)
        self.sides = tuple(state for state in self.workflow.states if state not in self.path)
        rows = self._rows()
        height = self._sides_height() + rows[-1].bottom
        self._open(height)
        for number, row in enumerate(rows):
            self._draw_row(row, number)
        self._draw_sides(rows[-1].bottom)
        ET.indent(self.svg)
        return ET.tostring(self.svg, encoding="unicode") + "\n"

    def _open(self, height: int) -> None:
        name = f"machine-{self.workflow.name}"
        self.svg.attrib.update(
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {_WIDTH} {height}",
                "width": str(_WIDTH),
                "height": str(height),
                "role": "img",
                "aria-labelledby": f"{name}-title {name}-desc",
                "class": "machine-drawing",
                "font-family": _FONT,
                "font-size": "15",
                "fill": _INK,
            }
        )
        ET.SubElement(self.svg, "title", id=f"{name}-title").text = "Les étapes et leurs passages"
        ET.SubElement(self.svg, "desc", id=f"{name}-desc").text = self._description()
        _shape(self.svg, "rect", x=0, y=0, width=_WIDTH, height=height, fill=_CARD)
        for key, colour in (("forward", _PRIMARY), ("back", _SOFT)):
            marker = _shape(
                self.svg, "marker", id=f"{name}-{key}", viewBox="0 0 8 8", refX=7, refY=4, markerWidth=8, orient="auto"
            )
            _shape(marker, "path", d="M0 0 L8 4 L0 8 z", fill=colour)

    def _description(self) -> str:
        states = self.workflow.states
        text = "Chemin principal : " + ", ".join(states[state] for state in self.path) + "."
        if self.sides:
            text += " Sorties : " + ", ".join(states[state] for state in self.sides) + "."
        return text + (f" Étape actuelle : {states[self.current]}." if self.current else "")

    def _rows(self) -> list[_Row]:
        rows = [_Row(self.path[at : at + COLUMNS]) for at in range(0, len(self.path), COLUMNS)]
        at = _MARGIN
        for row in rows:
            row.top = at + self._room_above(row)
            under = max(len(self._exits(state)) for state in row.states) * (_PILL_H + _PILL_GAP)
            last = row.states[-1]
            turn = self._turn_lines(last)
            row.bottom = row.top + _BOX_H + max(under + 34, _LINE * len(turn) + 34, self._room_below(row))
            at = row.bottom
        return rows

    def _room_above(self, row: _Row) -> int:
        lines = max((len(self._labels(a, b)) for a, b in zip(row.states, row.states[1:], strict=False)), default=0)
        return max(26, lines * _LINE - _BOX_H // 2 + 34)

    def _room_below(self, row: _Row) -> int:
        lines = max((len(self._labels(b, a)) for a, b in zip(row.states, row.states[1:], strict=False)), default=0)
        return max(0, lines * _LINE - _BOX_H // 2 + 34)

    def _turn_lines(self, last: str) -> list[str]:
        at = self.path.index(last)
        if at + 1 == len(self.path):
            return []
        following = self.path[at + 1]
        back = [f"↩ {line}" for line in self._labels(following, last)[:1]] + self._labels(following, last)[1:]
        return self._labels(last, following) + back

    def _labels(self, start: str, end: str, width: int = 23) -> list[str]:
        """The labels of the moves from one state to another, in lines."""
        labels = dict.fromkeys(move.label for move in ways(self.workflow, start, end))
        return [line for label in labels for line in wrap(("• " if len(labels) > 1 else "") + label, width)]

    def _exits(self, state: str) -> list[str]:
        return [side for side in self.sides if ways(self.workflow, state, side)]

    def _draw_row(self, row: _Row, number: int) -> None:
        leftward = number % 2 == 1
        for place, state in enumerate(row.states):
            x = self._x(place, leftward)
            self._box(state, x, row.top)
            turning = place == COLUMNS - 1
            self._pills(state, x + (0 if not turning or not leftward else 56), row.top + _BOX_H + 8)
            at = self.path.index(state)
            if at + 1 == len(self.path):
                continue
            following = self.path[at + 1]
            if turning:
                self._turn(state, x, row, leftward)
            else:
                self._across(state, following, x, row.top, leftward)

    def _x(self, place: int, leftward: bool) -> int:
        column = COLUMNS - 1 - place if leftward else place
        return _MARGIN + column * (_BOX_W + _GAP)

    def _box(self, state: str, x: int, y: int) -> None:
        here, seen = state == self.current, state in self.visited
        _shape(
            self.svg,
            "rect",
            x=x,
            y=y,
            width=_BOX_W,
            height=_BOX_H,
            rx=8,
            fill=_ACCENT_TINT if here else _PRIMARY_TINT if seen else _CARD,
            stroke=_ACCENT if here else _PRIMARY if seen else _LINE_COLOUR,
            stroke_width=4 if here else 2,
        )
        number = self.path.index(state) + 1
        mark = "▶ Étape actuelle" if here else "✓ Passée" if seen else f"Étape {number}"
        colour = _ACCENT if here else _PRIMARY if seen else _SOFT
        self._text(mark, x + 14, y + 23, size=12, fill=colour, weight="700" if here else "400")
        self._text(self.workflow.states[state], x + 14, y + 46, size=17, weight="700")

    def _pills(self, state: str, x: int, y: int) -> None:
        for number, side in enumerate(self._exits(state)):
            top = y + number * (_PILL_H + _PILL_GAP)
            label = "↳ " + self.workflow.states[side]
            width = 20 + 8 * len(label)
            _shape(
                self.svg,
                "rect",
                x=x,
                y=top,
                width=width,
                height=_PILL_H,
                rx=12,
                fill=_DANGER_TINT,
                stroke=_DANGER,
                stroke_dasharray="4 3",
            )
            self._text(label, x + 10, top + 17, size=_SMALL, fill=_DANGER)

    def _across(self, start: str, end: str, x: int, top: int, leftward: bool) -> None:
        ahead = (x - 8, x - _GAP + 8) if leftward else (x + _BOX_W + 8, x + _BOX_W + _GAP - 8)
        middle, y = sum(ahead) // 2, top + _BOX_H // 2 - 8
        self._line(ahead[0], y, ahead[1], y, "forward")
        self._lines(self._labels(start, end), middle, y - 9, upward=True)
        back = self._labels(end, start)
        if back:
            self._line(ahead[1], y + 18, ahead[0], y + 18, "back")
            self._lines(back, middle, y + 36, fill=_SOFT)

    def _turn(self, state: str, x: int, row: _Row, leftward: bool) -> None:
        at = self.path.index(state)
        following = self.path[at + 1]
        next_top = row.bottom + self._room_above(_Row(self.path[at + 1 : at + 1 + COLUMNS]))
        edge = x + 24 if leftward else x + _BOX_W - 24
        y = row.top + _BOX_H + 8
        self._line(edge, y, edge, next_top - 8, "forward")
        inside = 16 if leftward else -16
        anchor = "start" if leftward else "end"
        below = row.top + _BOX_H + 8 + len(self._exits(state)) * (_PILL_H + _PILL_GAP) + 16
        self._lines(self._labels(state, following), edge + inside, below, anchor=anchor)
        back = self._labels(following, state)
        if back:
            outside = edge + (-16 if leftward else 16)
            self._line(outside, next_top - 8, outside, y, "back")
            offset = below + _LINE * len(self._labels(state, following)) + 4
            self._lines(["↩ " + back[0], *back[1:]], edge + inside, offset, anchor=anchor, fill=_SOFT)

    def _line(self, x1: int, y1: int, x2: int, y2: int, kind: str) -> None:
        back = kind == "back"
        line = _shape(
            self.svg,
            "line",
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            stroke=_SOFT if back else _PRIMARY,
            stroke_width=1.5 if back else 2.5,
        )
        line.set("marker-end", f"url(#machine-{self.workflow.name}-{kind})")
        if back:
            line.set("stroke-dasharray", "5 4")

    def _lines(
        self, lines: list[str], x: int, y: int, *, anchor: str = "middle", upward: bool = False, fill: str = _INK
    ) -> None:
        top = y - (len(lines) - 1) * _LINE if upward else y
        for number, line in enumerate(lines):
            self._text(line, x, top + number * _LINE, size=_SMALL, anchor=anchor, fill=fill)

    def _text(
        self, text: str, x: int, y: int, *, size: int, anchor: str = "start", fill: str = _INK, weight: str = "400"
    ) -> None:
        shape = _shape(self.svg, "text", x=x, y=y, font_size=size, text_anchor=anchor, fill=fill, font_weight=weight)
        shape.text = text

    def _sides_height(self) -> int:
        return 96 + len(self.sides) * 58 if self.sides else 64

    def _draw_sides(self, top: int) -> None:
        """Each side exit: where it is reached from, and the way back when there is one."""
        y = top + 34
        if self.sides:
            self._text("Sorties du chemin", _MARGIN, y, size=17, weight="700")
            y += 16
        for side in self.sides:
            self._side(side, y)
            y += 58
        self._text(
            "Trait plein : on avance. Tirets : on revient. ↳ : sortie possible depuis l’étape. "
            "Les actions qui ne changent pas l’étape ne sont pas dessinées.",
            _MARGIN,
            y + 24,
            size=_SMALL,
            fill=_SOFT,
        )

    def _side(self, side: str, y: int) -> None:
        here = side == self.current
        seen = side in self.visited and not here
        _shape(
            self.svg,
            "rect",
            x=_MARGIN,
            y=y,
            width=_BOX_W,
            height=46,
            rx=8,
            fill=_ACCENT_TINT if here else _CARD,
            stroke=_ACCENT if here else _DANGER,
            stroke_width=4 if here else 1.5,
            stroke_dasharray="none" if here else "4 3",
        )
        label = ("▶ " if here else "✓ " if seen else "") + self.workflow.states[side]
        self._text(label, _MARGIN + 14, y + 29, size=16, weight="700")
        note = self._reached_from(side)
        back = self._ways_back(side)
        self._text(note, _MARGIN + _BOX_W + 20, y + (19 if back else 28), size=_SMALL)
        if back:
            self._text(back, _MARGIN + _BOX_W + 20, y + 38, size=_SMALL, fill=_SOFT)
        if here:
            self._text(
                "Étape actuelle", _MARGIN + _BOX_W - 14, y + 29, size=12, anchor="end", fill=_ACCENT, weight="700"
            )

    def _reached_from(self, side: str) -> str:
        states = self.workflow.states
        parts = []
        for move in self.workflow.moves.values():
            if move.to == side:
                sources = [states[state] for state in move.sources if state != side]
                parts.append(f"{move.label} ({_range(sources)})")
        return " ; ".join(parts)

    def _ways_back(self, side: str) -> str:
        moves = [m for m in self.workflow.moves.values() if side in m.sources and m.to not in (None, side)]
        return " ; ".join(f"↩ {move.label} → {self.workflow.states[move.to or '']}" for move in moves)


def _range(labels: list[str]) -> str:
    return " ; ".join(labels) if len(labels) < 4 else f"de « {labels[0]} » à « {labels[-1]} »"


def _shape(parent: ET.Element, tag: str, **attributes: object) -> ET.Element:
    names = {"viewBox", "refX", "refY", "markerWidth"}
    return ET.SubElement(
        parent,
        tag,
        {(name if name in names else name.replace("_", "-")): str(value) for name, value in attributes.items()},
    )
