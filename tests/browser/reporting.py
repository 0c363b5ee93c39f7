"""Writing and controlling a final report through its screens: what the long stories share."""

from __future__ import annotations

import re

from playwright.sync_api import Locator

from tests.browser.person import Person
from tests.browser.stage import Stage

SLOTS = {
    "final_report": "Joindre : bilan final signé",
    "evidence": "Joindre : justificatifs du bilan",
    "exit_evidence": "Joindre : justificatifs de sortie des participants",
}


def join(stage: Stage, person: Person, address: str, slot: str, name: str) -> None:
    """Join a file of the report on the page of the documents."""
    person.open(f"{address}/pieces")
    person.fill(SLOTS[slot], stage.paper(name))
    form = person.page.locator("form").filter(has=person.page.locator(f"input[name=slot][value={slot}]"))
    person.press("Joindre", form)
    person.sees(f"« {name} » est joint au dossier.")


def narrate(person: Person, address: str, text: str) -> None:
    """Write every section of the pedagogical part, and save them at once."""
    person.open(f"{address}/bilan/pedagogique")
    boxes = person.page.locator("section.report-section textarea")
    for rank in range(boxes.count()):
        boxes.nth(rank).fill(text)
    person.page.locator("section.report-section button").first.click()
    person.sees("Toutes les rubriques sont écrites.")


def lines(person: Person) -> int:
    """How many lines the report's form shows; the last one is blank."""
    return person.page.locator("fieldset.report-line").count()


def planned(person: Person, rank: int) -> str:
    """What the budget planned on the line of this rank, as it is typed."""
    told = person.page.locator("fieldset.report-line").nth(rank - 1).locator("legend .soft").inner_text()
    return re.sub(r"[^\d,]", "", told)


def spend(person: Person, rank: int, amount: str, proof: dict[str, str], evidence: str = "") -> None:
    """Fill the line of this rank."""
    line = person.page.locator("fieldset.report-line").nth(rank - 1)
    person.answer({"Dépensé": amount, **proof}, line)
    if evidence:
        person.fill("Justificatif", evidence, line)


def line(person: Person, rank: int) -> Locator:
    """The line of this rank, as it is controlled."""
    return person.page.locator("fieldset.control-line").nth(rank - 1)
