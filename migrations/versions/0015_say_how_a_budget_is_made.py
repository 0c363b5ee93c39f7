"""Say how a budget is made, travel and rent apart, staff by its gross and share, and what the instruction retains"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0015"
down_revision = "0014"

_CATEGORIES = "'personnel', 'operating', 'travel', 'rent', 'external_services', 'other_direct', 'indirect'"
_INCOMES = "'requested', 'own', 'state', 'region', 'europe', 'caf', 'other'"
_STAFF = (
    "(fte_hundredths IS NULL AND gross_cents IS NULL AND share_hundredths IS NULL)"
    " OR (side = 'expense' AND category = 'personnel' AND fte_hundredths IS NOT NULL AND gross_cents IS NOT NULL"
    " AND share_hundredths IS NOT NULL AND fte_hundredths > 0 AND gross_cents >= 0"
    " AND share_hundredths BETWEEN 0 AND 10000"
    " AND amount_cents = (gross_cents * share_hundredths + 5000) / 10000)"
)


def upgrade() -> None:
    _tell_budget_lines_apart()
    _link_expenses_to_the_budget()
    _keep_the_sheet_of_an_instruction()


def _tell_budget_lines_apart() -> None:
    category = f"(side = 'expense' AND category IN ({_CATEGORIES})) OR (side = 'income' AND category IN ({_INCOMES}))"
    with op.batch_alter_table("budget_line") as batch:
        batch.add_column(sa.Column("fte_hundredths", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("gross_cents", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("share_hundredths", sa.Integer(), nullable=True))
        batch.drop_constraint(op.f("ck_budget_line_category"), type_="check")
        batch.create_check_constraint(op.f("ck_budget_line_category"), category)
        batch.create_check_constraint(op.f("ck_budget_line_staff"), _STAFF)


def _link_expenses_to_the_budget() -> None:
    name = op.f("fk_expense_line_budget_line_id")
    with op.batch_alter_table("expense_line") as batch:
        batch.add_column(sa.Column("budget_line_id", KEY, nullable=True))
        batch.drop_constraint(op.f("ck_expense_line_category"), type_="check")
        batch.create_check_constraint(op.f("ck_expense_line_category"), f"category IN ({_CATEGORIES})")
        batch.create_foreign_key(name, "budget_line", ["budget_line_id"], ["id"], ondelete="SET NULL")
        batch.create_index(batch.f("ix_expense_line_budget_line_id"), ["budget_line_id"], unique=False)
    op.execute(sa.text(_SAME_LINE))


def _keep_the_sheet_of_an_instruction() -> None:
    op.create_table(
        "instruction_point",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('criterion', 'document')", name=op.f("ck_instruction_point_kind")),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict IN ('met', 'partly', 'not_met', 'none')",
            name=op.f("ck_instruction_point_verdict"),
        ),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict IN ('met', 'none') OR remark <> ''",
            name=op.f("ck_instruction_point_verdict_is_explained"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_instruction_point_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_point")),
        sa.UniqueConstraint(
            "application_id", "kind", "code", name=op.f("uq_instruction_point_application_id_kind_code")
        ),
    )
    op.create_table(
        "line_review",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("budget_line_id", KEY, nullable=False),
        sa.Column("asked_cents", sa.BigInteger(), nullable=False),
        sa.Column("retained_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(
            "retained_cents >= 0 AND retained_cents <= asked_cents", name=op.f("ck_line_review_retained")
        ),
        sa.CheckConstraint(
            "retained_cents = asked_cents OR reason <> ''", name=op.f("ck_line_review_reduction_is_explained")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_line_review_application_id")),
        sa.ForeignKeyConstraint(
            ["budget_line_id"],
            ["budget_line.id"],
            name=op.f("fk_line_review_budget_line_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_review")),
        sa.UniqueConstraint("budget_line_id", name=op.f("uq_line_review_budget_line_id")),
    )
    op.create_index(op.f("ix_line_review_application_id"), "line_review", ["application_id"], unique=False)


_SAME_LINE = (
    "UPDATE expense_line SET budget_line_id = (SELECT min(b.id) FROM budget_line b"
    " WHERE b.application_id = expense_line.application_id AND b.side = 'expense'"
    " AND b.category = expense_line.category AND b.label = expense_line.label) WHERE planned_cents > 0"
)
"""The expenses that were planned come from the line of their category and label."""


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
