"""The indicators of the 16 sheets, one line each: where the call asks it, its name, and how the service obtains it.

Read against the call, by hand. « = measure », then whose, or which kinds: the sentences are in `MEASURES`. A figure
that is dropped, renamed or obtained otherwise is seen here. « … » goes on with the line before.
"""

from __future__ import annotations

import pytest

from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.figures import FAMILIES, MEASURES
from workflows.scheme import Figure

SHEETS = read_dir(SCHEMES_DIRECTORY / "2024")
INDICATORS = {
    "3.1": """
        174 Heures réalisées = clause_hours
        176 Participants ayant travaillé = worked
        177 Participants ayant travaillé, bénéficiaires du RSA = worked rsa
        177 Participants ayant travaillé, moins de 26 ans = worked young
        179 Heures en condition d’exécution = clause_hours execution
        179 Heures en condition d’exécution et critère d’attribution = clause_hours criterion
        179 Heures en marché réservé = clause_hours reserved
        179 Heures en marché de services d’insertion = clause_hours insertion
        181 Sorties dynamiques = dynamic_exits
        181 Sorties dans l’emploi durable = exits durable
        181 Sorties dans l’emploi de transition = exits transition
        181 Sorties positives = exits positive
    """,
    "3.2": """
        298 Bénéficiaires du RSA positionnés = oriented rsa
        300 Bénéficiaires du RSA effectivement suivis = accompanied rsa
        302 Bénéficiaires du RSA en activité après la période d’essai = in_work rsa trial_end
        304 Bénéficiaires du RSA en activité après 6 mois = in_work rsa six_months
        306 Moins de 26 ans positionnés = oriented young
        308 Moins de 26 ans effectivement suivis = accompanied young
        310 Moins de 26 ans en activité après la période d’essai = in_work young trial_end
        312 Moins de 26 ans en activité après 6 mois = in_work young six_months
        314 Répartition par sexe des catégories précédentes = by_sex
        316 Durée moyenne du suivi, en mois = average_months
        318 Entreprises prospectées = entered
        415 Personnes positionnées = oriented
        416 Personnes accompagnées = accompanied
        417 Heures d’accompagnement = activity_hours
        419 Personnes encore en activité à la fin de l’accompagnement = still_in_work
        330 Qualité, efficience et efficacité du dispositif = written
    """,
    "3.3": """
        638 Personnes accompagnées en action préparatoire = accompanied
        640 Sorties dynamiques = dynamic_exits
        640 Sorties dans l’emploi durable = exits durable
        640 Sorties dans l’emploi de transition = exits transition
        640 Sorties positives = exits positive
    """,
    "3.4": """
        890 Participants orientés vers l’évaluation = oriented
        892 Participants évalués = evaluated
        894 Participants évalués : directement positionnable sur les clauses = evaluated ready
        894 Participants évalués : à remettre à niveau = evaluated upgrade
        894 Participants évalués : à former de façon plus conséquente = evaluated train
        894 Suites de parcours envisagées après l’évaluation = written
    """,
    "3.5": """
        1120 Bénéficiaires du RSA accueillis = accompanied rsa
        1122 Moins de 26 ans accueillis = accompanied young
        1124 Solutions de mobilité apportées, au total = obtained mobility
        1125 Solutions apportées dans un parcours suivi par Mamobilité62 = obtained_marked mobility
        1129 Comités tenus = committees
    """,
    "3.6": """
        1417 Familles bénéficiaires du RSA accueillies et accompagnées = families rsa
        1419 Familles dont un parent a moins de 26 ans, accueillies et accompagnées = families young
        1423 Sorties positives vers la formation ou l’emploi = exits Accès à un emploi+Entrée en formation
    """,
    "3.7": """
        1696 Participants accueillis = accompanied
        1696 Participants accueillis, bénéficiaires du RSA orientés = accompanied rsa
        1698 Heures d’accompagnement socioprofessionnel et d’encadrement technique = activity_hours
        1700 Phases, méthodes et outils d’accompagnement = written
        1704 Visites, immersions et contacts avec le monde économique = activities immersion+visit+partner
        1704 Liens avec le monde économique = written
        1708 Comités tenus = committees
        1708 Composition des comités de pilotage = composition
        1710 Personnes relevant du logement d’abord = accompanied housing_first
        1710 Âges des personnes relevant du logement d’abord = by_age housing_first
    """,
    "3.8": """
        1949 Bénéficiaires du RSA en situation de handicap accueillis = accompanied rsa
        1951 Moins de 26 ans en situation de handicap accueillis = accompanied young
        1953 Évolutions de parcours entre l’entrée et la sortie = evolved
        … evaluation.positive+phase.placement+Accès à un emploi+Entrée en formation
        1955 Sorties positives à la fin de l’accompagnement = exits Accès à un emploi+Entrée en formation
        1957 Durée moyenne d’accompagnement, en mois = average_months
        1959 Rendez-vous = activities interview
        1961 Échanges avec les partenaires = activities partner
        1963 Formule proposée : accueil et diagnostic approfondi = staged phase.reception
        1963 Formule proposée : accompagnement renforcé = staged phase.support
        1963 Formule proposée : positionnement sur un emploi adapté = staged phase.placement
        1965 Comités tenus = committees
    """,
    "3.9": """
        2277 Participants accueillis = accompanied
        2277 Participants accueillis, bénéficiaires du RSA = accompanied rsa
        2277 Participants accueillis, moins de 26 ans = accompanied young
        2279 Phases, méthodes et outils d’accompagnement = written
        2283 Entretiens de suivi = activities interview
        2285 Comités tenus = committees
        2285 Composition des comités de pilotage = composition
        2206 Sorties dynamiques = dynamic_exits
        2206 Sorties dans l’emploi durable = exits durable
        2206 Sorties dans l’emploi de transition = exits transition
        2206 Sorties positives = exits positive
        2202 Taux de sorties dynamiques, en % = exit_rate
    """,
    "3.10": """
        2595 Participants accompagnés = accompanied
        2597 Participants accompagnés, bénéficiaires du RSA = accompanied rsa
        2599 Participants accompagnés, moins de 26 ans = accompanied young
        2601 Heures de mise à disposition = hours
        2603 Sorties dynamiques = dynamic_exits
        2603 Sorties dans l’emploi durable = exits durable
        2603 Sorties dans l’emploi de transition = exits transition
        2603 Sorties positives = exits positive
    """,
    "3.11": """
        2915 Participants accompagnés = accompanied
        2915 Participants accompagnés, bénéficiaires du RSA = accompanied rsa
        2915 Participants accompagnés, moins de 26 ans = accompanied young
        2917 Sorties dynamiques = dynamic_exits
        2917 Sorties dans l’emploi durable = exits durable
        2917 Sorties dans l’emploi de transition = exits transition
        2917 Sorties positives = exits positive
    """,
    "3.12": """
        3203 Participants accompagnés = accompanied
        3205 Participants accompagnés, bénéficiaires du RSA = accompanied rsa
        3207 Participants accompagnés, moins de 26 ans = accompanied young
        3209 Sorties dynamiques = dynamic_exits
        3209 Sorties dans l’emploi durable = exits durable
        3209 Sorties dans l’emploi de transition = exits transition
        3209 Sorties positives = exits positive
    """,
    "3.13": """
        3434 Appuis à la gouvernance et au pilotage des SIAE = network_actions governance
        3436 Formations proposées aux SIAE = network_actions training
        3437 Interventions juridiques sur site = network_actions legal_visit
        3439 Publications et veilles juridiques = network_actions publication
        3441 Participants aux webinaires sur les SIAE = network_reached webinar
        3443 Participations aux comités et réunions techniques des dispositifs financés = network_actions meeting
    """,
    "3.14": """
        3748 Participants accueillis = accompanied
        3748 Participants accueillis, bénéficiaires du RSA = accompanied rsa
        3748 Participants accueillis, moins de 26 ans = accompanied young
        3750 Phases, méthodes et outils novateurs = written
        3754 Remobilisations dans un parcours d’insertion = entered
        3756 Retours en formation = exits Formation qualifiante ou poursuite de formation qualifiante
        3758 Retours à l’emploi = exits durable+transition
        3760 Comités tenus = committees
        3760 Composition des comités de pilotage = composition
        3762 Grilles d’évaluation remplies dans les parcours = grids
        3677 Sorties dynamiques = dynamic_exits
        3677 Sorties dans l’emploi durable = exits durable
        3677 Sorties dans l’emploi de transition = exits transition
        3677 Sorties positives = exits positive
        3673 Taux de sorties dynamiques, en % = exit_rate
    """,
    "3.15": """
        4088 Participants accueillis = accompanied
        4088 Participants accueillis, bénéficiaires du RSA = accompanied rsa
        4088 Participants accueillis, moins de 26 ans = accompanied young
        4090 Phases, méthodes et outils d’accompagnement = written
        4094 Projets professionnels validés = entered
        4096 Entrées en formation qualifiante = exits Formation qualifiante ou poursuite de formation qualifiante
        4098 Accès à l’emploi = entered
        4100 Retours à l’emploi = entered
        4102 Comités tenus = committees
        4102 Composition des comités de pilotage = composition
        4104 Grilles d’évaluation remplies dans les parcours = grids
        4018 Sorties dynamiques = dynamic_exits
        4018 Sorties dans l’emploi durable = exits durable
        4018 Sorties dans l’emploi de transition = exits transition
        4018 Sorties positives = exits positive
        4014 Taux de sorties dynamiques, en % = exit_rate
    """,
    "3.16": """
        4433 Participants accueillis = accompanied
        4433 Participants accueillis, bénéficiaires du RSA = accompanied rsa
        4433 Participants accueillis, moins de 26 ans = accompanied young
        4435 Phases, méthodes et outils d’accompagnement = written
        4439 Remobilisations dans un parcours d’insertion = entered
        4441 Retours en formation = exits Formation qualifiante ou poursuite de formation qualifiante
        4443 Retours à l’emploi = exits durable+transition
        4444 Comités tenus = committees
        4444 Composition des comités de pilotage = composition
        4446 Grilles d’évaluation remplies dans les parcours = grids
        4361 Sorties dynamiques = dynamic_exits
        4361 Sorties dans l’emploi durable = exits durable
        4361 Sorties dans l’emploi de transition = exits transition
        4361 Sorties positives = exits positive
        4358 Taux de sorties dynamiques, en % = exit_rate
    """,
}  # fmt: skip


def _line(figure: Figure) -> str:
    whose = (figure.public or "", "young" if figure.young else "", "+".join(figure.kinds))
    return " ".join(part for part in (str(figure.line), figure.label, "=", figure.measure, *whose) if part)


@pytest.mark.parametrize("code", list(SHEETS))
def test_each_sheet_has_its_indicators_by_name_each_obtained_as_said(code: str) -> None:
    lines = INDICATORS[code].replace("\n        … ", " ").strip().splitlines()
    wanted = [" ".join(line.split()) for line in lines]
    assert [_line(figure) for figure in SHEETS[code].figures] == wanted
    assert all(MEASURES[figure.measure] for figure in SHEETS[code].figures)


@pytest.mark.parametrize("code", list(SHEETS))
def test_the_words_of_a_list_named_beside_families_are_positive_exits(code: str) -> None:
    """What `workflows.rules.outside` counts on."""
    scheme, figures = SHEETS[code], [one for one in SHEETS[code].figures if one.measure == "exits"]
    families = {one.kinds for one in figures} & {(family,) for family in FAMILIES}
    words = {kind for one in figures for kind in one.kinds} - {*FAMILIES}
    if families and words:
        assert scheme.dynamic_exits is not None
        assert words <= {*scheme.dynamic_exits.positive}
