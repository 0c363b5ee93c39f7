"""A wrong scheme is refused as a whole, with the file, the key path and a French reason for each problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workflows import catalogue
from workflows.catalogue import CatalogueError

SCHEMES = catalogue.read_dir(catalogue.SCHEMES_DIRECTORY / "2024")


def content_of(code: str = "3.10") -> dict[str, Any]:
    return catalogue.to_dict(SCHEMES[code])


def refusal(content: dict[str, Any]) -> str:
    with pytest.raises(CatalogueError) as refused:
        catalogue.from_dict(content, source="fiche.toml")
    return refused.value.sentence


def test_an_unknown_key_is_refused_at_every_level() -> None:
    content = content_of()
    content["couleur"] = "bleu"
    content["funding"]["indirect"]["taux"] = 20
    content["form"]["questions"][2]["aide"] = "x"
    assert refusal(content).splitlines() == [
        "fiche.toml : funding.indirect.taux : clé inconnue",
        "fiche.toml : form.questions[2].aide : clé inconnue",
        "fiche.toml : couleur : clé inconnue",
    ]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("youth_cap_pct",), "20", "youth_cap_pct : nombre entier attendu"),
        (("youth_cap_pct",), 120, "youth_cap_pct : hors limites : de 0 à 100"),
        (("youth_age",), True, "youth_age : nombre entier attendu"),
        (("invented",), 0, "invented : true ou false attendu"),
        (("title",), 12, "title : texte attendu"),
        (("title",), "", "title : texte vide"),
        (("indicators",), "un seul", "indicators : liste attendue"),
        (("indicators", 1), 4, "indicators[1] : texte attendu"),
        (("funding",), [], "funding : table attendue"),
        (("convention", "fixed_to"), "31/12/2024", "convention.fixed_to : date attendue (AAAA-MM-JJ)"),
        (("territories", "scope"), "ten", "territories.scope : valeur inconnue « ten »"),
        (("application_windows",), [], "application_windows : 1 au moins"),
        (("line_range",), [2308], "line_range : deux lignes attendues"),
        (("payment", "line"), None, "payment.line : valeur absente"),
    ],
)
def test_an_ill_typed_value_is_refused_by_name(path: tuple[Any, ...], value: Any, reason: str) -> None:
    content = content_of()
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert refusal(content).startswith(f"fiche.toml : {reason}")


def test_a_window_that_closes_before_it_opens_is_refused() -> None:
    content = content_of("3.6")
    content["application_windows"][0]["closes"] = "2023-09-30"
    assert refusal(content) == "fiche.toml : application_windows[0].closes : la clôture précède l’ouverture"


def test_facts_that_contradict_each_other_are_refused() -> None:
    content = content_of()
    content["payment"]["line"] = 12
    content["required_accreditation"] = "un agrément"
    content["form"]["accreditation_document"] = None
    content["prior_opinions"] = [
        {"by": "CAF", "kind": "favourable_required", "line": 2500, "body": "caf", "only_for": "approach"}
    ]
    assert set(refusal(content).splitlines()) == {
        "fiche.toml : payment.line : ligne 12 hors de la fiche (l.2308-2643)",
        "fiche.toml : required_accreditation : un agrément est exigé sans pièce pour le prouver",
        "fiche.toml : prior_opinions : « approach » n’est pas une question par oui ou non",
    }


def test_shares_choices_and_keys_are_checked() -> None:
    content = content_of()
    content["funding"]["conditional_split"][0]["share_pct"] = 80
    questions = content["form"]["questions"]
    questions[1]["choices"] = []
    assert refusal(content).splitlines() == [
        "fiche.toml : funding.conditional_split : le total des parts n’est pas 100",
        "fiche.toml : form.questions[1].choices : des choix sont donnés si et seulement si la question est un choix",
    ]
    content = content_of()
    content["form"]["questions"][1] = content["form"]["questions"][0]
    assert refusal(content) == "fiche.toml : form.questions : clé employée deux fois : approach"


def test_a_request_is_one_of_those_that_the_sheet_names() -> None:
    content = content_of("3.8")
    assert content["tracks"][0]["shape"] == "request"
    content["tracks"][0] |= {"choices": [], "hours": "Heures"}
    assert refusal(content) == "fiche.toml : tracks[0].choices : aucune demande à choisir"


def test_a_missing_key_is_named() -> None:
    content = content_of()
    del content["followup"]["committee"]
    assert refusal(content) == "fiche.toml : followup.committee : clé obligatoire absente"


def test_a_malformed_file_is_refused_by_name(tmp_path: Path) -> None:
    wrong = tmp_path / "fiche.toml"
    wrong.write_text("code = ", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"fiche\.toml : TOML mal formé"):
        catalogue.read_file(wrong)
    wrong.write_bytes(b'code = "\xe9"')
    with pytest.raises(CatalogueError, match="UTF-8"):
        catalogue.read_file(wrong)
    with pytest.raises(CatalogueError, match="illisible"):
        catalogue.read_file(tmp_path / "absent.toml")


def test_a_directory_reports_every_wrong_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="aucun fichier"):
        catalogue.read_dir(tmp_path)
    text = catalogue.dump_toml(SCHEMES["3.10"])
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    (tmp_path / "b.toml").write_text(text.replace("youth_age = 26", 'youth_age = "26"'), encoding="utf-8")
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as refused:
        catalogue.read_dir(tmp_path)
    assert [Path(problem.partition(" : ")[0]).name for problem in refused.value.problems] == ["b.toml", "c.toml"]
    assert "la fiche 3.10 figure déjà" in refused.value.problems[1]
