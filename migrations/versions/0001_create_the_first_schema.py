"""Create the first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework import journal, money, participants

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("series", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_counter")),
    )
    op.create_table(
        "demo_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset_seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_clock")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index("ix_job_run_name", "job_run", ["name", "started_at"], unique=False)
    op.create_table(
        "job_watch",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("schedule", sa.String(length=120), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=True),
        sa.Column("silent_after", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_watch")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "login_failure",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("account_digest", sa.String(length=64), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failure")),
    )
    op.create_index("ix_login_failure_account", "login_failure", ["account_digest", "at"], unique=False)
    op.create_index("ix_login_failure_address", "login_failure", ["address_digest", "at"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("name", sa.String(length=140), nullable=False),
        sa.Column("legal_form", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("town", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "legal_form IN ('association', 'company', 'local_authority', 'public_body', 'other')",
            name=op.f("ck_organisation_legal_form"),
        ),
        sa.CheckConstraint("length(siret) = 14", name=op.f("ck_organisation_siret")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("siret", name=op.f("uq_organisation_siret")),
    )
    op.create_index(op.f("ix_organisation_name"), "organisation", ["name"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", KEY, nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("town", sa.String(length=120), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("match_key", sa.String(length=200), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("sex IN ('F', 'M')", name=op.f("ck_person_sex")),
        sa.CheckConstraint("length(family_name) > 0 AND length(given_name) > 0", name=op.f("ck_person_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index("ix_person_match", "person", ["birth_date", "match_key"], unique=False)
    op.create_table(
        "scheme_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("campaign", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.Column("imported_by", sa.String(length=120), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_version")),
        sa.UniqueConstraint("campaign", "code", "digest", name=op.f("uq_scheme_version_campaign_code_digest")),
        sa.UniqueConstraint("campaign", "code", "number", name=op.f("uq_scheme_version_campaign_code_number")),
    )
    op.create_index("ix_scheme_version_current", "scheme_version", ["campaign", "position", "number"], unique=False)
    op.create_table(
        "territory",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory")),
        sa.UniqueConstraint("code", name=op.f("uq_territory_code")),
        sa.UniqueConstraint("name", name=op.f("uq_territory_name")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_login_at", INSTANT, nullable=True),
        sa.Column("mail_refused_at", INSTANT, nullable=True),
        sa.Column("mail_refused_reason", sa.String(length=300), nullable=False),
        sa.Column("mail_deadline", sa.String(length=10), nullable=False),
        sa.Column("mail_news", sa.String(length=10), nullable=False),
        sa.Column("mail_tasks", sa.String(length=10), nullable=False),
        sa.Column("digest_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    op.create_table(
        "application",
        sa.Column("id", KEY, nullable=False),
        sa.Column(
            "reference",
            sa.String(length=30).with_variant(sa.String(length=30, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("campaign", sa.String(length=20), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("scheme_version_id", KEY, nullable=False),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("requested_cents", sa.BigInteger(), nullable=False),
        sa.Column("proposed_cents", sa.BigInteger(), nullable=True),
        sa.Column("granted_cents", sa.BigInteger(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=30), nullable=False),
        sa.Column("external_reference", sa.String(length=80), nullable=False),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("deposited_at", INSTANT, nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_reference", sa.String(length=80), nullable=False),
        sa.Column("instruction_report", sa.Text(), nullable=False),
        sa.Column("officer_id", KEY, nullable=True),
        sa.Column("carried_into_id", KEY, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(channel = 'casework') = (received_at IS NULL)", name=op.f("ck_application_other_channel_received")
        ),
        sa.CheckConstraint(
            "channel IN ('casework', 'e_partenaire', 'demarches_simplifiees', 'paper')",
            name=op.f("ck_application_channel"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'deposited', 'submitted', 'slai_opinion', 'instruction', 'instructed', 'convention', 'advance', 'execution', 'bilan', 'balance', 'closed', 'lapsed', 'inadmissible', 'rejected', 'withdrawn', 'terminated')",
            name=op.f("ck_application_state"),
        ),
        sa.CheckConstraint("granted_cents IS NULL OR granted_cents >= 0", name=op.f("ck_application_granted")),
        sa.CheckConstraint("requested_cents >= 0", name=op.f("ck_application_requested")),
        sa.CheckConstraint(
            "starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_application_operation_dates")
        ),
        sa.ForeignKeyConstraint(["carried_into_id"], ["application.id"], name=op.f("fk_application_carried_into_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["user_account.id"], name=op.f("fk_application_officer_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_application_organisation_id")),
        sa.ForeignKeyConstraint(
            ["scheme_version_id"], ["scheme_version.id"], name=op.f("fk_application_scheme_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("reference", name=op.f("uq_application_reference")),
    )
    op.create_index("ix_application_campaign_recent", "application", ["campaign", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_application_carried_into_id"), "application", ["carried_into_id"], unique=False)
    op.create_index("ix_application_due", "application", ["due_on", "id"], unique=False)
    op.create_index("ix_application_officer_recent", "application", ["officer_id", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_application_officer_state_due", "application", ["officer_id", "state", "due_on", "id"], unique=False
    )
    op.create_index(
        "ix_application_organisation_recent", "application", ["organisation_id", "updated_at", "id"], unique=False
    )
    op.create_index("ix_application_recent", "application", ["updated_at", "id"], unique=False)
    op.create_index("ix_application_requested", "application", ["requested_cents", "id"], unique=False)
    op.create_index("ix_application_scheme_recent", "application", ["scheme_code", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_application_scheme_state_recent", "application", ["scheme_code", "state", "updated_at", "id"], unique=False
    )
    op.create_index(op.f("ix_application_scheme_version_id"), "application", ["scheme_version_id"], unique=False)
    op.create_index("ix_application_since", "application", ["state_since", "id"], unique=False)
    op.create_index("ix_application_state_closes", "application", ["state", "closes_on"], unique=False)
    op.create_index("ix_application_state_due", "application", ["state", "due_on", "id"], unique=False)
    op.create_index("ix_application_state_ends", "application", ["state", "ends_on"], unique=False)
    op.create_index("ix_application_state_recent", "application", ["state", "updated_at", "id"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("user_id", KEY, autoincrement=False, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_calendar_feed_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_calendar_feed_token_digest")),
    )
    op.create_table(
        "contact",
        sa.Column("id", KEY, nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=True),
        sa.Column("territory_id", KEY, nullable=True),
        sa.Column("label", sa.String(length=160), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_contact_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_scheme_code"), "contact", ["scheme_code"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", KEY, nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=True),
        sa.Column("after", sa.String(length=20), nullable=True),
        sa.Column("payload_digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "subject IN ('application', 'journey', 'organisation', 'user', 'campaign', 'service')",
            name=op.f("ck_event_subject"),
        ),
        sa.CheckConstraint("length(actor_name) > 0", name=op.f("ck_event_actor")),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name=op.f("fk_event_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("subject", "subject_id", "sequence", name=op.f("uq_event_subject_subject_id_sequence")),
    )
    op.create_index("ix_event_at", "event", ["at", "id"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('reset', 'invitation')", name=op.f("ck_link_kind")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_link_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_link_token_digest")),
    )
    op.create_index(op.f("ix_link_user_id"), "link", ["user_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", KEY, nullable=True),
        sa.Column("territory_id", KEY, nullable=True),
        sa.Column("partner", sa.String(length=20), nullable=True),
        sa.Column("scheme_code", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "(role = 'applicant') = (organisation_id IS NOT NULL)", name=op.f("ck_role_grant_applicant_scope")
        ),
        sa.CheckConstraint("(role = 'partner') = (partner IS NOT NULL)", name=op.f("ck_role_grant_partner_scope")),
        sa.CheckConstraint("(role = 'slai') = (territory_id IS NOT NULL)", name=op.f("ck_role_grant_slai_scope")),
        sa.CheckConstraint(
            "role IN ('applicant', 'slai', 'partner', 'officer', 'manager', 'finance', 'auditor', 'admin')",
            name=op.f("ck_role_grant_role"),
        ),
        sa.CheckConstraint("scheme_code IS NULL OR role = 'officer'", name=op.f("ck_role_grant_scheme_scope")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_role_grant_organisation_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_role_grant_territory_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_role_grant_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_organisation_id"), "role_grant", ["organisation_id"], unique=False)
    op.create_index(
        "ix_role_grant_role", "role_grant", ["role", "organisation_id", "territory_id", "partner"], unique=False
    )
    op.create_index(op.f("ix_role_grant_user_id"), "role_grant", ["user_id"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("id", KEY, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_web_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_web_session_token_digest")),
    )
    op.create_index(op.f("ix_web_session_user_id"), "web_session", ["user_id"], unique=False)
    op.create_table(
        "accepted_warning",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=False),
        sa.Column("accepted_by_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["user_account.id"], name=op.f("fk_accepted_warning_accepted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_accepted_warning_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepted_warning")),
        sa.UniqueConstraint("application_id", "code", name=op.f("uq_accepted_warning_application_id_code")),
    )
    op.create_index(op.f("ix_accepted_warning_application_id"), "accepted_warning", ["application_id"], unique=False)
    op.create_table(
        "application_partner",
        sa.Column("application_id", KEY, autoincrement=False, nullable=False),
        sa.Column("partner", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_partner_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "partner", name=op.f("pk_application_partner")),
    )
    op.create_index(
        "ix_application_partner_partner", "application_partner", ["partner", "application_id"], unique=False
    )
    op.create_table(
        "application_territory",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("territory_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_territory_application_id")
        ),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_application_territory_territory_id")),
        sa.PrimaryKeyConstraint("application_id", "territory_id", name=op.f("pk_application_territory")),
    )
    op.create_index(
        "ix_application_territory_territory", "application_territory", ["territory_id", "application_id"], unique=False
    )
    op.create_table(
        "application_word",
        sa.Column(
            "word", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("application_id", KEY, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_word_application_id")
        ),
        sa.PrimaryKeyConstraint("word", "application_id", name=op.f("pk_application_word")),
    )
    op.create_index(op.f("ix_application_word_application_id"), "application_word", ["application_id"], unique=False)
    op.create_table(
        "budget_line",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(side = 'expense' AND category IN ('personnel', 'operating', 'external_services', 'other_direct', 'indirect')) OR (side = 'income' AND category IN ('requested', 'own', 'state', 'region', 'europe', 'caf', 'other'))",
            name=op.f("ck_budget_line_category"),
        ),
        sa.CheckConstraint("side IN ('expense', 'income')", name=op.f("ck_budget_line_side")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_budget_line_amount")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_budget_line_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
    )
    op.create_index(op.f("ix_budget_line_application_id"), "budget_line", ["application_id"], unique=False)
    op.create_table(
        "co_bearer",
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_co_bearer_application_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_co_bearer_organisation_id")),
        sa.PrimaryKeyConstraint("application_id", "organisation_id", name=op.f("pk_co_bearer")),
    )
    op.create_index("ix_co_bearer_organisation", "co_bearer", ["organisation_id", "application_id"], unique=False)
    op.create_table(
        "convention",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("grant_cents", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("applicant_signed_on", sa.Date(), nullable=True),
        sa.Column("funder_signed_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("grant_cents >= 0", name=op.f("ck_convention_grant")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_convention_dates")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_convention_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention")),
        sa.UniqueConstraint("application_id", name=op.f("uq_convention_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_convention_number")),
    )
    op.create_table(
        "correction",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("requested_by_id", KEY, nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) OR (lifted_at IS NULL)", name=op.f("ck_correction_answered_or_lifted")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_correction_application_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["user_account.id"], name=op.f("fk_correction_requested_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_application_id"), "correction", ["application_id"], unique=False)
    op.create_index(
        "ix_correction_open",
        "correction",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL AND lifted_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL AND lifted_at IS NULL"),
    )
    op.create_table(
        "document",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("slot", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=80), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by_id", KEY, nullable=True),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_size")),
        sa.ForeignKeyConstraint(["added_by_id"], ["user_account.id"], name=op.f("fk_document_added_by_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_document_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index("ix_document_application", "document", ["application_id", "slot"], unique=False)
    op.create_index("ix_document_digest", "document", ["application_id", "digest"], unique=False)
    op.create_index(op.f("ix_document_storage_key"), "document", ["storage_key"], unique=False)
    op.create_table(
        "event_erasure",
        sa.Column("event_id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_erasure_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_erasure")),
    )
    op.create_table(
        "event_payload",
        sa.Column("event_id", KEY, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_payload_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_payload")),
    )
    op.create_table(
        "final_report",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("declared", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("results", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("validated_at", INSTANT, nullable=True),
        sa.Column("accepted", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("due_cents", sa.BigInteger(), nullable=True),
        sa.Column("explanation", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("(validated_at IS NULL) = (due_cents IS NULL)", name=op.f("ck_final_report_validated")),
        sa.CheckConstraint("due_cents IS NULL OR due_cents >= 0", name=op.f("ck_final_report_due")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_final_report_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_final_report")),
        sa.UniqueConstraint("application_id", name=op.f("uq_final_report_application_id")),
    )
    op.create_table(
        "message",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=True),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("ics", sa.Text(), nullable=True),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("failed_at", INSTANT, nullable=True),
        sa.Column("suppressed_at", INSTANT, nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("in_digest_id", KEY, nullable=True),
        sa.Column("instead_of_id", KEY, nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "category IN ('account', 'decision', 'request', 'deadline', 'news', 'tasks', 'digest')",
            name=op.f("ck_message_category"),
        ),
        sa.CheckConstraint(
            "next_try_at IS NULL OR (sent_at IS NULL AND failed_at IS NULL AND suppressed_at IS NULL AND NOT held)",
            name=op.f("ck_message_waiting"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_message_application_id")),
        sa.ForeignKeyConstraint(["in_digest_id"], ["message.id"], name=op.f("fk_message_in_digest_id")),
        sa.ForeignKeyConstraint(["instead_of_id"], ["message.id"], name=op.f("fk_message_instead_of_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
    )
    op.create_index("ix_message_application", "message", ["application_id", "id"], unique=False)
    op.create_index("ix_message_failed", "message", ["failed_at", "id"], unique=False)
    op.create_index("ix_message_suppressed", "message", ["suppressed_at", "id"], unique=False)
    op.create_index("ix_message_user", "message", ["user_id", "id"], unique=False)
    op.create_index("ix_message_waiting", "message", ["next_try_at", "id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_note_application_id")),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_note_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_application_id"), "note", ["application_id"], unique=False)
    op.create_table(
        "opinion",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("body", sa.String(length=20), nullable=False),
        sa.Column("territory_id", KEY, nullable=True),
        sa.Column("blocking", sa.Boolean(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=True),
        sa.Column("given_by_id", KEY, nullable=True),
        sa.Column("skipped_at", INSTANT, nullable=True),
        sa.Column("skip_reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("(body = 'slai') = (territory_id IS NOT NULL)", name=op.f("ck_opinion_territory")),
        sa.CheckConstraint("body IN ('slai', 'convergence', 'caf')", name=op.f("ck_opinion_body")),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict IN ('favourable', 'reserved', 'unfavourable')", name=op.f("ck_opinion_verdict")
        ),
        sa.CheckConstraint("(verdict IS NULL) = (given_at IS NULL)", name=op.f("ck_opinion_given")),
        sa.CheckConstraint("verdict IS NULL OR skipped_at IS NULL", name=op.f("ck_opinion_given_or_skipped")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_opinion_application_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["user_account.id"], name=op.f("fk_opinion_given_by_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_opinion_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint(
            "application_id", "body", "territory_id", name=op.f("uq_opinion_application_id_body_territory_id")
        ),
    )
    op.create_index(op.f("ix_opinion_application_id"), "opinion", ["application_id"], unique=False)
    op.create_index("ix_opinion_given", "opinion", ["body", "territory_id", "given_at", "id"], unique=False)
    op.create_index(
        "ix_opinion_waiting",
        "opinion",
        ["body", "territory_id", "due_on", "id"],
        unique=False,
        sqlite_where=sa.text("given_at IS NULL AND skipped_at IS NULL"),
        postgresql_where=sa.text("given_at IS NULL AND skipped_at IS NULL"),
    )
    op.create_table(
        "payment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("ordered_by_id", KEY, nullable=False),
        sa.Column("order_reference", sa.String(length=80), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_reference", sa.String(length=80), nullable=False),
        sa.Column("reverses_id", KEY, nullable=True),
        sa.Column("reversed_by_id", KEY, nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_payment_reversal")),
        sa.CheckConstraint("kind IN ('advance', 'balance', 'recovery', 'reversal')", name=op.f("ck_payment_kind")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_payment_application_id")),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["user_account.id"], name=op.f("fk_payment_ordered_by_id")),
        sa.ForeignKeyConstraint(["reversed_by_id"], ["payment.id"], name=op.f("fk_payment_reversed_by_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["payment.id"], name=op.f("fk_payment_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("reversed_by_id", name=op.f("uq_payment_reversed_by_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_payment_reverses_id")),
    )
    op.create_index(op.f("ix_payment_application_id"), "payment", ["application_id"], unique=False)
    op.create_index(
        "ix_payment_live",
        "payment",
        ["application_id", "kind"],
        unique=True,
        sqlite_where=sa.text("reversed_by_id IS NULL AND kind <> 'reversal'"),
        postgresql_where=sa.text("reversed_by_id IS NULL AND kind <> 'reversal'"),
    )
    op.create_index("ix_payment_recent", "payment", ["ordered_at", "id"], unique=False)
    op.create_index("ix_payment_waiting", "payment", ["paid_on", "id"], unique=False)
    op.create_table(
        "deadline",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("owed_by", sa.String(length=20), nullable=False),
        sa.Column("territory_id", KEY, nullable=True),
        sa.Column("partner", sa.String(length=20), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("computed_on", sa.Date(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("computed", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=1000), nullable=False),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("awaits_id", KEY, nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("next_reminder_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f("ck_deadline_closed")),
        sa.CheckConstraint(
            "owed_by IN ('applicant', 'slai', 'partner', 'officer', 'manager', 'finance', 'auditor', 'admin')",
            name=op.f("ck_deadline_owed_by"),
        ),
        sa.CheckConstraint("status = 'open' OR next_reminder_on IS NULL", name=op.f("ck_deadline_reminded_while_open")),
        sa.CheckConstraint("status IN ('open', 'met', 'cancelled')", name=op.f("ck_deadline_status")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_deadline_application_id")),
        sa.ForeignKeyConstraint(["awaits_id"], ["deadline.id"], name=op.f("fk_deadline_awaits_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_deadline_document_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_deadline_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    op.create_index("ix_deadline_application", "deadline", ["application_id", "status", "due_on"], unique=False)
    op.create_index("ix_deadline_due", "deadline", ["status", "due_on", "id"], unique=False)
    op.create_index("ix_deadline_kind_due", "deadline", ["kind", "status", "due_on", "id"], unique=False)
    op.create_index("ix_deadline_reminder", "deadline", ["status", "next_reminder_on", "application_id"], unique=False)
    op.create_table(
        "journey",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("territory_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=20), nullable=False),
        sa.Column("oriented_at", INSTANT, nullable=False),
        sa.Column("oriented_by_id", KEY, nullable=True),
        sa.Column("to_validate", sa.Boolean(), nullable=False),
        sa.Column("validated_at", INSTANT, nullable=True),
        sa.Column("validated_by_id", KEY, nullable=True),
        sa.Column("entered_on", sa.Date(), nullable=True),
        sa.Column("age_at_entry", sa.Integer(), nullable=True),
        sa.Column("exited_on", sa.Date(), nullable=True),
        sa.Column("exit_kind", sa.String(length=200), nullable=True),
        sa.Column("exit_family", sa.String(length=20), nullable=True),
        sa.Column("contract_starts_on", sa.Date(), nullable=True),
        sa.Column("contract_ends_on", sa.Date(), nullable=True),
        sa.Column("evidence_id", KEY, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.CheckConstraint("(state = 'exited') = (exit_kind IS NOT NULL)", name=op.f("ck_journey_exit_kind")),
        sa.CheckConstraint("(state = 'exited') = (exited_on IS NOT NULL)", name=op.f("ck_journey_exit_date")),
        sa.CheckConstraint(
            "(state IN ('accompanied', 'suspended', 'exited')) = (entered_on IS NOT NULL)",
            name=op.f("ck_journey_entered"),
        ),
        sa.CheckConstraint(
            "exit_family IS NULL OR exit_family IN ('durable', 'transition', 'positive', 'none')",
            name=op.f("ck_journey_family"),
        ),
        sa.CheckConstraint(
            "public IN ('rsa', 'young', 'ex_rsa', 'aseyouth', 'disability', 'housing_first', 'parent', 'other')",
            name=op.f("ck_journey_public"),
        ),
        sa.CheckConstraint(
            "state IN ('oriented', 'accompanied', 'suspended', 'exited', 'declined')", name=op.f("ck_journey_state")
        ),
        sa.CheckConstraint("(entered_on IS NULL) = (age_at_entry IS NULL)", name=op.f("ck_journey_age")),
        sa.CheckConstraint("(exit_kind IS NULL) = (exit_family IS NULL)", name=op.f("ck_journey_exit_class")),
        sa.CheckConstraint("(validated_at IS NULL) = (validated_by_id IS NULL)", name=op.f("ck_journey_validated")),
        sa.CheckConstraint(
            "NOT to_validate OR validated_at IS NOT NULL OR entered_on IS NULL",
            name=op.f("ck_journey_entered_validated"),
        ),
        sa.CheckConstraint(
            "contract_ends_on IS NULL OR contract_starts_on <= contract_ends_on", name=op.f("ck_journey_contract")
        ),
        sa.CheckConstraint("exited_on IS NULL OR entered_on <= exited_on", name=op.f("ck_journey_exit_after_entry")),
        sa.CheckConstraint("to_validate OR validated_at IS NULL", name=op.f("ck_journey_nothing_to_validate")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_journey_application_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["document.id"], name=op.f("fk_journey_evidence_id")),
        sa.ForeignKeyConstraint(["oriented_by_id"], ["user_account.id"], name=op.f("fk_journey_oriented_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_journey_person_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_journey_territory_id")),
        sa.ForeignKeyConstraint(["validated_by_id"], ["user_account.id"], name=op.f("fk_journey_validated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey")),
    )
    op.create_index(
        "ix_journey_live",
        "journey",
        ["person_id", "application_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('oriented', 'accompanied', 'suspended')"),
        postgresql_where=sa.text("state IN ('oriented', 'accompanied', 'suspended')"),
    )
    op.create_index("ix_journey_person", "journey", ["person_id", "state"], unique=False)
    op.create_index("ix_journey_roster", "journey", ["application_id", "id"], unique=False)
    op.create_index("ix_journey_waiting", "journey", ["territory_id", "state", "validated_at", "id"], unique=False)
    op.create_table(
        "deadline_extension",
        sa.Column("id", KEY, nullable=False),
        sa.Column("deadline_id", KEY, nullable=False),
        sa.Column("old_on", sa.Date(), nullable=False),
        sa.Column("new_on", sa.Date(), nullable=False),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("new_on > old_on", name=op.f("ck_deadline_extension_later")),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_deadline_extension_author_id")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_extension_deadline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_extension")),
    )
    op.create_index(op.f("ix_deadline_extension_deadline_id"), "deadline_extension", ["deadline_id"], unique=False)
    op.create_table(
        "identity_look",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=True),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('roster', 'journey', 'orientations', 'match')", name=op.f("ck_identity_look_purpose")
        ),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_identity_look_journey_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_look_person_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_identity_look_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_look")),
    )
    op.create_index("ix_identity_look_person", "identity_look", ["person_id", "at"], unique=False)
    op.create_index(op.f("ix_identity_look_user_id"), "identity_look", ["user_id"], unique=False)
    op.create_table(
        "journey_suspension",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ended_on IS NULL OR started_on <= ended_on", name=op.f("ck_journey_suspension_dates")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_journey_suspension_journey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_suspension")),
    )
    op.create_index(op.f("ix_journey_suspension_journey_id"), "journey_suspension", ["journey_id"], unique=False)
    op.create_index(
        "ix_journey_suspension_open",
        "journey_suspension",
        ["journey_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "journey_warning",
        sa.Column("id", KEY, nullable=False),
        sa.Column("journey_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("to_accept", sa.Boolean(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("accepted_by_id", KEY, nullable=True),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by_id IS NULL)", name=op.f("ck_journey_warning_accepted")
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["user_account.id"], name=op.f("fk_journey_warning_accepted_by_id")
        ),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_journey_warning_journey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_warning")),
        sa.UniqueConstraint("journey_id", "code", name=op.f("uq_journey_warning_journey_id_code")),
    )
    op.create_index(op.f("ix_journey_warning_journey_id"), "journey_warning", ["journey_id"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("id", KEY, nullable=False),
        sa.Column("deadline_id", KEY, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("message_id", KEY, nullable=True),
        sa.Column("skipped", sa.String(length=300), nullable=True),
        sa.CheckConstraint("user_id IS NOT NULL OR skipped IS NOT NULL", name=op.f("ck_reminder_somebody_or_skipped")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_reminder_deadline_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_reminder_message_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_reminder_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_message_id"), "reminder", ["message_id"], unique=False)
    op.create_index("ix_reminder_once", "reminder", ["deadline_id", "due_on", "step", "user_id"], unique=True)
    op.create_index(
        "ix_reminder_waiting",
        "reminder",
        ["user_id", "deadline_id"],
        unique=False,
        sqlite_where=sa.text("message_id IS NULL AND skipped IS NULL"),
        postgresql_where=sa.text("message_id IS NULL AND skipped IS NULL"),
    )
    dialect = op.get_bind().dialect.name
    guards = (journal.guard_ddl, money.guard_ddl, participants.guard_ddl)
    for statement in (statement for guard in guards for statement in guard(dialect)):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a step back is the restoration of the backup taken before the upgrade")
