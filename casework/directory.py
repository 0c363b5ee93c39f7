"""The directory of contacts: who to ask, by scheme and territory, imported whole from a CSV file."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.administration import SERVICE, scheme_codes, territories
from casework.emails import EmailError, normal_email
from casework.errors import Refused
from casework.people import Actor, Contact
from casework.search import folded

IMPORTED = journal.register("service.directory_imported", "Annuaire importé")
COLUMNS = {
    "dispositif": "le numéro de la fiche (3.1 … 3.16), vide pour tous",
    "territoire": "le nom ou le code du territoire, vide pour tous",
    "intitule": "la fonction ou le service, par exemple « SLAI de l’Artois » (obligatoire)",
    "nom": "le nom de la personne",
    "telephone": "le numéro de téléphone",
    "courriel": "l’adresse électronique",
}
LIMITS = {"intitule": 160, "nom": 120, "telephone": 30, "courriel": 254}
MOST_LINES = 5000


def contacts(session: Session) -> list[Contact]:
    """Every line of the directory, by scheme, territory and label."""
    query = sa.select(Contact).order_by(Contact.scheme_code, Contact.territory_id, Contact.label, Contact.id)
    return list(session.scalars(query))


def import_csv(session: Session, content: bytes, *, actor: Actor, at: datetime) -> int:
    """Replace the directory by the lines of the file; how many there are.

    Semicolons or commas, UTF-8 or Windows-1252. Raises Refused with one reason per wrong line; nothing changes then.
    """
    rows = _rows(content)
    schemes = dict(scheme_codes(session))
    places = {folded(key): place.id for place in territories(session) for key in (place.name, place.code)}
    problems: list[str] = []
    read = []
    for number, row in enumerate(rows, start=2):
        faults = _faults(row, schemes, places)
        problems += [f"Ligne {number} : {fault}" for fault in faults]
        if not faults:
            read.append(_contact(row, places))
    if problems:
        raise Refused(problems)
    session.execute(sa.delete(Contact))
    session.add_all(read)
    journal.record(session, "service", SERVICE, IMPORTED, actor=actor, at=at, lines=len(read))
    return len(read)


def _rows(content: bytes) -> list[dict[str, str]]:
    text = _decoded(content)
    first, _, _ = text.partition("\n")
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    try:
        lines = list(reader)
    except csv.Error:
        raise Refused(["Ce fichier n’est pas un CSV lisible."]) from None
    names = [folded(name).strip() for name in lines[0]] if lines else []
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise Refused([f"Il manque en première ligne : {', '.join(missing)}."])
    if len(lines) > MOST_LINES:
        raise Refused([f"Ce fichier a plus de {MOST_LINES} lignes."])
    padded = [line + [""] * (len(names) - len(line)) for line in lines[1:]]
    found = [
        {name: value.replace("\x00", "").strip() for name, value in zip(names, line, strict=False)} for line in padded
    ]
    if not any(any(row.values()) for row in found):
        raise Refused(["Ce fichier n’a aucune ligne sous ses titres."])
    return found


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _faults(row: dict[str, str], schemes: dict[str, str], places: dict[str, int]) -> list[str]:
    found = []
    if not any(row.values()):
        return ["elle est vide."]
    if row["dispositif"] and row["dispositif"] not in schemes:
        found.append(f"le dispositif « {row['dispositif']} » n’existe pas.")
    if row["territoire"] and folded(row["territoire"]) not in places:
        found.append(f"le territoire « {row['territoire']} » n’existe pas.")
    if not row["intitule"]:
        found.append("l’intitulé est vide.")
    found += [f"« {name} » dépasse {limit} caractères." for name, limit in LIMITS.items() if len(row[name]) > limit]
    if row["courriel"] and not _valid_email(row["courriel"]):
        found.append(f"l’adresse « {row['courriel'][:60]} » n’est pas valable.")
    return found


def _valid_email(text: str) -> bool:
    try:
        normal_email(text)
    except EmailError:
        return False
    return True


def _contact(row: dict[str, str], places: dict[str, int]) -> Contact:
    return Contact(
        scheme_code=row["dispositif"] or None,
        territory_id=places[folded(row["territoire"])] if row["territoire"] else None,
        label=row["intitule"],
        name=row["nom"],
        phone=row["telephone"],
        email=row["courriel"].lower(),
    )
