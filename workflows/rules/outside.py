"""What the figures of one sheet may say together outside the service: none betrays the few people of another.

« 12 sorties dynamiques, dont 5 durables et 5 de transition » tells that two are positive; « 9 personnes, dont 8 au
RSA » that one is not. Figures that share out the people of another one, or are a part of it, are hidden with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from workflows.rules.dashboard import Column, Table, discreet
from workflows.rules.figures import FAMILIES, OF_PEOPLE
from workflows.scheme import Figure


def shared_out(figures: Sequence[Figure]) -> tuple[tuple[int, ...], ...]:
    """The ranks of the figures that share out the people of another one: families of exits, results of evaluations."""
    exits = {one.kinds[0]: rank for rank, one in enumerate(figures) if one.measure == "exits" and len(one.kinds) == 1}
    whole = any(one.measure == "dynamic_exits" for one in figures)
    families = [tuple(exits[family] for family in FAMILIES if family in exits)] if whole else []
    results = tuple(rank for rank, one in enumerate(figures) if one.measure == "evaluated" and one.kinds)
    return tuple(ranks for ranks in (*families, results) if len(ranks) > 1)


def parts_of(figures: Sequence[Figure]) -> tuple[tuple[int, int], ...]:
    """(rank of a figure, rank of one that counts some of its people only): by public, by age."""
    wholes = {one.measure: rank for rank, one in enumerate(figures) if _everybody(one)}
    return tuple(
        (wholes[one.measure], rank)
        for rank, one in enumerate(figures)
        if one.measure in wholes and not one.kinds and not _everybody(one)
    )


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
    return [row[1] for row in told.rows]
