"""One action on one of several cases: through the gate, in a transaction of its own, so that none stops the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm.exc import StaleDataError

from casework.applications import Application
from casework.errors import CaseworkError, InvalidInput
from casework.permissions import visible
from web.session import settings, writing
from workflows.engine import Act, fire

NOT_OPEN = "Ce dossier n’existe pas, ou il ne vous est pas ouvert."
AT_ONCE = "Quelqu’un l’a modifié au même instant."


@dataclass(frozen=True)
class Outcome:
    """What became of one case; `reasons` is empty when it was done. `errors`: what is wrong, by the input's name."""

    case_id: int
    reference: str
    title: str
    reasons: tuple[str, ...] = ()
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return not self.reasons


def fire_one(trigger: str, case_id: int, version: int, data: Mapping[str, Any] | None = None) -> Outcome:
    """Do it, or say why not. Called from a view marked `own_transaction`."""
    case_of = (case_id, f"n° {case_id}", "")
    try:
        with writing() as session:
            query = visible(sa.select(Application).where(Application.id == case_id), g.actor)
            case = session.scalars(query).one_or_none()
            if case is None:
                return Outcome(*case_of, (NOT_OPEN,))
            case_of = (case.id, case.reference, case.title)
            fire(session, case, trigger, Act(g.actor, g.now, settings(), dict(data or {}), version))
    except CaseworkError as error:
        return Outcome(*case_of, reasons_of(error), getattr(error, "errors", {}))
    except StaleDataError:
        return Outcome(*case_of, (AT_ONCE,))
    return Outcome(*case_of)


def reasons_of(error: CaseworkError) -> tuple[str, ...]:
    """Every sentence of a refusal."""
    if isinstance(error, InvalidInput):
        return tuple(sentence for sentences in error.errors.values() for sentence in sentences)
    return tuple(getattr(error, "reasons", (error.sentence,)))
