"""Budget lines and payments, in cents. A payment is never edited: it is reversed by another row.

The amount of a staff line is its annual gross and charges × the share given to the operation; the database holds it.

Four eyes: one person orders a payment, another verifies it, and only then may it be recorded as paid. Money goes to an
account that the organisation gave and an officer confirmed: the one that stood on the day of the order.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.amounts import share
from casework.applications import Application
from casework.bank import BankDetails
from casework.db import Base, Cents, Instant, Key, one_of
from casework.export_batches import ExportBatch
from casework.people import User

CATEGORIES = {
    "personnel": "Frais de personnel",
    "operating": "Frais de fonctionnement",
    "travel": "Frais de déplacement",
    "rent": "Location de locaux",
    "external_services": "Prestations externes",
    "other_direct": "Autres dépenses directes",
    "indirect": "Charges indirectes",
}
INCOMES = {
    "requested": "Subvention demandée au Département",
    "own": "Fonds propres",
    "state": "État",
    "region": "Région",
    "europe": "Union européenne",
    "caf": "CAF",
    "other": "Autres financeurs",
}
STAFF = "personnel"
LINE_COLUMNS = ("side", "category", "label", "amount_cents", "fte_hundredths", "gross_cents", "share_hundredths")
STAFF_CHECK = (
    "(fte_hundredths IS NULL AND gross_cents IS NULL AND share_hundredths IS NULL)"
    f" OR (side = 'expense' AND category = '{STAFF}' AND fte_hundredths IS NOT NULL AND gross_cents IS NOT NULL"
    " AND share_hundredths IS NOT NULL AND fte_hundredths > 0 AND gross_cents >= 0"
    " AND share_hundredths BETWEEN 0 AND 10000"
    " AND amount_cents = (gross_cents * share_hundredths + 5000) / 10000)"
)
KINDS = {"advance": "Avance", "balance": "Solde", "recovery": "Reversement", "reversal": "Annulation"}
ORDERED = {"advance": "Avance ordonnée", "balance": "Solde ordonné", "recovery": "Reversement demandé"}


class BudgetLine(Base):
    """A planned expense or income. `category` is a key of CATEGORIES for an expense, of INCOMES for an income.

    A staff line says how its amount is made: `fte_hundredths` (full-time equivalents × 100), `gross_cents` (a year's
    gross and charges), `share_hundredths` (what of it is for the operation, per cent × 100). All three or none: lines
    written before they were asked have none.
    """

    __tablename__ = "budget_line"
    __table_args__ = (
        sa.CheckConstraint("amount_cents >= 0", name="amount"),
        sa.CheckConstraint(one_of("side", ("expense", "income")), name="side"),
        sa.CheckConstraint(
            f"(side = 'expense' AND {one_of('category', tuple(CATEGORIES))}) OR "
            f"(side = 'income' AND {one_of('category', tuple(INCOMES))})",
            name="category",
        ),
        sa.CheckConstraint(STAFF_CHECK, name="staff"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    side: Mapped[str] = mapped_column(sa.String(10))
    category: Mapped[str] = mapped_column(sa.String(20))
    label: Mapped[str] = mapped_column(sa.String(200))
    amount_cents: Mapped[int] = mapped_column(Cents)
    fte_hundredths: Mapped[int | None] = mapped_column(sa.Integer)
    gross_cents: Mapped[int | None] = mapped_column(Cents)
    share_hundredths: Mapped[int | None] = mapped_column(sa.Integer)

    @property
    def is_staff(self) -> bool:
        return self.side == "expense" and self.category == STAFF

    def values(self) -> dict[str, Any]:
        """What the line says, by column, without its keys."""
        return {name: getattr(self, name) for name in LINE_COLUMNS}


def staff_cost(gross_cents: int, share_hundredths: int) -> int:
    """Cents of a staff line: its gross × its share (per cent × 100), rounded half up as the database checks it."""
    return share(gross_cents, share_hundredths, 10_000)


class Payment(Base):
    """Money out (advance, balance) or back (recovery): ordered, verified by somebody else, paid. A reversal cancels.

    One live advance, one live balance and one live recovery per application: unique while not reversed. The
    database also holds that advance + balance never exceed the grant (see `guard_ddl`), that whoever ordered it did not
    verify it, and that a recovery never exceeds what the advance has over what is due (see `four_eyes_ddl`).

    `bank_details_id`: the account it was ordered on, whatever is entered later; none for what comes back, nor for what
    was ordered before accounts were kept. `export_batch_id`: the file that handed it to the finance system, once.

    A payment is reversed once: the index that says so leaves out those that stand. Through a plain unique one, SQLite
    without statistics expects to find a single payment not reversed, and reads them all for each case.
    """

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint(one_of("kind", tuple(KINDS)), name="kind"),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal"),
        sa.CheckConstraint("verified_by_id IS NULL OR verified_by_id <> ordered_by_id", name="four_eyes"),
        sa.CheckConstraint("(verified_at IS NULL) = (verified_by_id IS NULL)", name="verified"),
        sa.Index(
            "ix_payment_live",
            "application_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("reversed_by_id IS NULL AND kind <> 'reversal'"),
            postgresql_where=sa.text("reversed_by_id IS NULL AND kind <> 'reversal'"),
        ),
        sa.Index(
            "ix_payment_reversed_by",
            "reversed_by_id",
            unique=True,
            sqlite_where=sa.text("reversed_by_id IS NOT NULL"),
            postgresql_where=sa.text("reversed_by_id IS NOT NULL"),
        ),
        sa.Index("ix_payment_waiting", "paid_on", "id"),
        sa.Index("ix_payment_recent", "ordered_at", "id"),
        sa.Index("ix_payment_order_reference", "order_reference"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    amount_cents: Mapped[int] = mapped_column(Cents)
    ordered_at: Mapped[datetime] = mapped_column(Instant)
    ordered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    order_reference: Mapped[str] = mapped_column(sa.String(80), default="")
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    verified_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    paid_on: Mapped[date | None] = mapped_column(sa.Date)
    paid_reference: Mapped[str] = mapped_column(sa.String(80), default="")
    reverses_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payment.id"), unique=True)
    reversed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payment.id"))
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    bank_details_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bank_details.id"))
    export_batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("export_batch.id"), index=True)
    application: Mapped[Application] = relationship()
    ordered_by: Mapped[User] = relationship(lazy="joined", foreign_keys=[ordered_by_id])
    verified_by: Mapped[User | None] = relationship(lazy="joined", foreign_keys=[verified_by_id])
    bank_details: Mapped[BankDetails | None] = relationship()
    export_batch: Mapped[ExportBatch | None] = relationship()

    @property
    def number(self) -> str:
        """« V000042 »: how the finance system and the payment order name it."""
        return numbered(self.id)

    @property
    def label(self) -> str:
        return KINDS[self.kind]

    @property
    def ordered_label(self) -> str:
        """« Avance ordonnée »: the payment as what was asked, agreed in gender. Not for a reversal."""
        return ORDERED[self.kind]

    @property
    def live(self) -> bool:
        return self.kind != "reversal" and self.reversed_by_id is None

    @property
    def awaits_verification(self) -> bool:
        """True while the order stands, seen by the one who wrote it only."""
        return self.live and self.paid_on is None and self.verified_at is None


def numbered(payment_id: int) -> str:
    """The number of a payment, from its id."""
    return f"V{payment_id:06d}"


def payments_of(session: Session, application_id: int) -> list[Payment]:
    query = sa.select(Payment).where(Payment.application_id == application_id).order_by(Payment.id)
    return list(session.scalars(query))


def live(payments: list[Payment], kind: str) -> Payment | None:
    """The payment of this kind that stands (ordered or paid, not reversed)."""
    return next((payment for payment in payments if payment.kind == kind and payment.live), None)


def budget_of(session: Session, application_id: int) -> list[BudgetLine]:
    query = sa.select(BudgetLine).where(BudgetLine.application_id == application_id).order_by(BudgetLine.id)
    return list(session.scalars(query))


def totals(lines: list[BudgetLine], side: str) -> dict[str, int]:
    """Cents by category for one side of the budget; every category of that side is present."""
    amounts = dict.fromkeys(CATEGORIES if side == "expense" else INCOMES, 0)
    for line in lines:
        if line.side == side:
            amounts[line.category] += line.amount_cents
    return amounts


_OVERDRAWN = (
    "(SELECT COALESCE(SUM(p.amount_cents), 0) FROM payment p WHERE p.application_id = NEW.application_id "
    "AND p.kind IN ('advance', 'balance') AND p.reversed_by_id IS NULL) > "
    "COALESCE((SELECT c.grant_cents FROM convention c WHERE c.application_id = NEW.application_id), 0)"
)
_CHANGED = (
    " OR ".join(
        f"OLD.{column} <> NEW.{column}"
        for column in ("application_id", "kind", "amount_cents", "ordered_at", "ordered_by_id")
    )
    + " OR COALESCE(OLD.reverses_id, 0) <> COALESCE(NEW.reverses_id, 0)"
    " OR OLD.paid_on IS NOT NULL AND (NEW.paid_on IS NULL OR OLD.paid_on <> NEW.paid_on"
    " OR OLD.paid_reference <> NEW.paid_reference)"
    " OR OLD.reversed_by_id IS NOT NULL AND OLD.reversed_by_id <> COALESCE(NEW.reversed_by_id, 0)"
)


def guard_ddl(dialect: str) -> list[str]:
    """Triggers: advance + balance ≤ grant of the convention, whichever of the two is written; a payment's facts never
    change; no payment is deleted.
    """
    if dialect == "sqlite":
        return [
            "CREATE TRIGGER payment_within_grant AFTER INSERT ON payment "
            f"WHEN NEW.kind IN ('advance', 'balance') AND {_OVERDRAWN} "
            "BEGIN SELECT RAISE(ABORT, 'advance and balance exceed the grant'); END",
            f"CREATE TRIGGER convention_covers_payments AFTER UPDATE ON convention WHEN {_OVERDRAWN} "
            "BEGIN SELECT RAISE(ABORT, 'advance and balance exceed the grant'); END",
            f"CREATE TRIGGER payment_unchanged BEFORE UPDATE ON payment WHEN {_CHANGED} "
            "BEGIN SELECT RAISE(ABORT, 'a payment is reversed, never changed'); END",
            "CREATE TRIGGER payment_kept BEFORE DELETE ON payment "
            "BEGIN SELECT RAISE(ABORT, 'a payment is reversed, never deleted'); END",
        ]
    return [
        "CREATE FUNCTION payment_within_grant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.kind IN ('advance', 'balance') AND {_OVERDRAWN} THEN "
        "RAISE EXCEPTION 'advance and balance exceed the grant' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER payment_within_grant AFTER INSERT ON payment FOR EACH ROW "
        "EXECUTE FUNCTION payment_within_grant()",
        "CREATE FUNCTION convention_covers_payments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_OVERDRAWN} THEN "
        "RAISE EXCEPTION 'advance and balance exceed the grant' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER convention_covers_payments AFTER UPDATE ON convention FOR EACH ROW "
        "EXECUTE FUNCTION convention_covers_payments()",
        "CREATE FUNCTION payment_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'a payment is reversed, never changed' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER payment_unchanged BEFORE UPDATE ON payment FOR EACH ROW WHEN ({_CHANGED}) "
        "EXECUTE FUNCTION payment_refuses()",
        "CREATE TRIGGER payment_kept BEFORE DELETE ON payment FOR EACH ROW EXECUTE FUNCTION payment_refuses()",
    ]


_NOT_VERIFIED = "NEW.paid_on IS NOT NULL AND NEW.verified_by_id IS NULL"
_RECOVERS_TOO_MUCH = (
    "NEW.amount_cents > (SELECT COALESCE(SUM(p.amount_cents), 0) FROM payment p "
    "WHERE p.application_id = NEW.application_id AND p.kind = 'advance' AND p.reversed_by_id IS NULL "
    "AND p.paid_on IS NOT NULL) - COALESCE((SELECT r.due_cents FROM final_report r "
    "WHERE r.application_id = NEW.application_id), 0)"
)
_REVERSED_ALONE = (
    "NEW.kind = 'reversal' AND EXISTS (SELECT 1 FROM payment p WHERE p.id = NEW.reverses_id "
    "AND p.verified_by_id IS NOT NULL AND p.ordered_by_id = NEW.ordered_by_id)"
)
_REWRITTEN = (
    "OLD.order_reference <> NEW.order_reference OR OLD.reason <> NEW.reason"
    " OR OLD.verified_by_id IS NOT NULL AND (NEW.verified_by_id IS NULL OR OLD.verified_by_id <> NEW.verified_by_id"
    " OR OLD.verified_at <> NEW.verified_at)"
)


def four_eyes_ddl(dialect: str) -> list[str]:
    """Triggers: nothing is paid that a second person has not verified; a recovery takes no more than the advance has
    over what is due; what two persons saw is not cancelled by the one who ordered it; references and reasons never
    change.
    """
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER payment_verified AFTER INSERT ON payment WHEN {_NOT_VERIFIED} "
            "BEGIN SELECT RAISE(ABORT, 'a payment is verified before it is paid'); END",
            "CREATE TRIGGER payment_verified_first BEFORE UPDATE ON payment "
            f"WHEN OLD.paid_on IS NULL AND {_NOT_VERIFIED} "
            "BEGIN SELECT RAISE(ABORT, 'a payment is verified before it is paid'); END",
            "CREATE TRIGGER payment_recovers AFTER INSERT ON payment "
            f"WHEN NEW.kind = 'recovery' AND {_RECOVERS_TOO_MUCH} "
            "BEGIN SELECT RAISE(ABORT, 'a recovery exceeds what the advance has over what is due'); END",
            f"CREATE TRIGGER payment_reversed_by_another AFTER INSERT ON payment WHEN {_REVERSED_ALONE} "
            "BEGIN SELECT RAISE(ABORT, 'a verified payment is reversed by somebody else'); END",
            f"CREATE TRIGGER payment_not_rewritten BEFORE UPDATE ON payment WHEN {_REWRITTEN} "
            "BEGIN SELECT RAISE(ABORT, 'a payment is reversed, never changed'); END",
        ]
    return [
        "CREATE FUNCTION payment_verified() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'a payment is verified before it is paid' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER payment_verified AFTER INSERT ON payment FOR EACH ROW WHEN ({_NOT_VERIFIED}) "
        "EXECUTE FUNCTION payment_verified()",
        "CREATE TRIGGER payment_verified_first BEFORE UPDATE ON payment FOR EACH ROW "
        f"WHEN (OLD.paid_on IS NULL AND {_NOT_VERIFIED}) EXECUTE FUNCTION payment_verified()",
        "CREATE FUNCTION payment_recovers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.kind = 'recovery' AND {_RECOVERS_TOO_MUCH} THEN "
        "RAISE EXCEPTION 'a recovery exceeds what the advance has over what is due' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER payment_recovers AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION payment_recovers()",
        "CREATE FUNCTION payment_reversed_by_another() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_REVERSED_ALONE} THEN RAISE EXCEPTION 'a verified payment is reversed by somebody else' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER payment_reversed_by_another AFTER INSERT ON payment FOR EACH ROW "
        "EXECUTE FUNCTION payment_reversed_by_another()",
        f"CREATE TRIGGER payment_not_rewritten BEFORE UPDATE ON payment FOR EACH ROW WHEN ({_REWRITTEN}) "
        "EXECUTE FUNCTION payment_refuses()",
    ]


_ELSEWHERE = (
    "NEW.bank_details_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bank_details b "
    "JOIN application a ON a.organisation_id = b.organisation_id "
    "WHERE b.id = NEW.bank_details_id AND a.id = NEW.application_id AND b.verdict = 'confirmed')"
)
_NOWHERE = "NEW.kind IN ('advance', 'balance') AND NEW.paid_on IS NULL AND NEW.bank_details_id IS NULL"
_MOVED = (
    "COALESCE(OLD.bank_details_id, 0) <> COALESCE(NEW.bank_details_id, 0)"
    " OR OLD.export_batch_id IS NOT NULL AND OLD.export_batch_id <> COALESCE(NEW.export_batch_id, 0)"
)


def account_ddl(dialect: str) -> list[str]:
    """Triggers: what is ordered goes to a confirmed account of the organisation, and keeps it; it is exported once.

    What is written already paid rectifies a payment made before accounts were kept, and may have none.
    """
    wrong = f"({_ELSEWHERE}) OR ({_NOWHERE})"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER payment_to_confirmed_account AFTER INSERT ON payment WHEN {wrong} "
            "BEGIN SELECT RAISE(ABORT, 'a payment goes to a confirmed account of the organisation'); END",
            f"CREATE TRIGGER payment_not_moved BEFORE UPDATE ON payment WHEN {_MOVED} "
            "BEGIN SELECT RAISE(ABORT, 'a payment keeps its account and its batch'); END",
        ]
    return [
        "CREATE FUNCTION payment_to_confirmed_account() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {wrong} THEN RAISE EXCEPTION 'a payment goes to a confirmed account of the organisation' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER payment_to_confirmed_account AFTER INSERT ON payment FOR EACH ROW "
        "EXECUTE FUNCTION payment_to_confirmed_account()",
        "CREATE FUNCTION payment_not_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'a payment keeps its account and its batch' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER payment_not_moved BEFORE UPDATE ON payment FOR EACH ROW WHEN ({_MOVED}) "
        "EXECUTE FUNCTION payment_not_moved()",
    ]
