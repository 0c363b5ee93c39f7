"""How a computed amount explains itself: the same steps on screen, in the PDF and on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from casework.amounts import NO_BREAK_SPACE, decimal_string, round_half_up
from workflows.scheme import OtherDocument, Scheme

_LINE_IN_TEXT = re.compile(r"l\.\s?(\d+)")


@dataclass(frozen=True)
class Step:
    """One line of the computation: French label, French formula with its figures, result in cents, "l.2509"."""

    label: str
    formula: str
    amount_cents: int
    source: str

    def as_dict(self) -> dict[str, str]:
        return {
            "label": self.label,
            "formula": self.formula,
            "amount": decimal_string(self.amount_cents),
            "source": self.source,
        }


@dataclass(frozen=True)
class RuleWarning:
    """Something an officer must know; it never blocks.

    `line` is the line of the call, `field` the input it speaks of. `code` is stable, `sentence` is French.
    """

    code: str
    sentence: str
    line: int | None = None
    field: str | None = None

    @property
    def full_sentence(self) -> str:
        """The sentence with the line of the call, when there is one."""
        if self.line is None:
            return self.sentence
        return f"{self.sentence.removesuffix('.')} ({line_source(self.line)})."

    def as_text(self) -> str:
        """As `casework explain` prints it: the name of the input first, then the sentence shown on screen."""
        return f"{self.field} : {self.full_sentence}" if self.field else self.full_sentence


def steps_as_dicts(steps: Iterable[Step]) -> list[dict[str, str]]:
    return [step.as_dict() for step in steps]


def warnings_as_texts(warnings: Iterable[RuleWarning]) -> list[str]:
    return [warning.as_text() for warning in warnings]


def line_source(line: int) -> str:
    return f"l.{line}"


def number(value: Fraction | Decimal | int) -> str:
    """A figure in French with two decimals at most: "1,33", "20"."""
    whole, rest = divmod(round_half_up(Fraction(value) * 100), 100)
    return f"{whole},{rest:02}".rstrip("0").rstrip(",") if rest else str(whole)


def percent(value: Fraction | Decimal | int) -> str:
    """A rate in French, "20 %" with its no-break space; the value is per cent."""
    return f"{number(value)}{NO_BREAK_SPACE}%"


def funding_line(scheme: Scheme) -> int:
    """The first line of the scheme's clause on direct costs, or of the one on indirect costs that follows it."""
    return first_line_in(scheme.funding.direct_costs, otherwise=scheme.funding.indirect.line)


def first_line_in(texts: Sequence[str], *, otherwise: int) -> int:
    """The first "l.N" that the catalogue's texts quote."""
    found = _LINE_IN_TEXT.search(" ".join(texts))
    return int(found[1]) if found else otherwise


def document_about(scheme: Scheme, word: str) -> OtherDocument | None:
    """The first of the scheme's other documents whose name contains `word`, whatever its case."""
    return next((document for document in scheme.other_documents if word.lower() in document.name.lower()), None)
