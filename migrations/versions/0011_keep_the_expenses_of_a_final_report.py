"""Keep the expenses of a final report and their control, line by line"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "report_draft",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("income", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("results", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_report_draft_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_draft")),
        sa.UniqueConstraint("application_id", name=op.f("uq_report_draft_application_id")),
    )
    op.create_table(
        "expense_line",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("planned_cents", sa.BigInteger(), nullable=False),
        sa.Column("spent_cents", sa.BigInteger(), nullable=False),
        sa.Column("invoice_reference", sa.String(length=80), nullable=False),
        sa.Column("invoice_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("accepted_cents", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.String(length=1000), nullable=False),
        sa.Column("intended_cents", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(decision IS NULL AND accepted_cents IS NULL)"
            " OR (decision = 'accepted' AND accepted_cents IS NOT NULL AND accepted_cents = spent_cents)"
            " OR (decision = 'reduced' AND accepted_cents IS NOT NULL AND accepted_cents > 0"
            " AND accepted_cents < spent_cents AND reason <> '')"
            " OR (decision = 'refused' AND accepted_cents IS NOT NULL AND accepted_cents = 0 AND reason <> '')",
            name=op.f("ck_expense_line_decision"),
        ),
        sa.CheckConstraint(
            "category IN ('personnel', 'operating', 'external_services', 'other_direct', 'indirect')",
            name=op.f("ck_expense_line_category"),
        ),
        sa.CheckConstraint("planned_cents >= 0 AND spent_cents >= 0", name=op.f("ck_expense_line_amount")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_expense_line_application_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_expense_line_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expense_line")),
    )
    with op.batch_alter_table("expense_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expense_line_application_id"), ["application_id"], unique=False)

    checks = (
        ("due", "due_cents IS NULL OR due_cents >= 0"),
        ("validated", "(validated_at IS NULL) = (due_cents IS NULL)"),
        ("intended", "(intended_at IS NULL) = (answer_due_on IS NULL)"),
        ("answered", "answered_at IS NULL OR intended_at IS NOT NULL"),
    )
    json = sa.JSON(none_as_null=True)
    with op.batch_alter_table("final_report") as batch:
        batch.add_column(sa.Column("income", json, nullable=False, server_default="{}"))
        for name in ("partial", "answer", "observations"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("intended", json, nullable=True))
        batch.add_column(sa.Column("intended_at", INSTANT, nullable=True))
        batch.add_column(sa.Column("answer_due_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("answered_at", INSTANT, nullable=True))
    kept = tuple(sa.CheckConstraint(text, name=op.f(f"ck_final_report_{name}")) for name, text in checks)
    sqlite = op.get_bind().dialect.name == "sqlite"
    triggers = _without_triggers() if sqlite else []
    with op.batch_alter_table("final_report", table_args=kept if sqlite else ()) as batch:
        for name in ("income", "partial", "answer", "observations"):
            batch.alter_column(name, server_default=None)
        if not sqlite:
            for name, text in checks[2:]:
                batch.create_check_constraint(op.f(f"ck_final_report_{name}"), text)
    for trigger in triggers:
        op.execute(sa.text(trigger))
    _write_lines_of_known_reports()


def _without_triggers() -> list[str]:
    """SQLite refuses to rebuild a table that a trigger reads: those are taken off meanwhile. Gives them back as SQL."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%final_report%'"
    found = op.get_bind().execute(sa.text(query)).all()
    for name, _ in found:
        op.execute(sa.text(f"DROP TRIGGER {name}"))
    return [sql for _, sql in found]


def _write_lines_of_known_reports() -> None:
    """A report that was sent by category becomes one line for each; what was accepted of it stays accepted."""
    reports = sa.table("final_report", *(sa.column(name) for name in ("application_id", "narrative", "validated_at")))
    known = [sa.column(name, sa.JSON()) for name in ("declared", "results", "accepted")]
    lines = sa.table("expense_line", *(sa.column(name) for name in _COLUMNS))
    json = [sa.column(name, sa.JSON()) for name in ("income", "results")]
    drafts = sa.table("report_draft", sa.column("application_id"), sa.column("narrative"), *json)
    query = sa.select(reports.c.application_id, reports.c.narrative, reports.c.validated_at, *known)
    for row in op.get_bind().execute(query.select_from(reports)).all():
        others = row.declared.get("other_funding", 0)
        draft = {"income": {"other": others} if others else {}, "results": row.results or {}}
        op.execute(drafts.insert().values(application_id=row.application_id, narrative=row.narrative, **draft))
        for category, cents in row.declared.items():
            if category != "other_funding" and cents:
                accepted = row.accepted.get(category, 0) if row.validated_at else None
                op.execute(lines.insert().values(**_line(row.application_id, category, cents, accepted)))


def _line(application_id: int, category: str, cents: int, accepted: int | None) -> dict[str, object]:
    decision = None
    if accepted is not None:
        decision = "accepted" if accepted == cents else "reduced" if accepted else "refused"
    return {
        "application_id": application_id,
        "category": category,
        "label": "Dépenses de la catégorie",
        "planned_cents": 0,
        "spent_cents": cents,
        "invoice_reference": "",
        "decision": decision,
        "accepted_cents": accepted,
        "reason": "other" if decision in ("reduced", "refused") else "",
        "comment": "Contrôlée par catégorie." if decision else "",
        "answer": "",
    }


_COLUMNS = (
    "application_id",
    "category",
    "label",
    "planned_cents",
    "spent_cents",
    "invoice_reference",
    "decision",
    "accepted_cents",
    "reason",
    "comment",
    "answer",
)


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
