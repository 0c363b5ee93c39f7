"""Stored files: what they are, whose, and where. The bytes live in a folder under a generated key."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Instant, Key
from casework.people import User

CONFIDENTIAL_SLOTS = ("exit_evidence",)
"""Files that name a participant (a contract, a certificate): only those who may see identities read them."""


class Document(Base):
    """A file of an application. `slot` is the key of the required document it answers, "" for a free one.

    `removed_at`: taken off the file by the applicant while it could still be changed; the row stays.
    `erased_at`: it named somebody whose retention has passed: neither its bytes nor its name are held any more.
    """

    __tablename__ = "document"
    __table_args__ = (
        sa.CheckConstraint("size > 0", name="size"),
        sa.Index("ix_document_application", "application_id", "slot"),
        sa.Index("ix_document_digest", "application_id", "digest"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    slot: Mapped[str] = mapped_column(sa.String(60), default="")
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    digest: Mapped[str] = mapped_column(sa.String(64))
    storage_key: Mapped[str] = mapped_column(sa.String(80), index=True)
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    added_by: Mapped[User | None] = relationship(lazy="joined")

    @property
    def confidential(self) -> bool:
        return self.slot in CONFIDENTIAL_SLOTS
