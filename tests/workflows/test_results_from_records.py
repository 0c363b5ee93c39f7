"""The months and hours of a final report come from the records that the SLAI validated, down to the euro."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.activities import JourneyMonth
from casework.applications import Application, FinalReport
from casework.deadlines import deadlines_of
from casework.errors import InvalidInput, Refused
from casework.progress_records import ProgressRecord
from tests.support.stories import FAR, Teller
from workflows.application.control import accept_passing
from workflows.application.control_inputs import control
from workflows.engine import Act, Context, fire
from workflows.journey.record_deadlines import NOBODY
from workflows.progress.reading import computed_results
from workflows.progress.stories import PeopledStory
from workflows.stories import Plan


def told(teller: Teller, target: str = "bilan", beyond: int = 1, **plan: object) -> Application:
    wanted = replace(Plan("3.10", target, beyond=beyond, posts=4, delivers=True), **plan)  # type: ignore[arg-type]
    return PeopledStory(teller.session, teller.storage, teller.settings, teller.cast, wanted, FAR).tell()


def report_of(case: Application) -> FinalReport:
    assert case.report is not None
    return case.report


def test_every_month_of_every_participant_has_its_record_transmitted_on_time(teller: Teller, session: Session) -> None:
    case = told(teller)
    states = set(session.scalars(sa.select(ProgressRecord.state).where(ProgressRecord.application_id == case.id)))
    assert states == {"transmitted"}
    known = [one for one in deadlines_of(session, case.id) if one.kind in ("cre", "cre_validation")]
    assert {one.status for one in known if one.outcome != NOBODY} == {"met"}
    assert any(one.outcome == "CRE remis." for one in known)


def test_the_report_declares_what_the_records_show_and_the_balance_follows_by_hand(
    teller: Teller, session: Session
) -> None:
    """4 posts: 48 months and 480 hours in an urban setting (l.2516-2520), 1,8 dynamic exits (l.2526)."""
    case = told(teller, "balance", 0)
    own = (ProgressRecord.journey_id == JourneyMonth.journey_id, ProgressRecord.month == JourneyMonth.month)
    rows = session.execute(
        sa.select(JourneyMonth.minutes).join(ProgressRecord, sa.and_(*own)).where(JourneyMonth.present)
    ).all()
    months, hours = len(rows), sum(row.minutes for row in rows) // 60
    results = report_of(case).results
    assert (results["months_done"], results["hours_done"]) == (months, hours)
    assert 0 < months < 48
    exits = min(Decimal(1), results["dynamic_exits"] / Decimal("1.8"))
    ratio = min(Decimal(1), Decimal(hours) / 480)
    share = Decimal(45) * months / 48 + Decimal(45) * ratio + 5 * exits + 5
    assert report_of(case).explanation is not None
    assert report_of(case).explanation["conditional_share_pct"] == float(round(share, 2))


def test_the_officer_starts_from_the_records_and_explains_another_figure(teller: Teller, session: Session) -> None:
    case = told(teller)
    officer = teller.cast.officer
    declared = dict(report_of(case).results)
    record = session.scalars(sa.select(ProgressRecord).where(ProgressRecord.application_id == case.id)).first()
    assert record is not None
    reopen(teller, case, record)
    shown = computed_results(session, case)
    assert shown["months_done"] == declared["months_done"] - 1
    context = Context(session, case, Act(officer, case.updated_at, teller.settings))
    proposed = {item.name: item.value for item in control(context)}
    validated = session.scalar(sa.select(sa.func.count()).where(ProgressRecord.state == "transmitted"))
    (quality,) = [item.help for item in control(context) if item.name == "quality_pct"]
    assert f"Sur {validated} CRE validés, thèmes travaillés : le projet professionnel " in quality
    assert (proposed["months_done"], proposed["hours_done"]) == (shown["months_done"], shown["hours_done"])
    accept_passing(session, case, Act(officer, case.updated_at, teller.settings, {}, case.version))
    kept = {name: str(value) for name, value in declared.items()} | {"other_funding": "0", "quality_pct": "100"}
    with pytest.raises(InvalidInput) as refused:
        teller.fire(case, officer, "validate_report", **kept)
    assert "d’après les CRE validés" in refused.value.errors["reason"][0]
    teller.fire(case, officer, "validate_report", **kept, reason="Le CRE rouvert a été revu sur place.")
    explanation = report_of(case).explanation
    assert explanation is not None
    assert any("d’après les CRE validés" in warning for warning in explanation["warnings"])


def reopen(teller: Teller, case: Application, record: ProgressRecord) -> None:
    reason = {"reason": "Heures d’un autre mois."}
    fire(teller.session, record, "reopen_record",
         Act(teller.cast.officer, case.updated_at, teller.settings, reason, record.version))  # fmt: skip


def test_an_operation_that_keeps_no_record_here_declares_its_own_months(teller: Teller, session: Session) -> None:
    case = teller.tell("3.10", "bilan", beyond=1)
    assert computed_results(session, case) == {}
    assert report_of(case).results["months_done"] == 120


def test_nothing_moves_once_the_report_is_controlled(teller: Teller, session: Session) -> None:
    case = told(teller, "balance", 0)
    record = session.scalars(sa.select(ProgressRecord).where(ProgressRecord.application_id == case.id)).first()
    assert record is not None
    with pytest.raises(Refused, match="ne changent plus"):
        reopen(teller, case, record)
    assert record.state == "transmitted"
