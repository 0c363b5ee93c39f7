"""What an operation owes of its participants by a day: grids, obstacles, what follows the third birthday of a child.

One deadline for a kind of thing and a month, never one for each person: it says how many, and names nobody. The call
asks for them without any day (3.4, l.794; 3.6, l.1315-1319; 3.9, l.2098; 3.14 to 3.16, l.3557, l.3900, l.4243): how
long after the entry, the exit or the assessment is a setting. Days are Europe/Paris.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from casework.french import counted, month_of, short_date
from workflows.rules.calendar import add_months

PREPARED_DAYS = 60
"""What is owed by so many days from now is to be prepared."""


@dataclass(frozen=True)
class Thing:
    """Something awaited of people: its name for one and for several, what is to be done of it, what its days are
    counted from."""

    noun: str
    nouns: str
    act: str
    since: str

    def counted(self, people: int) -> str:
        """« 2 grilles d’entrée à remplir »"""
        return f"{counted(people, self.noun, self.nouns)} {self.act}"


THINGS = {
    "entry": Thing("grille d’entrée", "grilles d’entrée", "à remplir", "entrée"),
    "exit": Thing("grille de sortie", "grilles de sortie", "à remplir", "sortie"),
    "evaluation": Thing("évaluation des compétences", "évaluations des compétences", "à enregistrer", "entrée"),
    "handing": Thing("grille d’évaluation", "grilles d’évaluation", "à remettre au prescripteur", "évaluation"),
    "obstacles": Thing("relevé des freins à l’entrée", "relevés des freins à l’entrée", "à faire", "entrée"),
    "obstacles_left": Thing("relevé des freins à la sortie", "relevés des freins à la sortie", "à faire", "sortie"),
}
_RANKS = {what: rank for rank, what in enumerate(THINGS, start=1)}


@dataclass(frozen=True)
class Missing:
    """How many people lack something (a key of THINGS) since one day."""

    what: str
    since_on: date
    people: int


@dataclass(frozen=True)
class Owed:
    """One deadline. `rank` tells the kind of thing and its month; `computed` says in French how the day was found."""

    rank: int
    due: date
    label: str
    computed: str


def grids_owed(missing: Iterable[Missing], days: Mapping[str, int]) -> list[Owed]:
    """By thing and month of the day that it is counted from: due so many days (`days`, by thing) after the first."""
    months: dict[tuple[str, date], list[Missing]] = {}
    for one in missing:
        months.setdefault((one.what, one.since_on.replace(day=1)), []).append(one)
    return [_grids(what, month, found, days[what]) for (what, month), found in sorted(months.items())]


def _grids(what: str, month: date, found: list[Missing], days: int) -> Owed:
    thing, first = THINGS[what], min(one.since_on for one in found)
    people = thing.counted(sum(one.people for one in found))
    return Owed(
        rank=_RANKS[what] * 1_000_000 + _month_rank(month),
        due=first + timedelta(days=days),
        label=f"{people} ({month:%m/%Y})",
        computed=f"première {thing.since} du mois, le {short_date(first)}, + {counted(days, 'jour')}",
    )


def childcare_owed(births: Iterable[tuple[int, date, date]], *, limit: int, ends_on: date) -> list[Owed]:
    """By month in which children reach the age of the sheet (`limit` years), from the entry of their family until the
    end of the operation: due on its first day, since the day of a birth is not kept.

    `births`: the number of a household, the month of birth of one of its children, the day when it entered.
    """
    families: dict[date, set[int]] = {}
    for household, born, entered_on in births:
        month = add_months(born, limit * 12).replace(day=1)
        if entered_on.replace(day=1) <= month <= ends_on:
            families.setdefault(month, set()).add(household)
    return [
        Owed(
            rank=_month_rank(month),
            due=month,
            label=f"{limit} ans d’un enfant en {month_of(month)} : suite à préparer, {counted(len(found), 'famille')}",
            computed=f"premier jour du mois des {limit} ans",
        )
        for month, found in sorted(families.items())
    ]


def _month_rank(month: date) -> int:
    return month.year * 100 + month.month
