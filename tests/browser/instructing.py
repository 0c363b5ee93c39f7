"""What every officer does before an instruction ends: the sheet, part by part."""

from __future__ import annotations

from collections.abc import Mapping

from tests.browser.person import Person

VERDICTS = {"criteres": ("Satisfait", "critères de la fiche"), "pieces": ("Conforme", "pièces du dossier")}


def fill_sheet(person: Person, address: str, reduced: Mapping[str, tuple[str, str]] | None = None) -> None:
    """Everything is satisfied; each expense is retained as asked, but those `reduced`: label → (retained, reason)."""
    person.open(f"{address}/instruction/fiche")
    for part, (verdict, name) in VERDICTS.items():
        for choice in person.page.locator(f"section[aria-labelledby={part}]").get_by_label(verdict, exact=True).all():
            choice.check()
        person.press(f"Enregistrer : {name}")
        person.sees("c’est enregistré")
    for label, (retained, reason) in (reduced or {}).items():
        person.fill(f"Montant retenu (€) : {label}", retained)
        person.fill(f"Motif, si le montant est réduit : {label}", reason)
    if reduced:
        person.press("Enregistrer : budget")
        person.sees("« Budget, ligne par ligne » : c’est enregistré.")
    person.press("Retenir tel quel ce qui reste à examiner")
    person.sees("Toutes les dépenses sont examinées.")
