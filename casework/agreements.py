"""The text of the conventions: versions that an administrator writes, in a small language that can only name fields.

A line « # … » begins an article, a line « - … » is an item of a list, an empty line separates paragraphs, and
`{montant}` is replaced by its value when a convention is made. Nothing else means anything: a text has no way to read
a file, to compute or to run code. Why: docs/decisions/0007-conventions-are-written-in-articles.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, undefer

from casework.db import Base, Instant, Key, one_of
from casework.errors import CaseworkError
from casework.french import counted

FIELDS = {
    "numero": "numéro de la convention",
    "reference": "référence du dossier",
    "campagne": "campagne de l’appel à projets",
    "dispositif": "numéro et intitulé du dispositif",
    "projet": "titre du projet",
    "financeur": "nom du financeur",
    "signataire": "qui signe pour le financeur",
    "porteur": "nom du porteur",
    "co_porteurs": "noms des autres porteurs, ou « aucun »",
    "territoires": "territoires de l’opération",
    "debut": "premier jour de l’opération",
    "fin": "dernier jour de l’opération",
    "montant": "montant de la subvention en chiffres",
    "montant_lettres": "montant de la subvention en lettres",
    "avance": "montant de l’avance proposée en chiffres",
    "avance_lettres": "montant de l’avance proposée en lettres",
    "avance_taux": "taux de l’avance proposée",
    "decision_reference": "référence de la décision",
    "decision_date": "date de la décision",
    "remise_bilan": "date à laquelle le bilan final est dû",
}
"""What a sentence may name."""

AMENDMENT_FIELDS = {
    **FIELDS,
    "avenant": "numéro de l’avenant",
    "convention_date": "date de la dernière signature de la convention",
    "motif": "motif de l’avenant",
    "ancien_debut": "premier jour de l’opération avant l’avenant",
    "ancienne_fin": "dernier jour de l’opération avant l’avenant",
    "ancien_montant": "montant de la subvention avant l’avenant, en chiffres",
}
"""What a sentence of an amendment may name: all that the convention names, as it is once amended, and what it was."""

LISTS = {
    "obligations": "ce que la fiche demande au porteur",
    "bilan": "ce que contient le bilan final",
    "versements": "parts de la subvention qui dépendent des résultats, s’il y en a",
    "calendrier": "échéances datées de l’opération",
}
"""What stands alone on its line and becomes a list (a table for the calendar)."""

AMENDMENT_LISTS = {**LISTS, "modifications": "ce que l’avenant change : avant, après"}
TABLES = ("calendrier", "modifications")


@dataclass(frozen=True)
class Kind:
    """A kind of text: its name on screen, the file that comes with the service, and what it may name."""

    label: str
    provided: str
    fields: Mapping[str, str]
    lists: Mapping[str, str]


KINDS = {
    "convention": Kind("Convention", "convention.txt", FIELDS, LISTS),
    "amendment": Kind("Avenant", "amendment.txt", AMENDMENT_FIELDS, AMENDMENT_LISTS),
}

LONGEST = 60_000
_FIELD = re.compile(r"\{([^{}\n]*)\}")


class TemplateError(CaseworkError):
    """The text of a convention is refused; `problems` are French sentences, each with its line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Block:
    """`kind`: text, item, or the name of a list."""

    kind: str
    text: str = ""


@dataclass(frozen=True)
class Article:
    title: str
    blocks: tuple[Block, ...]


class ConventionTemplate(Base):
    """One version of the text of a kind. Never changed: another text makes the next number; a convention (an
    amendment) keeps its own.
    """

    __tablename__ = "convention_template"
    __table_args__ = (
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint(one_of("kind", tuple(KINDS)), name="kind"),
        sa.UniqueConstraint("kind", "number"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20), default="convention")
    number: Mapped[int] = mapped_column(sa.Integer)
    text: Mapped[str] = mapped_column(sa.Text, deferred=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(120))


def current_template(session: Session, kind: str = "convention") -> ConventionTemplate | None:
    """The version that the next one is made with; None until one is written: then `provided_text` serves."""
    own = sa.select(ConventionTemplate).where(ConventionTemplate.kind == kind)
    return session.scalars(own.order_by(ConventionTemplate.number.desc()).limit(1)).one_or_none()


def keep_version(session: Session, text: str, *, by: str, at: datetime, kind: str = "convention") -> ConventionTemplate:
    """Store this text as the next version. Raises TemplateError when it is broken or already the current one."""
    parse(text, kind)
    last = current_template(session, kind)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if last is not None and last.digest == digest:
        raise TemplateError(["Ce texte est déjà la version en cours : rien n’est à enregistrer."])
    number = last.number + 1 if last else 1
    made = ConventionTemplate(kind=kind, number=number, text=text, digest=digest, made_at=at, made_by=by)
    session.add(made)
    session.flush()
    return made


def template_of(session: Session, at: datetime, kind: str = "convention") -> ConventionTemplate:
    """The current version, made of the provided text when the service has none yet."""
    found = current_template(session, kind)
    return found or keep_version(session, provided_text(kind), by="Texte fourni", at=at, kind=kind)


def template_with_text(session: Session, template_id: int | None) -> ConventionTemplate | None:
    """This version, its text read in the same query; None for what was made before versions were kept."""
    if template_id is None:
        return None
    return session.get(ConventionTemplate, template_id, options=[undefer(ConventionTemplate.text)])


@lru_cache(maxsize=len(KINDS))
def provided_text(kind: str = "convention") -> str:
    """The text that comes with the service."""
    return (files("casework") / "templates" / KINDS[kind].provided).read_text(encoding="utf-8").strip()


@lru_cache(maxsize=64)
def parse(text: str, kind: str = "convention") -> tuple[Article, ...]:
    """The articles of a text of this kind. Raises TemplateError with every problem and its line."""
    if len(text) > LONGEST:
        raise TemplateError([f"Ce texte est trop long : {counted(LONGEST, 'caractère')} au plus."])
    known = KINDS[kind]
    articles: list[tuple[str, list[Block]]] = []
    problems: list[str] = []
    following = False
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        problems += [f"Ligne {number} : {sentence}" for sentence in _wrong(line, known, first=not articles)]
        if line.startswith("#"):
            articles.append((line[1:].strip(), []))
        elif line and articles:
            _add(articles[-1][1], line, known, following=following)
        following = bool(line) and not line.startswith("#")
    problems += [f"L’article « {title} » est vide." for title, blocks in articles if not blocks]
    if not articles and not problems:
        problems.append("Ligne 1 : le texte est vide. Commencez par un article : « # Objet ».")
    if problems:
        raise TemplateError(problems)
    return tuple(Article(title, tuple(blocks)) for title, blocks in articles)


def filled(text: str, values: Mapping[str, Any]) -> str:
    """The sentence with its fields replaced, once: a value that looks like a field stays as it is."""
    return _FIELD.sub(lambda found: str(values[found[1].strip()]), text)


def _add(blocks: list[Block], line: str, known: Kind, *, following: bool) -> None:
    """A line that follows another one continues its paragraph."""
    alone = _FIELD.fullmatch(line)
    if alone is not None and alone[1].strip() in known.lists:
        blocks.append(Block(alone[1].strip()))
    elif line.startswith("- "):
        blocks.append(Block("item", line[2:].strip()))
    elif following and blocks and blocks[-1].kind in ("text", "item"):
        blocks[-1] = Block(blocks[-1].kind, f"{blocks[-1].text} {line}")
    else:
        blocks.append(Block("text", line))


def _wrong(line: str, known: Kind, *, first: bool) -> list[str]:
    """What is wrong with one line, without its number."""
    found = []
    if first and line and not line.startswith("#"):
        found.append("le texte commence par un article : « # Objet ».")
    if line.startswith("#") and not line[1:].strip(" #"):
        found.append("un article porte un titre : « # Objet ».")
    if line.startswith("##"):
        found.append("un article n’a qu’un niveau : un seul « # ».")
    for name in _FIELD.findall(line):
        found += _wrong_field(name.strip(), line, known)
    if set("{}") & set(_FIELD.sub("", line)):
        found.append("une accolade n’a pas sa paire : un champ s’écrit « {montant} ».")
    return found


def _wrong_field(name: str, line: str, known: Kind) -> list[str]:
    if name in known.fields:
        return []
    if name not in known.lists:
        return [f"le champ « {name} » n’existe pas."]
    return [] if _FIELD.fullmatch(line) else [f"« {{{name}}} » est une liste : écrivez-la seule sur sa ligne."]
