"""What the figures of one sheet may say together outside the service: none betrays the few people of another.

« 12 sorties dynamiques, dont 5 durables et 5 de transition » tells that two are positive; « 9 personnes, dont 8 au
RSA » that one is not. Figures that share out the people of another one, or are a part of it, are hidden with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from workflows.rules.dashboard import UNSAID, Column, Table, discreet
from workflows.rules.figures import FAMILIES, FEWEST, OF_PEOPLE
from workflows.scheme import Figure


def shared_out(figures: Sequence[Figure]) -> tuple[tuple[int, ...], ...]:
    """The ranks of the figures that share out the people of another one: families of exits, results of evaluations."""
    known = _families(figures)
    several = [one.kinds for one in figures if one.measure == "exits" and len(one.kinds) > 1]
    wholes = [*([FAMILIES] if any(one.measure == "dynamic_exits" for one in figures) else []), *several]
    families = [tuple(known[family] for family in kinds if family in known) for kinds in wholes]
    results = tuple(rank for rank, one in enumerate(figures) if one.measure == "evaluated" and one.kinds)
    return tuple(ranks for ranks in (*families, results) if len(ranks) > 1)


def parts_of(figures: Sequence[Figure]) -> tuple[tuple[int, int], ...]:
    """(rank of a figure, rank of one that counts some of its people only): by public, by age, the jobs among the
    dynamic exits, the trainings among the positive ones (the only words that a figure names beside families)."""
    wholes = {one.measure: rank for rank, one in enumerate(figures) if _everybody(one)}
    positive = _families(figures).get("positive")
    found = []
    for rank, one in enumerate(figures):
        if one.measure in wholes and not one.kinds and not _everybody(one):
            found.append((wholes[one.measure], rank))
        if one.measure == "exits" and positive is not None and not {*one.kinds} & {*FAMILIES}:
            found.append((positive, rank))
        if one.measure == "exits" and len(one.kinds) > 1 and "dynamic_exits" in wholes:
            found.append((wholes["dynamic_exits"], rank))
    return tuple(found)


def _families(figures: Sequence[Figure]) -> dict[str, int]:
    """The rank of the figure of each family of exits."""
    return {
        one.kinds[0]: rank
        for rank, one in enumerate(figures)
        if one.measure == "exits" and len(one.kinds) == 1 and one.kinds[0] in FAMILIES
    }


def _everybody(figure: Figure) -> bool:
    return figure.measure in OF_PEOPLE and not (figure.public or figure.young or figure.kinds)


def discreet_figures(counted: Sequence[tuple[Figure, float | None]]) -> list[float | str | None]:
    """The values of figures as they may leave the service side by side: numbers, or words in place of them."""
    figures = [figure for figure, _ in counted]
    rows = tuple(
        (figure.key, value, "people" if figure.measure in OF_PEOPLE else "number") for figure, value in counted
    )
    columns = (Column("", "row"), Column("", "unit"))
    told = discreet(Table("", "", "", columns, rows, shared_out(figures), within=parts_of(figures)))
    values = {figure.measure: value for figure, value in counted}
    return [
        UNSAID if figure.measure == "exit_rate" and _tells(value, values.get("dynamic_exits")) else row[1]
        for (figure, value), row in zip(counted, told.rows, strict=True)
    ]


def _tells(rate: float | None, dynamic: float | None) -> bool:
    """True of a rate of exits that, with their number, tells how few they are, or how few the others."""
    if not rate or not dynamic:
        return False
    others = round(dynamic * 100 / rate - dynamic)
    return dynamic < FEWEST or 0 < others < FEWEST
