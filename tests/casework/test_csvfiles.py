"""CSV files: no text becomes a formula, and what cannot be read is refused in a sentence."""

from __future__ import annotations

import csv
import io

import pytest

from casework import csvfiles
from casework.errors import InvalidInput

COLUMNS = ("numero_versement", "montant")


def refused(content: bytes, *, most: int = 5) -> str:
    with pytest.raises(InvalidInput) as error:
        csvfiles.read(csvfiles.decoded(content), COLUMNS, most=most)
    (sentence,) = error.value.errors["file"]
    return sentence


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=HYPERLINK(1)"])
def test_no_text_that_is_written_becomes_a_formula(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csvfiles.write(("a",), [(text,)]).splitlines()[1]), delimiter=";")
    assert row[0].startswith("'")


def test_what_is_written_has_a_mark_semicolons_and_a_decimal_comma() -> None:
    content = csvfiles.encoded(csvfiles.write(COLUMNS, [("L’été ; ici", csvfiles.decimal_comma(123_405))]))
    assert content.startswith(b"\xef\xbb\xbfnumero_versement;montant\r\n")
    assert '"L’été ; ici";1234,05' in content.decode("utf-8-sig")


def test_columns_are_found_by_their_names_whatever_the_order_the_case_or_the_separator() -> None:
    for text in ("Montant;X;NUMERO_VERSEMENT\n5,00;z;V1\n;;\n", "Montant,X,numero_versement\n5.00,z,V1\n"):
        (line,) = csvfiles.read(text, COLUMNS, most=5)
        assert (line.number, line.cells["numero_versement"]) == (2, "V1")
    cp1252 = "numero_versement;montant\nréf;5\n".encode("cp1252")
    assert csvfiles.read(csvfiles.decoded(cp1252), COLUMNS, most=5)[0].cells["numero_versement"] == "réf"


def test_what_cannot_be_read_is_refused_in_a_sentence() -> None:
    header = b"numero_versement;montant\n"
    assert "vide" in refused(b"  \n")
    assert "classeur" in refused(b"PK\x03\x04....")
    assert "PDF" in refused(b"%PDF-1.7")
    assert "UTF-8" in refused("numero_versement;montant".encode("utf-16"))
    assert refused(b"a;b\n1;2\n") == (
        "La première ligne doit nommer les colonnes ; il manque « numero_versement » et « montant »."
    )
    assert "aucune ligne" in refused(header)
    assert "plus de 5 lignes" in refused(header + b"V1;5\n" * 6)
    assert "trop gros" in refused(header + b"V000001;5,00\n" * 100_000)
    assert "CSV lisible" in refused(header + b'"' + b"x" * 200_000)


def test_lines_are_written_again_as_they_were_read() -> None:
    lines = csvfiles.read('numero_versement;montant\n"-a;b";"+1"\n', COLUMNS, most=5)
    assert csvfiles.read(csvfiles.rewritten(COLUMNS, lines), COLUMNS, most=5) == lines
