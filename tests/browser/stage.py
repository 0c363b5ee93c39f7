"""What a life is played on: a service, a browser, the people of every role, their papers, and a camera or none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from casework.people import Grant
from tests.browser.person import Person
from tests.browser.service import Account, Service

Camera = Callable[[Person, str], None]
ROLES = {
    "officer": ("Camille Rivoire", (Grant, {"role": "officer"})),
    "manager": ("Dominique Astruc", (Grant, {"role": "manager"})),
    "finance": ("Sacha Meunier", (Grant, {"role": "finance"})),
    "verifier": ("Maxence Hautecour", (Grant, {"role": "finance"})),
    "auditor": ("Élodie Granger", (Grant, {"role": "auditor"})),
    "partner": ("Noé Lambersart", (Grant, {"role": "partner", "partner": "convergence"})),
}
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def no_camera(_person: Person, _name: str) -> None:
    """Tests look with assertions."""


class Stage:
    """Opens one browser per person and closes them all at the end."""

    def __init__(self, browser: Browser, service: Service, papers: Path, photograph: Camera = no_camera) -> None:
        self.browser, self.service, self.papers, self.photograph = browser, service, papers, photograph
        self.people: list[Person] = []

    def agent(self, role: str) -> Person:
        """Somebody of the services, who already has an account."""
        name, (grant, columns) = ROLES[role]
        return self.welcome(self.service.account(name, grant(**columns)))

    def welcome(self, account: Account | None = None, *, scripts: bool = True) -> Person:
        person = Person(self.browser, self.service, account, scripts=scripts)
        self.people.append(person)
        return person

    def paper(self, name: str) -> Path:
        """A small real PDF of this name, different from the others."""
        path = self.papers / name
        path.write_bytes(PDF + f"% {name}\n".encode())
        return path

    def false_paper(self, name: str) -> Path:
        """A program for Windows under the name of a document."""
        path = self.papers / name
        path.write_bytes(b"MZ\x90\x00" + b"\x00" * 500)
        return path

    def close(self) -> None:
        for person in self.people:
            person.leave()

    @property
    def faults(self) -> list[str]:
        return [fault for person in self.people for fault in person.faults]
