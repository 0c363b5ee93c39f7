"""What argparse says of a command asked wrongly, in French: it asks gettext, which has no catalogue here."""

from __future__ import annotations

import argparse

SENTENCES = {
    "usage: ": "usage : ",
    "options": "options",
    "positional arguments": "arguments",
    "show this help message and exit": "montrer cette aide",
    "%(prog)s: error: %(message)s\n": "%(prog)s : %(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "the following arguments are required: %s": "il manque %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "one of the arguments %s is required": "il faut l’un de %s",
    "expected one argument": "une valeur est attendue",
    "expected at least one argument": "au moins une valeur est attendue",
    "expected at most one argument": "une valeur au plus est attendue",
    "not allowed with argument %s": "ne va pas avec %s",
    "invalid %(type)s value: %(value)r": "%(value)r n’est pas une valeur possible (%(type)s)",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r n’existe pas ; au choix : %(choices)s",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s peut vouloir dire %(matches)s",
    "ignored explicit argument %r": "n’attend pas de valeur, %r est de trop",
}


def install() -> None:
    """From now on every parser speaks French. A sentence that is not here stays as it is."""
    argparse._ = lambda text: SENTENCES.get(text, text)  # type: ignore[attr-defined]
