"""What can go wrong, each with a French sentence for the person. Only `web/errors.py` turns them into HTTP statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class CaseworkError(Exception):
    """Base of every error a person may be told about; `sentence` is plain French."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(CaseworkError):
    """The thing does not exist, or is outside the person's scope: nobody learns which."""

    def __init__(self, sentence: str = "Cette page n’existe pas, ou elle ne vous est pas ouverte.") -> None:
        super().__init__(sentence)


class Forbidden(CaseworkError):
    """The person sees the thing but may not do this to it."""

    def __init__(self, sentence: str = "Votre rôle ne permet pas cette action.") -> None:
        super().__init__(sentence)


class Refused(CaseworkError):
    """A rule says no; `reasons` are all the sentences that explain why."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


class Stale(CaseworkError):
    """Somebody changed the case since the person opened the page."""


class InvalidInput(CaseworkError):
    """Some fields were not understood: `errors` maps a field name to its sentences."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("Certaines réponses sont à corriger.")
        self.errors = {name: tuple(sentences) for name, sentences in errors.items()}


class TooLarge(CaseworkError):
    """A file or a field is larger than what is accepted."""
