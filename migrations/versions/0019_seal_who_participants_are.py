"""Seal who participants are with the keys of the settings, and find people again by keyed marks"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from casework.identities import age_on, marks_of
from casework.sealed import vault_of

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0019"
down_revision = "0018"

_MOVED = ("family_name", "given_name", "birth_date", "postcode", "town")


def upgrade() -> None:
    _make_tables()
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("identity", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("merged_into_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_person_merged_into_id"), "person", ["merged_into_id"], ["id"])
        batch.create_index(op.f("ix_person_merged_into_id"), ["merged_into_id"], unique=False)
        batch.create_check_constraint(op.f("ck_person_merged"), "merged_into_id IS NULL OR merged_into_id <> id")
    op.add_column("journey", sa.Column("age_when_oriented", sa.Integer(), nullable=True))
    _seal()
    _say_ages()
    with op.batch_alter_table("journey") as batch:
        batch.alter_column("age_when_oriented", nullable=False)
    with op.batch_alter_table("person") as batch:
        batch.drop_index("ix_person_match")
        batch.drop_constraint(op.f("ck_person_named"), type_="check")
        for name in (*_MOVED, "match_key"):
            batch.drop_column(name)


def _make_tables() -> None:
    op.create_table(
        "person_mark",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('exact', 'near')", name=op.f("ck_person_mark_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_mark_person_id")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_person_mark")),
    )
    op.create_index("ix_person_mark_mark", "person_mark", ["kind", "mark"], unique=False)
    op.create_table(
        "person_merge",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kept_id", KEY, nullable=False),
        sa.Column("gone_id", KEY, nullable=False),
        sa.Column("journeys", sa.JSON(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by_id", KEY, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", KEY, nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_person_merge_undone")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_person_merge_{column}"))
            for column, table in (
                ("kept_id", "person"),
                ("gone_id", "person"),
                ("merged_by_id", "user_account"),
                ("undone_by_id", "user_account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index(op.f("ix_person_merge_kept_id"), "person_merge", ["kept_id"], unique=False)
    op.create_index(op.f("ix_person_merge_gone_id"), "person_merge", ["gone_id"], unique=False)


def _seal() -> None:
    """Row by row: what was readable is sealed, and marked. Raises casework.sealed.Unreadable without a key."""
    connection = op.get_bind()
    person = sa.table("person", *(sa.column(name) for name in ("id", "erased_at", *_MOVED)))
    known = sa.select(person).where(person.c.erased_at.is_(None)).order_by(person.c.id)
    for row in connection.execute(known).mappings().all():
        vault = vault_of(connection.dialect)
        said = {name: str(row[name]) for name in _MOVED} | {"phone": "", "email": ""}
        sealed = vault.seal(json.dumps(said, ensure_ascii=False, separators=(",", ":")), "person.identity")
        connection.execute(
            sa.text("UPDATE person SET identity = :identity WHERE id = :id").bindparams(
                sa.bindparam("identity", sealed, sa.LargeBinary), sa.bindparam("id", row["id"])
            )
        )
        born = date.fromisoformat(said["birth_date"])
        for kind, mark in marks_of(vault, said["family_name"], said["given_name"], born).items():
            connection.execute(
                sa.text("INSERT INTO person_mark (person_id, kind, mark) VALUES (:person, :kind, :mark)"),
                {"person": row["id"], "kind": kind, "mark": mark},
            )


def _say_ages() -> None:
    connection = op.get_bind()
    found = connection.execute(
        sa.text("SELECT j.id, j.oriented_at, p.birth_date FROM journey j JOIN person p ON p.id = j.person_id")
    ).all()
    for key, oriented_at, born in found:
        age = age_on(date.fromisoformat(str(born)), _paris_day(oriented_at))
        connection.execute(
            sa.text("UPDATE journey SET age_when_oriented = :age WHERE id = :id"), {"age": age, "id": key}
        )


def _paris_day(instant: Any) -> date:
    read = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo("Europe/Paris")).date()
