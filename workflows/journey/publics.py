"""The situations of a participant at entry, as they are asked and said: the one that opens the operation, then more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casework.participants import PUBLICS
from workflows.inputs import Input
from workflows.scheme import Scheme


def publics_of(scheme: Scheme) -> tuple[tuple[str, str], ...]:
    """Those that the sheet is for, then any other situation; all of them where it names none."""
    named = scheme.publics or tuple(PUBLICS)
    return tuple((code, PUBLICS[code]) for code in dict.fromkeys((*named, "other")))


def also_of(scheme: Scheme) -> tuple[tuple[str, str], ...]:
    """The situations that may be true besides: those of the sheet and of its figures (3.7 counts the RSA, l.1696)."""
    counted = [figure.public for figure in scheme.figures if figure.public]
    known = dict.fromkeys((*(scheme.publics or PUBLICS), *counted, "rsa"))
    return tuple((code, PUBLICS[code]) for code in known if code != "other")


def situations(publics: Sequence[tuple[str, str]], scheme: Scheme, known: Sequence[str] = ()) -> tuple[Input, ...]:
    """What opens the operation to the person, then what is true of her besides. `known`: what was said."""
    first, also = (known[0], list(known[1:])) if known else (None, [])
    help_ = "Cochez tout ce qui est vrai aussi : chaque situation compte dans les indicateurs de la fiche."
    return (
        Input("public", "Public", "choice", choices=tuple(publics), value=first),
        Input("also", "Et aussi", "choices", required=False, choices=also_of(scheme), value=also, help=help_),
    )


def said_publics(answers: Mapping[str, Any]) -> list[str]:
    """The situations that were said, the first one first, each once."""
    return list(dict.fromkeys((answers["public"], *(answers.get("also") or ()))))
