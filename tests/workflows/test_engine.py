"""The gate: who passes, who is refused and told why, and what a refusal leaves behind (nothing)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from casework import journal
from casework.applications import Application
from casework.clock import paris_instant
from casework.errors import Forbidden, InvalidInput, NotFound, Refused, Stale
from casework.money import live, payments_of
from casework.outbox import Message
from casework.people import Actor, job
from tests.support import people
from tests.support.stories import Teller
from workflows.engine import Act, fire, offered
from workflows.stories import Plan

CLOSING = date(2024, 1, 31)


def triggers(teller: Teller, case: Application, actor: Actor) -> dict[str, tuple[str, ...]]:
    """What is offered to this actor, with the reasons of what is not possible."""
    offers = offered(teller.session, case, actor, at=case.updated_at, settings=teller.settings)
    return {offer.move.trigger: offer.reasons for offer in offers}


def snapshot(teller: Teller, case: Application) -> tuple[object, ...]:
    teller.session.flush()
    events = teller.session.scalar(sa.select(sa.func.count()).select_from(journal.Event))
    messages = teller.session.scalar(sa.select(sa.func.count()).select_from(Message))
    return case.state, case.version, events, messages


def test_a_forged_trigger_does_not_exist(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    with pytest.raises(NotFound):
        teller.fire(case, teller.cast.officer, "drop_table")


def test_a_trigger_of_another_step_is_refused_with_the_name_of_the_step(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    with pytest.raises(Refused, match="n’est pas possible à l’étape « Validé »"):
        teller.fire(case, teller.cast.manager, "grant", granted="1")


def test_only_the_roles_that_may_pass_the_gate(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    for actor in (teller.cast.applicant, teller.cast.finance, teller.cast.slai, teller.cast.partner):
        with pytest.raises(Forbidden):
            teller.fire(case, actor, "admit")


def test_an_automatic_move_is_nobody_s_to_fire(teller: Teller) -> None:
    case = teller.tell("3.5", "slai_opinion")
    with pytest.raises(Forbidden):
        teller.fire(case, teller.cast.manager, "open_instruction")


def test_somebody_who_saw_an_older_version_is_told_who_changed_what(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    seen = case.version
    teller.fire(case, teller.cast.officer, "claim")
    with pytest.raises(Stale) as refusal:
        fire(teller.session, case, "admit", Act(teller.cast.manager, case.updated_at, teller.settings, {}, seen))
    assert "Dossier pris en charge" in refusal.value.sentence
    assert teller.cast.officer.name in refusal.value.sentence


def test_a_person_must_say_which_version_was_seen(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    with pytest.raises(Stale):
        fire(teller.session, case, "admit", Act(teller.cast.officer, case.updated_at, teller.settings))


def test_a_refusal_leaves_nothing_behind(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    before = snapshot(teller, case)
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.officer, "declare_inadmissible", reason="   ")
    assert refusal.value.errors == {"reason": ("Cette réponse est obligatoire.",)}
    assert snapshot(teller, case) == before


def test_the_buttons_and_the_gate_agree(teller: Teller) -> None:
    case = teller.tell("3.12", "draft", requested=0)
    reasons = triggers(teller, case, teller.cast.applicant)["deposit"]
    assert len(reasons) == 1
    assert "n’est pas complet" in reasons[0]
    with pytest.raises(Refused) as refusal:
        teller.fire(case, teller.cast.applicant, "deposit")
    assert refusal.value.reasons == reasons


@pytest.mark.parametrize(
    ("day", "at", "passes"),
    [
        (CLOSING, time(23, 59, 59), True),
        (CLOSING + timedelta(days=1), time(0, 0, 0), False),
        (date(2023, 12, 13), time(23, 59, 59), False),
        (date(2023, 12, 14), time(0, 0, 0), True),
    ],
)
def test_a_window_is_open_until_the_last_second_of_its_closing_day_in_paris(
    teller: Teller, day: date, at: time, passes: bool
) -> None:
    case = teller.tell("3.12", "draft")
    if passes:
        teller.fire(case, teller.cast.applicant, "deposit", paris_instant(day, at))
        assert case.state == "deposited"
    else:
        with pytest.raises(Refused):
            teller.fire(case, teller.cast.applicant, "deposit", paris_instant(day, at))


def test_a_file_deposited_but_not_validated_in_time_is_refused(teller: Teller) -> None:
    case = teller.tell("3.12", "deposited")
    with pytest.raises(Refused, match="31 janvier 2024 à 23 h 59"):
        teller.fire(case, teller.cast.applicant, "validate", paris_instant(CLOSING + timedelta(days=1)))


def test_a_lapsed_file_keeps_everything_and_is_carried_into_a_later_window(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    teller.fire(case, job("Clôture"), "lapse", paris_instant(date(2024, 2, 1)))
    assert case.state == "lapsed"
    teller.fire(case, teller.cast.applicant, "carry_over", paris_instant(date(2024, 4, 3)))
    draft = teller.session.get_one(Application, case.carried_into_id)
    assert (draft.state, draft.title, draft.answers) == ("draft", case.title, case.answers)
    assert draft.closes_on == date(2024, 5, 31)
    assert draft.requested_cents == case.requested_cents
    teller.fire(draft, teller.cast.applicant, "deposit", paris_instant(date(2024, 4, 4)))


def test_a_window_still_open_lapses_nothing(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    with pytest.raises(Refused):
        teller.fire(case, job("Clôture"), "lapse", paris_instant(CLOSING, time(23, 59)))


def test_a_correction_blocks_admissibility_until_it_is_answered(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    teller.fire(case, teller.cast.officer, "request_correction", reason="Le budget est illisible.", due_on="2024-02-20")
    assert triggers(teller, case, teller.cast.officer)["admit"] == (
        "Une correction est attendue du porteur pour le 20 février 2024.",
    )
    assert "declare_inadmissible" in triggers(teller, case, teller.cast.officer)
    assert triggers(teller, case, teller.cast.officer)["declare_inadmissible"] != ()
    teller.fire(case, teller.cast.applicant, "answer_correction", answer="Budget déposé de nouveau.")
    assert triggers(teller, case, teller.cast.officer)["admit"] == ()


def test_an_overdue_correction_lets_the_officer_declare_the_file_inadmissible(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    teller.fire(case, teller.cast.officer, "request_correction", reason="Statuts manquants.", due_on="2024-02-20")
    late = paris_instant(date(2024, 2, 21))
    teller.fire(case, teller.cast.officer, "declare_inadmissible", late, reason="Aucune réponse dans le délai.")
    assert case.state == "inadmissible"
    teller.fire(case, teller.cast.manager, "reopen_admissibility", late, reason="Réponse reçue par courrier.")
    assert case.state == "submitted"


def test_convergence_must_be_favourable_for_premieres_heures(teller: Teller) -> None:
    story = teller.story(Plan("3.7", "slai_opinion"))
    case = story.tell()
    opinion = case.opinions[0]
    story.wait(3)
    story.fire(
        teller.cast.partner, "give_opinion", opinion=str(opinion.id), verdict="unfavourable", text="Site inadapté."
    )
    assert case.state == "slai_opinion"
    assert "skip_opinion" not in triggers(teller, case, teller.cast.manager)
    assert "reject_for_opinion" in triggers(teller, case, teller.cast.manager)
    story.fire(teller.cast.officer, "ask_opinion_again", opinion=str(opinion.id), reason="Le site a changé.")
    story.fire(teller.cast.partner, "give_opinion", opinion=str(opinion.id), verdict="favourable", text="")
    assert case.state == "instruction"


def test_an_unfavourable_slai_opinion_warns_and_does_not_block(teller: Teller) -> None:
    case = teller.tell("3.5", "instruction", opinion="unfavourable")
    assert case.state == "instruction"


def test_an_unfavourable_opinion_is_explained(teller: Teller) -> None:
    case = teller.tell("3.5", "slai_opinion")
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.slai, "give_opinion", opinion=str(case.opinions[0].id), verdict="unfavourable")
    assert "text" in refusal.value.errors


def test_a_slai_agent_gives_the_opinion_of_its_own_territory_only(teller: Teller) -> None:
    case = teller.tell("3.5", "slai_opinion", territories=("Ternois", "Artois"))
    here = next(opinion for opinion in case.opinions if opinion.title == "SLAI Ternois")
    elsewhere = next(opinion for opinion in case.opinions if opinion.title == "SLAI Artois")
    assert here.territory is not None
    agent = people.slai(teller.session, here.territory)
    with pytest.raises(InvalidInput):
        teller.fire(case, agent, "give_opinion", opinion=str(elsewhere.id), verdict="favourable")
    teller.fire(case, agent, "give_opinion", opinion=str(here.id), verdict="favourable")
    assert here.verdict == "favourable"


def test_a_manager_skips_a_silent_opinion_with_a_reason(teller: Teller) -> None:
    case = teller.tell("3.5", "slai_opinion")
    teller.fire(
        case,
        teller.cast.manager,
        "skip_opinion",
        opinion=str(case.opinions[0].id),
        reason="Sans réponse après relance.",
    )
    assert case.state == "instruction"


def test_the_advance_never_passes_the_ceiling_of_the_sheet(teller: Teller) -> None:
    case = teller.tell("3.5", "advance")
    too_much = (case.granted_cents or 0) * 81 // 100
    with pytest.raises(InvalidInput):
        teller.fire(case, teller.cast.finance, "order_advance", amount=f"{too_much / 100:.2f}")
    ceiling = (case.granted_cents or 0) * 80 // 100
    teller.fire(case, teller.cast.finance, "order_advance", amount=f"{ceiling // 100},{ceiling % 100:02d}")
    to_verify = ("Ce versement doit d’abord être vérifié par une autre personne que celle qui l’a ordonné.",)
    assert triggers(teller, case, teller.cast.finance)["record_advance"] == to_verify
    alone = ("Vous avez ordonné ce versement : une autre personne doit le vérifier.",)
    assert triggers(teller, case, teller.cast.finance)["verify_payment"] == alone
    with pytest.raises(Refused, match="une autre personne doit le vérifier"):
        teller.fire(case, teller.cast.finance, "verify_payment")
    teller.fire(case, teller.cast.verifier, "verify_payment")
    assert triggers(teller, case, teller.cast.finance)["record_advance"] == ()


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("amount", ["-5", "abc", "NaN", "1e9", "0", "10000000000000000", "12,345"])
def test_a_wrong_amount_is_refused_on_its_field(teller: Teller, amount: str) -> None:
    case = teller.tell("3.5", "advance")
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.finance, "order_advance", amount=amount)
    assert set(refusal.value.errors) == {"amount"}


def test_a_decision_needs_its_reference_and_a_date_that_has_passed(teller: Teller) -> None:
    case = teller.tell("3.12", "instructed")
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.manager, "grant", granted="1000", decision_reference="", decided_on="")
    assert set(refusal.value.errors) == {"decision_reference", "decided_on"}
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.manager, "grant", granted="1000", decision_reference="X", decided_on="2099-01-01")
    assert set(refusal.value.errors) == {"decided_on"}


def test_nobody_grants_more_than_the_rules_of_the_sheet_allow(teller: Teller) -> None:
    case = teller.tell("3.7", "instructed")
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(
            case,
            teller.cast.manager,
            "grant",
            granted="50 000,01",
            decision_reference="X",
            decided_on="2024-04-01",
            at=paris_instant(date(2024, 4, 2)),
        )
    assert set(refusal.value.errors) == {"granted"}


def test_both_signatures_open_the_advance(teller: Teller) -> None:
    case = teller.tell("3.12", "convention")
    day = case.updated_at.date().isoformat()
    teller.fire(case, teller.cast.manager, "sign_for_funder", signed_on=day)
    assert case.state == "convention"
    teller.fire(case, teller.cast.applicant, "sign_for_applicant", signed_on=day)
    assert case.state == "advance"


def test_the_final_report_comes_with_its_file(teller: Teller) -> None:
    case = teller.tell("3.12", "bilan")
    assert triggers(teller, case, teller.cast.applicant)["submit_report"] == (
        "Joignez d’abord le bilan final signé, dans les pièces.",
        "Il manque, dans « Préparer le bilan » : « Actions d’accompagnement mises en œuvre », « Objectifs individuels "
        "et collectifs », au moins une dépense, « Mois d’accompagnement réalisés » et « Sorties dynamiques ».",
    )


def test_a_balance_is_reversed_by_another_row_then_paid_again(teller: Teller) -> None:
    case = teller.tell("3.12", "closed")
    teller.fire(case, teller.cast.manager, "reopen", reason="Erreur de compte bancaire.")
    offer = next(
        o
        for o in offered(teller.session, case, teller.cast.finance, at=case.updated_at, settings=teller.settings)
        if o.move.trigger == "reverse_payment"
    )
    chosen = {"payment": offer.inputs[0].choices[0][0], "reason": "Compte clos."}
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.finance, "reverse_payment", **chosen)
    assert refusal.value.errors["payment"][0].endswith("une autre personne doit l’annuler.")
    teller.fire(case, teller.cast.verifier, "reverse_payment", **chosen)
    teller.fire(case, teller.cast.finance, "order_balance")
    teller.fire(case, teller.cast.verifier, "verify_payment")
    day = case.updated_at.date().isoformat()
    teller.fire(case, teller.cast.finance, "record_balance", paid_on=day, paid_reference="M-2")
    assert case.state == "closed"


def test_a_payment_to_reverse_is_named_by_its_day_in_paris(teller: Teller) -> None:
    case = teller.tell("3.12", "advance")
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    teller.fire(case, teller.cast.finance, "order_advance", late, amount="1 000,00")
    offers = offered(teller.session, case, teller.cast.finance, at=late, settings=teller.settings)
    reversal = next(offer for offer in offers if offer.move.trigger == "reverse_payment")
    assert [label for _, label in reversal.inputs[0].choices] == ["Avance ordonnée le 2 juillet 2026"]


def test_a_job_acts_in_its_own_name(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    teller.fire(case, job("Clôture des sessions"), "lapse", paris_instant(date(2024, 2, 2)))
    last = journal.last_event(teller.session, "application", case.id)
    assert last is not None
    assert (last.actor_id, last.actor_name) == (None, "Clôture des sessions")


def test_what_is_not_shown_because_it_is_done_cannot_be_fired_either(teller: Teller) -> None:
    case = teller.tell("3.12", "convention")
    day = case.updated_at.date().isoformat()
    teller.fire(case, teller.cast.applicant, "sign_for_applicant", signed_on=day)
    with pytest.raises(Refused, match="déjà fait"):
        teller.fire(case, teller.cast.applicant, "sign_for_applicant", signed_on=day)


def test_a_lapsed_file_is_carried_only_once(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    teller.fire(case, job("Clôture"), "lapse", paris_instant(date(2024, 2, 1)))
    teller.fire(case, teller.cast.applicant, "carry_over", paris_instant(date(2024, 4, 3)))
    with pytest.raises(Refused, match="déjà fait"):
        teller.fire(case, teller.cast.applicant, "carry_over", paris_instant(date(2024, 4, 4)))


def test_a_paid_balance_is_never_recorded_twice_and_the_case_closes_again(teller: Teller) -> None:
    case = teller.tell("3.12", "closed")
    teller.fire(case, teller.cast.manager, "reopen", reason="Rouvert par erreur.")
    offers = triggers(teller, case, teller.cast.finance)
    assert "record_balance" not in offers
    assert offers["close_again"] == ()
    teller.fire(case, teller.cast.finance, "close_again")
    assert case.state == "closed"


def test_an_instruction_may_propose_a_refusal_and_granting_more_needs_a_reason(teller: Teller) -> None:
    case = teller.tell("3.12", "instruction", beyond=1)
    teller.fire(
        case, teller.cast.officer, "finish_instruction", proposed="0", report="Projet hors du champ de la fiche."
    )
    day = case.updated_at.date().isoformat()
    decision = {"granted": "1000", "decision_reference": "CP-7", "decided_on": day}
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.manager, "grant", **decision)
    assert set(refusal.value.errors) == {"reason"}
    teller.fire(case, teller.cast.manager, "grant", **decision, reason="Besoin reconnu par le territoire.")
    assert case.state == "convention"


def test_a_wrong_reference_of_the_advance_is_rectified_by_two_rows(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    day = case.updated_at.date().isoformat()
    right = {"paid_on": day, "paid_reference": "M-BON", "reason": "Numéro mal recopié."}
    with pytest.raises(Refused, match="une autre personne doit la rectifier"):
        teller.fire(case, teller.cast.finance, "rectify_advance", **right)
    teller.fire(case, teller.cast.verifier, "rectify_advance", **right)
    rows = payments_of(teller.session, case.id)
    assert [row.kind for row in rows] == ["advance", "reversal", "advance"]
    standing = live(rows, "advance")
    assert standing is not None
    assert standing.paid_reference == "M-BON"


def test_a_file_is_carried_only_where_a_window_is_coming(teller: Teller) -> None:
    case = teller.tell("3.1", "draft")
    teller.fire(case, job("Clôture"), "lapse", paris_instant(date(2024, 2, 1)))
    assert "n’a plus de session de dépôt à venir" in triggers(teller, case, teller.cast.applicant)["carry_over"][0]


@pytest.mark.parametrize(("state", "trigger"), [("submitted", "admit"), ("instructed", "reject"), ("draft", "deposit")])
def test_a_job_does_nothing_that_keeps_the_name_of_a_person(teller: Teller, state: str, trigger: str) -> None:
    case = teller.tell("3.12", state)
    with pytest.raises(Forbidden):
        teller.fire(case, job("Tâche"), trigger)
