"""The stored versions of the schemes. What a version says is read by `workflows.catalogue`; here it is only kept.

A version is never changed: importing another content makes the next number. An application keeps its version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Instant, Json, Key


class SchemeVersion(Base):
    __tablename__ = "scheme_version"
    __table_args__ = (
        sa.UniqueConstraint("campaign", "code", "number"),
        sa.UniqueConstraint("campaign", "code", "digest"),
        sa.Index("ix_scheme_version_current", "campaign", "position", "number"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    campaign: Mapped[str] = mapped_column(sa.String(20))
    code: Mapped[str] = mapped_column(sa.String(8))
    position: Mapped[int] = mapped_column(sa.Integer)
    number: Mapped[int] = mapped_column(sa.Integer)
    title: Mapped[str] = mapped_column(sa.String(200))
    invented: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[str] = mapped_column(sa.String(64))
    imported_at: Mapped[datetime] = mapped_column(Instant)
    imported_by: Mapped[str] = mapped_column(sa.String(120))
    content: Mapped[dict[str, Any]] = mapped_column(Json, deferred=True)
