"""The lines of the list of participants. There are fifty: drawn by the template, they took a quarter of the page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from casework.french import listed, short_date
from casework.participants import FAMILIES, Journey

_NEXT = Markup("<br>")


def roster_lines(
    journeys: Sequence[Journey],
    tags: Mapping[str, Markup],
    *,
    names: Collection[int],
    lacking: Mapping[int, Sequence[str]],
    places: Mapping[int, str],
    followed: Mapping[int, Mapping[str, Any]] | None,
) -> list[list[Any]]:
    """The cells of each journey. `tags`: of each state, of "waiting" and of "warned", as the template draws them.

    `names`: the journeys whose person is named; `lacking`: what is still missing of each; `places`: the territories of
    the operation, by number; `followed`: what the last column says, where the sheet has one.
    """
    address = current_app.jinja_env.globals["url_for"]
    return [
        [
            _link(address("journeys.show", journey_id=one.id), one.person.name if one.id in names else one.label),
            _state(one, tags, lacking.get(one.id)),
            one.publics_said,
            places.get(one.territory_id) or one.territory.name,
            short_date(one.entered_on) if one.entered_on else "–",
            "–" if one.age_at_entry is None else f"{one.age_at_entry} ans",
            _left(one),
            *([] if followed is None else [_followed(followed[one.id], tags)]),
        ]
        for one in journeys
    ]


def _link(href: str, text: str) -> Markup:
    return Markup(f'<a href="{escape(href)}">{escape(text)}</a>')  # noqa: S704


def _under(first: str | Markup, second: str) -> Markup:
    return Markup(f'{escape(first)}<br><span class="soft">{escape(second)}</span>')  # noqa: S704


def _state(journey: Journey, tags: Mapping[str, Markup], missing: Sequence[str] | None) -> Markup:
    tag = tags["waiting" if journey.awaits_validation else journey.state]
    return _under(tag, f"Il manque : {listed(missing)}") if missing else tag


def _left(journey: Journey) -> Markup | str:
    if journey.exited_on is None or journey.exit_family is None:
        return "–"
    return _under(short_date(journey.exited_on), FAMILIES[journey.exit_family])


def _followed(now: Mapping[str, Any], tags: Mapping[str, Markup]) -> Markup:
    said = [escape(text) for text in now["said"]]
    return _NEXT.join([*said, tags["warned"]] if now["warned"] else said)
