"""The first tables: people, activity, roles, mentoring, reviews

Revision ID: 20261201_1200
Revises:
Create Date: 2026-11-23 06:08:46.511125
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201_1200"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("new_email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("weekly_hours", sa.SmallInteger(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email_key", name=op.f("uq_people_email_key")),
        sa.UniqueConstraint("username", name=op.f("uq_people_username")),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_tries")),
    )
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_tries_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_tries_subject_at"), ["subject", "at"], unique=False)

    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("leased_until", sa.DateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=32), nullable=True),
        sa.Column("failure_detail", sa.String(length=300), nullable=False),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("synced_at", sa.DateTime(), nullable=True),
        sa.Column("seen_up_to", sa.DateTime(), nullable=True),
        sa.Column("reaches_back_to", sa.DateTime(), nullable=True),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("open_projects", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("slug", name=op.f("uq_sources_slug")),
    )
    op.create_table(
        "sweep_runs",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep_runs")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("verified_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_accounts_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("person_id", "service", "username", name=op.f("uq_accounts_person_id_service_username")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_service_username"), ["service", "username"], unique=False)

    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("author_username", sa.String(length=255), nullable=False),
        sa.Column("author_name", sa.String(length=255), nullable=False),
        sa.Column("author_is_bot", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("work_in_progress", sa.Boolean(), nullable=False),
        sa.Column("patchsets", sa.Integer(), nullable=False),
        sa.Column("insertions", sa.BigInteger(), nullable=True),
        sa.Column("deletions", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("first_response_at", sa.DateTime(), nullable=True),
        sa.Column("waiting_on", sa.String(length=16), nullable=False),
        sa.Column("waiting_since", sa.DateTime(), nullable=False),
        sa.Column("waiting_reason", sa.String(length=24), nullable=True),
        sa.Column("is_newcomer", sa.Boolean(), nullable=False),
        sa.Column("author_merged", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_changes_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sa.UniqueConstraint("source_id", "key", name=op.f("uq_changes_source_id_key")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_changes_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_changes_open_created_at",
            ["state", "created_at", "id", "source_id", "project", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_is_newcomer_created_at",
            ["state", "is_newcomer", "created_at", "id", "source_id", "project", "waiting_on"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_is_newcomer_updated_at",
            ["state", "is_newcomer", "updated_at", "id", "source_id", "project", "waiting_on"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_is_newcomer_waiting_since",
            ["state", "is_newcomer", "waiting_since", "id", "source_id", "project", "waiting_on"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_project_created_at",
            ["state", "project", "created_at", "id", "source_id", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_project_updated_at",
            ["state", "project", "updated_at", "id", "source_id", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_project_waiting_since",
            ["state", "project", "waiting_since", "id", "source_id", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_source_id_created_at",
            ["state", "source_id", "created_at", "id", "project", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_source_id_updated_at",
            ["state", "source_id", "updated_at", "id", "project", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_source_id_waiting_since",
            ["state", "source_id", "waiting_since", "id", "project", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_updated_at",
            ["state", "updated_at", "id", "source_id", "project", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_waiting_on_created_at",
            ["state", "waiting_on", "created_at", "id", "source_id", "project", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_waiting_on_updated_at",
            ["state", "waiting_on", "updated_at", "id", "source_id", "project", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_waiting_on_waiting_since",
            ["state", "waiting_on", "waiting_since", "id", "source_id", "project", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_changes_open_waiting_since",
            ["state", "waiting_since", "id", "source_id", "project", "waiting_on", "is_newcomer"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            batch_op.f("ix_changes_project_created_at_id"), ["project", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_changes_source_id_author_username_created_at_id"),
            ["source_id", "author_username", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_changes_source_id_created_at_id"), ["source_id", "created_at", "id"], unique=False
        )

    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("verb", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", sa.String(length=32), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_events_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_actor_id_id"), ["actor_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_events_subject_kind_subject_id_id"), ["subject_kind", "subject_id", "id"], unique=False
        )

    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("leased_until", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("gave_up_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_letters_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letters_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letters_sent_at_due_at"), ["sent_at", "due_at"], unique=False)

    op.create_table(
        "mentors",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pitch", sa.String(length=240), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("taken", sa.SmallInteger(), nullable=False),
        sa.Column("away_until", sa.DateTime(), nullable=True),
        sa.Column("applied_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("declined_because", sa.String(length=500), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_mentors_taken_not_negative")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_mentors_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mentors_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mentors")),
    )
    with op.batch_alter_table("mentors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mentors_state"), ["state"], unique=False)

    op.create_table(
        "person_languages",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_person_languages_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "code", name=op.f("pk_person_languages")),
    )
    op.create_table(
        "person_skills",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_person_skills_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "skill", name=op.f("pk_person_skills")),
    )
    with op.batch_alter_table("person_skills", schema=None) as batch_op:
        batch_op.create_index("ix_person_skills_skill_level", ["skill", "level"], unique=False)

    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("held_by", sa.Integer(), nullable=True),
        sa.Column("held_until", sa.DateTime(), nullable=True),
        sa.Column("hold_extended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["held_by"], ["people.id"], name=op.f("fk_requests_held_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_requests_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("live_key", name=op.f("uq_requests_live_key")),
    )
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requests_held_by_held_until"), ["held_by", "held_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_requests_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_requests_state_asked_at"), ["state", "asked_at"], unique=False)

    op.create_table(
        "review_authors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("is_due", sa.Boolean(), nullable=False),
        sa.Column("asked_before", sa.DateTime(), nullable=True),
        sa.Column("asked_merged", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_review_authors_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_authors")),
        sa.UniqueConstraint("source_id", "username", name=op.f("uq_review_authors_source_id_username")),
    )
    with op.batch_alter_table("review_authors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_authors_source_id_is_due"), ["source_id", "is_due"], unique=False)

    op.create_table(
        "role_holders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("appointed_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("active_key", sa.String(length=64), nullable=True),
        sa.Column("seat_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["appointed_by_id"], ["people.id"], name=op.f("fk_role_holders_appointed_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people.id"], name=op.f("fk_role_holders_ended_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_role_holders_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_holders")),
        sa.UniqueConstraint("active_key", name=op.f("uq_role_holders_active_key")),
        sa.UniqueConstraint("seat_key", name=op.f("uq_role_holders_seat_key")),
    )
    with op.batch_alter_table("role_holders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_holders_person_id_ended_at"), ["person_id", "ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_holders_role_ended_at"), ["role", "ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_holders_until"), ["until"], unique=False)

    op.create_table(
        "role_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("open_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_role_offers_answered_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_role_offers_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_offers")),
        sa.UniqueConstraint("open_key", name=op.f("uq_role_offers_open_key")),
    )
    with op.batch_alter_table("role_offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_offers_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_offers_role_state"), ["role", "state"], unique=False)

    op.create_table(
        "syncs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("new_changes", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("failure", sa.String(length=32), nullable=True),
        sa.Column("failure_detail", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_syncs_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_syncs")),
    )
    with op.batch_alter_table("syncs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_syncs_source_id_started_at"), ["source_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_syncs_started_at"), ["started_at"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_notices_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("person_id", "event_id", name=op.f("uq_notices_person_id_event_id")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_person_id_read_at"), ["person_id", "read_at"], unique=False)

    op.create_table(
        "pairings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("mentor_id", sa.Integer(), nullable=False),
        sa.Column("mentee_id", sa.Integer(), nullable=False),
        sa.Column("active_key", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("turn", sa.String(length=8), nullable=False),
        sa.Column("turn_since", sa.DateTime(), nullable=False),
        sa.Column("nudged_days", sa.SmallInteger(), nullable=False),
        sa.Column("nudged_at", sa.DateTime(), nullable=True),
        sa.Column("mentor_read_id", sa.Integer(), nullable=False),
        sa.Column("mentee_read_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("end_reason", sa.String(length=24), nullable=False),
        sa.Column("end_note", sa.String(length=1000), nullable=False),
        sa.Column("continues_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["continues_id"], ["pairings.id"], ondelete="SET NULL", name=op.f("fk_pairings_continues_id")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name=op.f("fk_pairings_ended_by")),
        sa.ForeignKeyConstraint(["mentee_id"], ["people.id"], name=op.f("fk_pairings_mentee_id")),
        sa.ForeignKeyConstraint(["mentor_id"], ["people.id"], name=op.f("fk_pairings_mentor_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_pairings_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairings")),
        sa.UniqueConstraint("active_key", name=op.f("uq_pairings_active_key")),
    )
    with op.batch_alter_table("pairings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pairings_mentee_id_state"), ["mentee_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_pairings_mentor_id_state"), ["mentor_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_pairings_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pairings_state_turn_since"), ["state", "turn_since"], unique=False)

    op.create_table(
        "request_languages",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_request_languages_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "code", name=op.f("pk_request_languages")),
    )
    op.create_table(
        "request_skills",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=False),
        sa.Column("need", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_request_skills_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "skill", name=op.f("pk_request_skills")),
    )
    with op.batch_alter_table("request_skills", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_skills_skill"), ["skill"], unique=False)

    op.create_table(
        "request_skips",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("mentor_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=240), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["people.id"], name=op.f("fk_request_skips_mentor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_request_skips_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "mentor_id", name=op.f("pk_request_skips")),
    )
    op.create_table(
        "pairing_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_pairing_messages_author_id")),
        sa.ForeignKeyConstraint(
            ["pairing_id"], ["pairings.id"], name=op.f("fk_pairing_messages_pairing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_messages")),
    )
    with op.batch_alter_table("pairing_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pairing_messages_pairing_id"), ["pairing_id"], unique=False)


def downgrade() -> None:
    """Take the tables back."""
    with op.batch_alter_table("pairing_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pairing_messages_pairing_id"))

    op.drop_table("pairing_messages")
    op.drop_table("request_skips")
    with op.batch_alter_table("request_skills", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_skills_skill"))

    op.drop_table("request_skills")
    op.drop_table("request_languages")
    with op.batch_alter_table("pairings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pairings_state_turn_since"))
        batch_op.drop_index(batch_op.f("ix_pairings_request_id"))
        batch_op.drop_index(batch_op.f("ix_pairings_mentor_id_state"))
        batch_op.drop_index(batch_op.f("ix_pairings_mentee_id_state"))

    op.drop_table("pairings")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_person_id_read_at"))

    op.drop_table("notices")
    with op.batch_alter_table("syncs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_syncs_started_at"))
        batch_op.drop_index(batch_op.f("ix_syncs_source_id_started_at"))

    op.drop_table("syncs")
    with op.batch_alter_table("role_offers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_offers_role_state"))
        batch_op.drop_index(batch_op.f("ix_role_offers_person_id"))

    op.drop_table("role_offers")
    with op.batch_alter_table("role_holders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_holders_until"))
        batch_op.drop_index(batch_op.f("ix_role_holders_role_ended_at"))
        batch_op.drop_index(batch_op.f("ix_role_holders_person_id_ended_at"))

    op.drop_table("role_holders")
    with op.batch_alter_table("review_authors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_authors_source_id_is_due"))

    op.drop_table("review_authors")
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requests_state_asked_at"))
        batch_op.drop_index(batch_op.f("ix_requests_person_id"))
        batch_op.drop_index(batch_op.f("ix_requests_held_by_held_until"))

    op.drop_table("requests")
    with op.batch_alter_table("person_skills", schema=None) as batch_op:
        batch_op.drop_index("ix_person_skills_skill_level")

    op.drop_table("person_skills")
    op.drop_table("person_languages")
    with op.batch_alter_table("mentors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mentors_state"))

    op.drop_table("mentors")
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letters_sent_at_due_at"))
        batch_op.drop_index(batch_op.f("ix_letters_person_id"))

    op.drop_table("letters")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_subject_kind_subject_id_id"))
        batch_op.drop_index(batch_op.f("ix_events_at"))
        batch_op.drop_index(batch_op.f("ix_events_actor_id_id"))

    op.drop_table("events")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_changes_source_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_changes_source_id_author_username_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_changes_project_created_at_id"))
        batch_op.drop_index(
            "ix_changes_open_waiting_since",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_waiting_on_waiting_since",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_waiting_on_updated_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_waiting_on_created_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_updated_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_source_id_waiting_since",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_source_id_updated_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_source_id_created_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_project_waiting_since",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_project_updated_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_project_created_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_is_newcomer_waiting_since",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_is_newcomer_updated_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_is_newcomer_created_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_changes_open_created_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_changes_created_at_id"))

    op.drop_table("changes")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_service_username"))

    op.drop_table("accounts")
    op.drop_table("sweep_runs")
    op.drop_table("sources")
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_tries_subject_at"))
        batch_op.drop_index(batch_op.f("ix_sign_in_tries_at"))

    op.drop_table("sign_in_tries")
    op.drop_table("people")
