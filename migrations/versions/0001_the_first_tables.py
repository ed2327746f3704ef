"""the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # For EXCLUDE: equality of ids and overlap of ranges in one index.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "app_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "admin",
                "recruiter",
                "coordinator",
                "interviewer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("email", name="uq_app_user_email"),
        sa.UniqueConstraint("issuer", "subject", name="uq_app_user_identity"),
    )
    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("resume_url", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
    )
    op.create_table(
        "google_connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("refresh_token_sealed", sa.String(), nullable=True),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "checking",
                "ready",
                "no_meet",
                "broken",
                name="connectionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_google_connection_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_google_connection")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "interviewer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("max_per_day", sa.Integer(), nullable=False),
        sa.Column("max_per_week", sa.Integer(), nullable=False),
        sa.Column("buffer_before", sa.Interval(), nullable=False),
        sa.Column("buffer_after", sa.Interval(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "max_per_day > 0 AND max_per_week > 0", name=op.f("ck_interviewer_limits_positive")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviewer")),
        sa.UniqueConstraint("email", name="uq_interviewer_email"),
    )
    op.create_table(
        "interviewer_pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviewer_pool")),
        sa.UniqueConstraint("name", name="uq_interviewer_pool_name"),
    )
    op.create_table(
        "job_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_role")),
    )
    op.create_table(
        "organizer_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("google_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("can_make_meet", sa.Boolean(), nullable=False),
        sa.Column("sync_token", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizer_calendar")),
        sa.UniqueConstraint("google_id", name=op.f("uq_organizer_calendar_google_id")),
    )
    op.create_table(
        "role_grant",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "admin",
                "recruiter",
                "coordinator",
                "interviewer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_role_grant")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_audit_entry_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        "ix_audit_entry_object", "audit_entry", ["object_type", "object_id"], unique=False
    )
    op.create_table(
        "busy_calendar",
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("covers", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "busy", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["interviewer_id"],
            ["interviewer.id"],
            name=op.f("fk_busy_calendar_interviewer_id_interviewer"),
        ),
        sa.PrimaryKeyConstraint("interviewer_id", name=op.f("pk_busy_calendar")),
    )
    op.create_table(
        "pool_membership",
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "trained",
                "training",
                name="standing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["interviewer_id"],
            ["interviewer.id"],
            name=op.f("fk_pool_membership_interviewer_id_interviewer"),
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"],
            ["interviewer_pool.id"],
            name=op.f("fk_pool_membership_pool_id_interviewer_pool"),
        ),
        sa.PrimaryKeyConstraint("pool_id", "interviewer_id", name=op.f("pk_pool_membership")),
    )
    op.create_table(
        "stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_role_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("public_title", sa.String(), nullable=False),
        sa.Column("public_notes", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column(
            "attendance",
            sa.Enum(
                "video",
                "onsite",
                name="attendance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "call_grouping",
            sa.Enum(
                "per_interview",
                "per_loop_day",
                name="callgrouping",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "strategy",
            sa.Enum(
                "candidate_event",
                "keeper_event",
                name="conferencestrategy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("shortest_gap", sa.Interval(), nullable=False),
        sa.Column("longest_gap", sa.Interval(), nullable=False),
        sa.CheckConstraint(
            "call_grouping <> 'per_loop_day' OR shortest_gap >= interval '10 minutes'",
            name=op.f("ck_stage_day_call_has_gaps"),
        ),
        sa.CheckConstraint("shortest_gap >= interval '0'", name=op.f("ck_stage_gap_not_negative")),
        sa.CheckConstraint("longest_gap >= shortest_gap", name=op.f("ck_stage_gaps_in_order")),
        sa.ForeignKeyConstraint(
            ["job_role_id"], ["job_role.id"], name=op.f("fk_stage_job_role_id_job_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("job_role_id", "position", name="uq_stage_position"),
    )
    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_user_session_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_user_session_secret_hash")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "working_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.CheckConstraint(
            "closes_at > opens_at", name=op.f("ck_working_hours_closes_after_it_opens")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_working_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["interviewer_id"],
            ["interviewer.id"],
            name=op.f("fk_working_hours_interviewer_id_interviewer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_hours")),
    )
    op.create_index(
        op.f("ix_working_hours_interviewer_id"), "working_hours", ["interviewer_id"], unique=False
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("job_role_id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("recruiter_id", sa.Integer(), nullable=False),
        sa.Column("scorecard_url", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_application_candidate_id_candidate")
        ),
        sa.ForeignKeyConstraint(
            ["job_role_id"], ["job_role.id"], name=op.f("fk_application_job_role_id_job_role")
        ),
        sa.ForeignKeyConstraint(
            ["recruiter_id"], ["app_user.id"], name=op.f("fk_application_recruiter_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stage.id"], name=op.f("fk_application_stage_id_stage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    op.create_index(
        op.f("ix_application_candidate_id"), "application", ["candidate_id"], unique=False
    )
    op.create_table(
        "planned_interview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("focus", sa.String(), nullable=False),
        sa.Column("length", sa.Interval(), nullable=False),
        sa.CheckConstraint(
            "length > interval '0'", name=op.f("ck_planned_interview_length_positive")
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stage.id"], name=op.f("fk_planned_interview_stage_id_stage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_interview")),
        sa.UniqueConstraint("stage_id", "position", name="uq_planned_interview_position"),
    )
    op.create_table(
        "candidate_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_candidate_window_application_id_application"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_window")),
    )
    op.create_index(
        op.f("ix_candidate_window_application_id"),
        "candidate_window",
        ["application_id"],
        unique=False,
    )
    op.create_table(
        "invite",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("token_sealed", sa.String(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_invite_application_id_application"),
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_invite_stage_id_stage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invite_token_hash")),
    )
    op.create_index(op.f("ix_invite_application_id"), "invite", ["application_id"], unique=False)
    op.create_index(
        "uq_invite_open_per_stage",
        "invite",
        ["application_id", "stage_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "seat_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("planned_interview_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lead",
                "second",
                "shadow",
                "reverse_shadow",
                "observer",
                name="seatkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["planned_interview_id"],
            ["planned_interview.id"],
            name=op.f("fk_seat_rule_planned_interview_id_planned_interview"),
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["interviewer_pool.id"], name=op.f("fk_seat_rule_pool_id_interviewer_pool")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_rule")),
        sa.UniqueConstraint("planned_interview_id", "position", name="uq_seat_rule_position"),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invite_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "cancelled",
                name="bookingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column(
            "call_grouping",
            sa.Enum(
                "per_interview",
                "per_loop_day",
                name="callgrouping",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "strategy",
            sa.Enum(
                "candidate_event",
                "keeper_event",
                name="conferencestrategy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("desired_revision", sa.Integer(), nullable=False),
        sa.Column("applied_revision", sa.Integer(), nullable=False),
        sa.Column("candidate_revision", sa.Integer(), nullable=False),
        sa.Column("told_digest", sa.String(), nullable=True),
        sa.Column("told_times", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column(
            "attention",
            sa.Enum(
                "conference_failed",
                "conference_not_allowed",
                "copy_not_kept",
                "identity_leak",
                "not_connected",
                "refused_by_google",
                "candidate_declined",
                "mail_refused",
                name="attention",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("attention_detail", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "applied_revision <= desired_revision", name=op.f("ck_booking_revisions_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_booking_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["invite_id"], ["invite.id"], name=op.f("fk_booking_invite_id_invite")
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_booking_stage_id_stage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index(op.f("ix_booking_application_id"), "booking", ["application_id"], unique=False)
    op.create_index(
        "ix_booking_behind",
        "booking",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("applied_revision < desired_revision OR last_error IS NOT NULL"),
    )
    op.create_index(
        "uq_booking_live_per_invite",
        "booking",
        ["invite_id"],
        unique=True,
        postgresql_where=sa.text("state = 'booked'"),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "removed",
                name="callstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("loop_day", sa.Date(), nullable=False),
        sa.Column("calendar_id", sa.String(), nullable=False),
        sa.Column("candidate_event_id", sa.String(), nullable=False),
        sa.Column("keeper_event_id", sa.String(), nullable=False),
        sa.Column("conference_request_id", sa.String(), nullable=False),
        sa.Column("conference_tries", sa.Integer(), nullable=False),
        sa.Column("conference_id", sa.String(), nullable=False),
        sa.Column("join_url", sa.String(), nullable=False),
        sa.Column("candidate_ical_uid", sa.String(), nullable=False),
        sa.Column(
            "candidate_rsvp",
            sa.Enum(
                "needsAction",
                "accepted",
                "tentative",
                "declined",
                name="rsvp",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_by_hand", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_call_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("booking_id", "number", name="uq_call_number"),
        sa.UniqueConstraint("calendar_id", "candidate_event_id", name="uq_call_candidate_event"),
        sa.UniqueConstraint("calendar_id", "keeper_event_id", name="uq_call_keeper_event"),
    )
    op.create_index(op.f("ix_call_booking_id"), "call", ["booking_id"], unique=False)
    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("invite_id", sa.Integer(), nullable=False),
        sa.Column("candidate_revision", sa.Integer(), nullable=True),
        sa.Column("booking_revision", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "confirmed",
                "rescheduled",
                "updated",
                "cancelled",
                "invite",
                name="letterkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("message_sealed", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "refused",
                "overtaken",
                name="mailstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_outbox_mail_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["invite_id"], ["invite.id"], name=op.f("fk_outbox_mail_invite_id_invite")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("booking_id", "candidate_revision", name="uq_outbox_mail_telling"),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_mail_message_id")),
    )
    op.create_index(op.f("ix_outbox_mail_booking_id"), "outbox_mail", ["booking_id"], unique=False)
    op.create_index(op.f("ix_outbox_mail_invite_id"), "outbox_mail", ["invite_id"], unique=False)
    op.create_index(
        "ix_outbox_mail_waiting",
        "outbox_mail",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "interview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("focus", sa.String(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("calendar_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("observed_during", postgresql.TSTZRANGE(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_interview_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_interview_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint("booking_id", "position", name="uq_interview_position"),
        sa.UniqueConstraint("calendar_id", "event_id", name="uq_interview_event"),
    )
    op.create_index(op.f("ix_interview_booking_id"), "interview", ["booking_id"], unique=False)
    op.create_index(op.f("ix_interview_call_id"), "interview", ["call_id"], unique=False)
    op.create_table(
        "settled_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "candidate_event_made",
                "conference_pending",
                "conference_ready",
                "interviewer_event_written",
                "copy_verified",
                "candidate_invited",
                "events_removed",
                "mail_sent",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_settled_step_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_settled_step_call_id_call")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settled_step")),
        sa.UniqueConstraint(
            "booking_id",
            "call_id",
            "revision",
            "step",
            name="uq_settled_step",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("ix_settled_step_booking_id"), "settled_step", ["booking_id"], unique=False
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lead",
                "second",
                "shadow",
                "reverse_shadow",
                "observer",
                name="seatkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "released",
                name="seatstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "rsvp",
            sa.Enum(
                "needsAction",
                "accepted",
                "tentative",
                "declined",
                name="rsvp",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("interviewer_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("state = 'live'"),
            using="gist",
            name="ex_seat_one_place_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interview.id"], name=op.f("fk_seat_interview_id_interview")
        ),
        sa.ForeignKeyConstraint(
            ["interviewer_id"], ["interviewer.id"], name=op.f("fk_seat_interviewer_id_interviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
    )
    op.create_index(op.f("ix_seat_interview_id"), "seat", ["interview_id"], unique=False)
    op.create_index(op.f("ix_seat_interviewer_id"), "seat", ["interviewer_id"], unique=False)
    op.create_index(
        "uq_seat_live_position",
        "seat",
        ["interview_id", "position"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_seat_live_position", table_name="seat", postgresql_where=sa.text("state = 'live'")
    )
    op.drop_index(op.f("ix_seat_interviewer_id"), table_name="seat")
    op.drop_index(op.f("ix_seat_interview_id"), table_name="seat")
    op.drop_table("seat")
    op.drop_index(op.f("ix_settled_step_booking_id"), table_name="settled_step")
    op.drop_table("settled_step")
    op.drop_index(op.f("ix_interview_call_id"), table_name="interview")
    op.drop_index(op.f("ix_interview_booking_id"), table_name="interview")
    op.drop_table("interview")
    op.drop_index(
        "ix_outbox_mail_waiting",
        table_name="outbox_mail",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(op.f("ix_outbox_mail_invite_id"), table_name="outbox_mail")
    op.drop_index(op.f("ix_outbox_mail_booking_id"), table_name="outbox_mail")
    op.drop_table("outbox_mail")
    op.drop_index(op.f("ix_call_booking_id"), table_name="call")
    op.drop_table("call")
    op.drop_index(
        "uq_booking_live_per_invite",
        table_name="booking",
        postgresql_where=sa.text("state = 'booked'"),
    )
    op.drop_index(
        "ix_booking_behind",
        table_name="booking",
        postgresql_where=sa.text("applied_revision < desired_revision OR last_error IS NOT NULL"),
    )
    op.drop_index(op.f("ix_booking_application_id"), table_name="booking")
    op.drop_table("booking")
    op.drop_table("seat_rule")
    op.drop_index(
        "uq_invite_open_per_stage",
        table_name="invite",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index(op.f("ix_invite_application_id"), table_name="invite")
    op.drop_table("invite")
    op.drop_index(op.f("ix_candidate_window_application_id"), table_name="candidate_window")
    op.drop_table("candidate_window")
    op.drop_table("planned_interview")
    op.drop_index(op.f("ix_application_candidate_id"), table_name="application")
    op.drop_table("application")
    op.drop_index(op.f("ix_working_hours_interviewer_id"), table_name="working_hours")
    op.drop_table("working_hours")
    op.drop_index(op.f("ix_user_session_user_id"), table_name="user_session")
    op.drop_table("user_session")
    op.drop_table("stage")
    op.drop_table("pool_membership")
    op.drop_table("busy_calendar")
    op.drop_index("ix_audit_entry_object", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("role_grant")
    op.drop_table("organizer_calendar")
    op.drop_table("job_role")
    op.drop_table("interviewer_pool")
    op.drop_table("interviewer")
    op.drop_table("installation")
    op.drop_table("google_connection")
    op.drop_table("candidate")
    op.drop_table("app_user")
