"""The bank account of an organisation: entered by it, confirmed by an officer, its whole history kept.

A new entry takes the place of the former only once it is confirmed. A row never changes: it is decided upon once
(confirmed, refused, or withdrawn by the organisation) and stays. The IBAN is shown whole to those alone who need it,
and each of these looks is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.db import Base, Instant, Key, one_of
from casework.ibans import grouped_iban, masked_iban
from casework.people import Organisation, User

VERDICTS = {"confirmed": "Confirmé", "refused": "Refusé", "withdrawn": "Retiré par l’organisme"}
WAITING = "À confirmer"
PURPOSES = {
    "check": "Vérification des coordonnées",
    "proof": "Lecture du justificatif",
    "order": "Ordre de paiement",
    "export": "Envoi au système financier",
}
_PENDING = "decided_at IS NULL"


class BankDetails(Base):
    """One account as the organisation gave it, with its proof (a RIB). `iban`: compact. `reason`: of a refusal."""

    __tablename__ = "bank_details"
    __table_args__ = (
        sa.CheckConstraint("length(iban) BETWEEN 15 AND 34", name="iban"),
        sa.CheckConstraint(f"verdict IS NULL OR {one_of('verdict', tuple(VERDICTS))}", name="verdict"),
        sa.CheckConstraint(
            "(verdict IS NULL) = (decided_at IS NULL) AND (verdict IS NULL) = (decided_by_id IS NULL)", name="decided"
        ),
        sa.CheckConstraint("verdict <> 'confirmed' OR decided_by_id <> entered_by_id", name="by_another"),
        sa.CheckConstraint("verdict <> 'refused' OR reason <> ''", name="reason"),
        sa.Index("ix_bank_details_organisation", "organisation_id", "id"),
        sa.Index(
            "ix_bank_details_pending",
            "organisation_id",
            unique=True,
            sqlite_where=sa.text(_PENDING),
            postgresql_where=sa.text(_PENDING),
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    holder: Mapped[str] = mapped_column(sa.String(140))
    iban: Mapped[str] = mapped_column(sa.String(34))
    bic: Mapped[str] = mapped_column(sa.String(11), default="")
    proof_key: Mapped[str] = mapped_column(sa.String(80), index=True)
    proof_name: Mapped[str] = mapped_column(sa.String(200))
    proof_type: Mapped[str] = mapped_column(sa.String(100))
    proof_size: Mapped[int] = mapped_column(sa.BigInteger)
    proof_digest: Mapped[str] = mapped_column(sa.String(64))
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    verdict: Mapped[str | None] = mapped_column(sa.String(10))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    organisation: Mapped[Organisation] = relationship()
    entered_by: Mapped[User] = relationship(lazy="joined", innerjoin=True, foreign_keys=[entered_by_id])
    decided_by: Mapped[User | None] = relationship(lazy="joined", foreign_keys=[decided_by_id])

    @property
    def pending(self) -> bool:
        return self.verdict is None

    @property
    def label(self) -> str:
        return VERDICTS[self.verdict] if self.verdict else WAITING

    @property
    def masked(self) -> str:
        return masked_iban(self.iban)

    @property
    def whole(self) -> str:
        """The whole IBAN, in groups: for those who need it, once their look is kept."""
        return grouped_iban(self.iban)


class BankLook(Base):
    """Somebody of the services was shown a whole IBAN or its proof: who, which, when, what for."""

    __tablename__ = "bank_look"
    __table_args__ = (
        sa.CheckConstraint(one_of("purpose", tuple(PURPOSES)), name="purpose"),
        sa.Index("ix_bank_look_details", "bank_details_id", "at"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    bank_details_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_details.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    purpose: Mapped[str] = mapped_column(sa.String(20))


def details_of(session: Session, organisation_id: int) -> list[BankDetails]:
    """All that the organisation ever gave, the newest first."""
    query = sa.select(BankDetails).where(BankDetails.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(BankDetails.id.desc())))


def confirmed(known: Iterable[BankDetails]) -> BankDetails | None:
    """The account to pay: the last one confirmed, of details given the newest first."""
    return next((details for details in known if details.verdict == "confirmed"), None)


def pending(known: Iterable[BankDetails]) -> BankDetails | None:
    """What waits for an officer."""
    return next((details for details in known if details.pending), None)


def record_looks(session: Session, known: Iterable[BankDetails], *, user_id: int, at: datetime, purpose: str) -> None:
    """Keep a trace of the whole account numbers shown, in one statement."""
    rows = [
        {"bank_details_id": key, "user_id": user_id, "at": at, "purpose": purpose}
        for key in sorted({details.id for details in known})
    ]
    if rows:
        session.execute(sa.insert(BankLook), rows)


_FACTS = ("organisation_id", "holder", "iban", "bic", "proof_key", "proof_digest", "entered_at", "entered_by_id")
_REWRITTEN = " OR ".join((*(f"OLD.{column} <> NEW.{column}" for column in _FACTS), "OLD.verdict IS NOT NULL"))
_BY_ITSELF = (
    "NEW.verdict = 'confirmed' AND EXISTS (SELECT 1 FROM role_grant g "
    "WHERE g.user_id = NEW.decided_by_id AND g.organisation_id = NEW.organisation_id)"
)
_KEPT = "bank details are kept: a new entry takes their place"


def guard_ddl(dialect: str) -> list[str]:
    """Triggers: an account is decided upon once and never changed nor deleted; an organisation never confirms its own;
    looks are kept.
    """
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER bank_details_unchanged BEFORE UPDATE ON bank_details WHEN {_REWRITTEN} "
            f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
            f"CREATE TRIGGER bank_details_kept BEFORE DELETE ON bank_details BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
            *(
                f"CREATE TRIGGER bank_details_by_another_{verb.lower()} AFTER {verb} ON bank_details WHEN {_BY_ITSELF} "
                "BEGIN SELECT RAISE(ABORT, 'an organisation does not confirm its own account'); END"
                for verb in ("INSERT", "UPDATE")
            ),
            *(
                f"CREATE TRIGGER bank_look_refuses_{verb.lower()} BEFORE {verb} ON bank_look "
                "BEGIN SELECT RAISE(ABORT, 'looks at bank details are kept'); END"
                for verb in ("UPDATE", "DELETE")
            ),
        ]
    return [
        _refusal("bank_details_kept", _KEPT),
        f"CREATE TRIGGER bank_details_unchanged BEFORE UPDATE ON bank_details FOR EACH ROW WHEN ({_REWRITTEN}) "
        "EXECUTE FUNCTION bank_details_kept()",
        "CREATE TRIGGER bank_details_kept BEFORE DELETE ON bank_details FOR EACH ROW "
        "EXECUTE FUNCTION bank_details_kept()",
        "CREATE FUNCTION bank_details_by_another() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_BY_ITSELF} THEN RAISE EXCEPTION 'an organisation does not confirm its own account' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER bank_details_by_another AFTER INSERT OR UPDATE ON bank_details FOR EACH ROW "
        "EXECUTE FUNCTION bank_details_by_another()",
        _refusal("bank_look_kept", "looks at bank details are kept"),
        "CREATE TRIGGER bank_look_kept BEFORE UPDATE OR DELETE ON bank_look FOR EACH ROW "
        "EXECUTE FUNCTION bank_look_kept()",
    ]


def _refusal(name: str, sentence: str) -> str:
    """A PostgreSQL function that refuses whatever fires it."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'; END $$"
    )
