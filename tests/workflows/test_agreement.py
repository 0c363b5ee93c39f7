"""The convention: what it says, that it never changes, and what its text may and may not name."""

from __future__ import annotations

import io
import re

import docx
import pikepdf
import pytest
from sqlalchemy.orm import Session

from casework.agreements import FIELDS, LISTS, TemplateError, keep_version, parse, provided_text
from casework.amounts import euros
from casework.applications import Application, Convention
from casework.errors import Refused
from casework.french import euros_in_words, long_date
from tests.support.pdftext import text_of
from tests.support.stories import Teller
from tests.support.template import NOW
from workflows.application.agreement import document_of, preview_of

CODES = [f"3.{number}" for number in range(1, 17)]


def flat(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def _convention(case: Application) -> Convention:
    assert case.convention is not None
    return case.convention


def _words_of(content: bytes) -> str:
    opened = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in opened.paragraphs), *cells])


def test_there_is_no_convention_before_the_grant(session: Session, teller: Teller) -> None:
    with pytest.raises(Refused, match="une fois la subvention accordée"):
        document_of(session, teller.tell("3.1", "instructed"), teller.settings)


def test_the_pdf_and_the_docx_say_number_parties_period_amount_and_calendar(session: Session, teller: Teller) -> None:
    case = teller.tell("3.5", "convention")
    convention, document = _convention(case), document_of(session, case, teller.settings)
    pdf, word = text_of(document.as_pdf()), _words_of(document.as_docx())
    for expected in (
        convention.number,
        case.organisation.name,
        teller.settings.funder_signatory,
        long_date(convention.starts_on),
        long_date(convention.ends_on),
        euros(convention.grant_cents),
        euros_in_words(convention.grant_cents),
        euros(convention.grant_cents * 80 // 100),
        "Comité n° 1",
        "Tableau de bord avant le comité n° 1",
        "Bilan final",
    ):
        assert flat(expected) in flat(pdf), expected
        assert flat(expected) in flat(word), expected
    assert "(l." not in pdf


def test_the_pdf_is_tagged_and_in_french(session: Session, teller: Teller) -> None:
    content = document_of(session, teller.tell("3.1", "convention"), teller.settings).as_pdf()
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang).startswith("fr")
        assert opened.open_metadata()["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("code", CODES)
def test_every_scheme_has_its_convention(session: Session, teller: Teller, code: str) -> None:
    document = document_of(session, teller.tell(code, "convention"), teller.settings)
    assert not re.search(r"\{\w+\}", str(document.data["articles"]))
    assert document.as_pdf().startswith(b"%PDF")


def test_the_convention_keeps_its_text_and_its_terms_whatever_changes_later(session: Session, teller: Teller) -> None:
    case = teller.tell("3.1", "convention")
    before = document_of(session, case, teller.settings).as_pdf()
    keep_version(session, "# Autre\nUn autre texte pour {porteur}.", by="Admin", at=NOW)
    case.organisation.name = "Un nom tout neuf"
    session.flush()
    session.expire_all()
    assert document_of(session, case, teller.settings).as_pdf() == before
    following = teller.tell("3.1", "convention")
    said = text_of(document_of(session, following, teller.settings).as_pdf())
    assert flat("Un autre texte pour Un nom tout neuf") in flat(said)


def test_what_people_typed_is_never_markup_nor_a_field(session: Session, teller: Teller) -> None:
    case = teller.tell("3.1", "convention")
    odd = 'A&B <x> *gras* #read("/etc/passwd") {montant} \x0b'
    case.organisation.name = odd
    document = preview_of(case, teller.settings, "# {porteur}\n- {porteur}\n- fin")
    expected = flat('A&B<x>*gras*#read("/etc/passwd"){montant}')
    assert expected in flat(text_of(document.as_pdf()))
    assert expected in flat(_words_of(document.as_docx()))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Ligne 1 : le texte est vide"),
        ("Bonjour", "Ligne 1 : le texte commence par un article"),
        ("# Objet\nbien\n\n{monant}", "Ligne 4 : le champ « monant » n’existe pas"),
        ("# Objet\nsoit {calendrier} ici", "Ligne 2 : « {calendrier} » est une liste"),
        ("# Objet\nsoit {montant", "Ligne 2 : une accolade n’a pas sa paire"),
        ("# Objet\n## Détail\nx", "Ligne 2 : un article n’a qu’un niveau"),
        ("#\nx", "Ligne 1 : un article porte un titre"),
        ("# Objet\n# Durée\nx", "L’article « Objet » est vide"),
        ("# Objet\n{porteur.__class__}", "Ligne 2 : le champ « porteur.__class__ » n’existe pas"),
        ("# A\n" + "x" * 60_000, "trop long"),
    ],
)
def test_a_broken_text_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(TemplateError) as refused:
        parse(text)
    assert sentence in refused.value.sentence


def test_the_provided_text_and_every_name_are_understood() -> None:
    parse(provided_text())
    parse("# Tout\n" + " ".join(f"{{{name}}}" for name in FIELDS) + "\n" + "\n".join(f"{{{name}}}" for name in LISTS))


def test_lines_make_one_paragraph_until_an_empty_one() -> None:
    (article,) = parse("# Objet\nune\nphrase\n\nautre\n- a\n- b")
    assert [(block.kind, block.text) for block in article.blocks] == [
        ("text", "une phrase"),
        ("text", "autre"),
        ("item", "a"),
        ("item", "b"),
    ]


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (0, "zéro euro"),
        (1, "un centime"),
        (100, "un euro"),
        (120_001, "mille deux cents euros et un centime"),
        (8_000_080, "quatre-vingt mille euros et quatre-vingts centimes"),
        (100_000_000, "un million d’euros"),
        (250_000_000, "deux millions cinq cent mille euros"),
    ],
)
def test_an_amount_is_written_in_words(cents: int, words: str) -> None:
    assert euros_in_words(cents) == words
