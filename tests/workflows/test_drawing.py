"""The drawing and the tables of a machine come from its declaration alone; the declaration leaves nobody stuck."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy.orm import Session

from casework.applications import STATES
from tests.support.people import applicant, organisation
from tests.support.template import NOW
from workflows.application import APPLICATION, MAIN_PATH
from workflows.application.editing import start_draft
from workflows.checking import UnknownState, faults, unknown_states
from workflows.drawing import draw_markdown, draw_svg, main_path
from workflows.engine import Move, Workflow
from workflows.versions import current_version

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


class Lamp:
    def __init__(self, state: str) -> None:
        self.is_final = state == "broken"


def move(trigger: str, sources: tuple[str, ...], to: str | None, **more: Any) -> Move:
    return Move(trigger, sources, to, trigger.title(), f"lamp.{trigger}", trigger.title(), **more)


def lamp(*moves: Move) -> Workflow:
    return Workflow("lamp", Lamp, {"off": "Éteinte", "on": "<Allumée> & chaude", "broken": "Cassée"}, "off", moves)


SOUND = (
    move("light", ("off",), "on"),
    move("douse", ("on",), "off"),
    move("drop", ("off", "on"), "broken"),
)


def test_the_main_path_is_found_in_the_declaration() -> None:
    assert main_path(APPLICATION) == MAIN_PATH
    assert main_path(lamp(*SOUND)) == ("off", "on", "broken")


@pytest.mark.parametrize("state", [None, *STATES])
def test_every_state_and_every_change_of_state_is_drawn(state: str | None) -> None:
    svg = draw_svg(APPLICATION, current=state)
    drawn = " ".join(texts(svg)).replace("• ", "")
    for label in STATES.values():
        assert label in drawn
    for declared in APPLICATION.moves.values():
        if declared.to is not None:
            assert declared.label in drawn
    assert drawn.lower().count("étape actuelle") == (state is not None)


def test_the_present_state_is_told_in_words_and_the_past_is_marked() -> None:
    svg = draw_svg(APPLICATION, current="instruction", visited=("draft", "deposited", "submitted"))
    root = ET.fromstring(svg)
    named = root.get("aria-labelledby", "").split()
    found = {element.get("id"): element.text for element in root if element.get("id") in named}
    assert root.get("role") == "img"
    assert len(found) == 2
    assert "Étape actuelle : En instruction." in " ".join(found.values())
    said = texts(svg)
    assert said[said.index("▶ Étape actuelle") + 1] == "En instruction"
    assert said.count("✓ Passée") == 3


def test_a_state_that_the_machine_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError):
        draw_svg(APPLICATION, current="nowhere")


def test_the_drawing_obeys_the_strictest_content_security_policy() -> None:
    svg = draw_svg(APPLICATION, current="draft")
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=|href", svg)


def test_nothing_is_drawn_outside_the_frame() -> None:
    root = ET.fromstring(draw_svg(APPLICATION, current="closed"))
    _, _, width, height = (int(number) for number in root.get("viewBox", "").split())
    for element in root.iter(f"{SVG}rect"):
        box = {name: int(element.get(name, "0")) for name in ("x", "y", "width", "height")}
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
    for element in root.iter(f"{SVG}text"):
        assert 0 < int(element.get("x", "0")) < width
        assert 0 < int(element.get("y", "0")) < height


def test_the_boxes_and_exits_do_not_overlap() -> None:
    rects = [
        tuple(int(element.get(name, "0")) for name in ("x", "y", "width", "height"))
        for element in list(ET.fromstring(draw_svg(APPLICATION)).iter(f"{SVG}rect"))[1:]
    ]
    for at, (x, y, width, height) in enumerate(rects):
        for other_x, other_y, other_width, other_height in rects[at + 1 :]:
            apart = x + width <= other_x or other_x + other_width <= x
            assert apart or y + height <= other_y or other_y + other_height <= y


def test_another_machine_is_drawn_with_its_own_words_kept_literal() -> None:
    svg = draw_svg(lamp(*SOUND), current="on")
    assert "<Allumée> & chaude" in texts(svg)
    assert "&lt;Allumée&gt;" in svg


def test_the_tables_name_every_state_and_move_with_who_may_do_it() -> None:
    text = draw_markdown(APPLICATION)
    for state in STATES:
        assert f"`{state}`" in text
    for trigger in APPLICATION.moves:
        assert f"(`{trigger}`)" in text
    row = next(line for line in text.splitlines() if "(`grant`)" in line)
    assert "Responsable (`application.decide`)" in row
    assert "Instruit | Convention" in row
    assert "Une tâche planifiée" in next(line for line in text.splitlines() if "(`lapse`)" in line)
    widths = {line.count("|") for line in text.splitlines() if line}
    assert widths == {4, 7}


def test_the_declaration_of_an_application_is_sound() -> None:
    assert faults(APPLICATION) == []
    assert faults(lamp(*SOUND)) == []


@pytest.mark.parametrize(
    ("moves", "sentence"),
    [
        ((SOUND[0], SOUND[1]), "Aucune action ne mène à l’étape « broken »."),
        ((SOUND[0], move("drop", ("off",), "broken")), "On ne peut pas sortir de l’étape « on »."),
        (
            (*SOUND, move("mend", ("broken",), "off")),
            "« mend » sort de l’étape finale « broken » sans être une réouverture.",
        ),
        (
            (*SOUND, move("burn", ("on",), "broken", automatic=True)),
            "« burn » est automatique : elle ne peut rien demander et doit avoir une condition.",
        ),
    ],
)
def test_each_fault_of_a_declaration_is_named(moves: tuple[Move, ...], sentence: str) -> None:
    assert sentence in faults(lamp(*moves))


def test_a_declared_reopening_may_leave_a_final_state() -> None:
    assert faults(lamp(*SOUND, move("reopen_after_repair", ("broken",), "off"))) == []


@pytest.fixture
def drafts(session: Session) -> int:
    """Two drafts in the database; how many there are."""
    bearer = organisation(session)
    version = current_version(session, "2024", "3.1")
    assert version is not None
    for _ in range(2):
        start_draft(session, version, bearer, actor=applicant(session, bearer), at=NOW)
    return 2


@pytest.fixture
def without_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(APPLICATION, "states", {code: label for code, label in STATES.items() if code != "draft"})


def test_stored_states_are_all_known(session: Session, drafts: int) -> None:
    assert unknown_states(session) == []


@pytest.mark.usefixtures("without_drafts")
def test_a_stored_state_that_the_machine_lost_is_reported(session: Session, drafts: int) -> None:
    assert unknown_states(session) == [UnknownState("application", "draft", drafts)]
