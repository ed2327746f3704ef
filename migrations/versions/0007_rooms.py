"""rooms to interview in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ATTENTION = (
    "conference_failed",
    "conference_not_allowed",
    "copy_not_kept",
    "identity_leak",
    "not_connected",
    "refused_by_google",
    "candidate_declined",
    "mail_refused",
)
LIVE = sa.text("released_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("email", name="uq_room_email"),
        sa.UniqueConstraint("site", "name", name="uq_room_name_at_site"),
    )
    op.create_table(
        "room_calendar",
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("covers", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("busy", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(busy IS NULL) = (error IS NOT NULL)", name=op.f("ck_room_calendar_busy_or_error")
        ),
        sa.CheckConstraint(
            "(error IS NULL) = (unknown_since IS NULL)",
            name=op.f("ck_room_calendar_unknown_since_when"),
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_room_calendar_room_id_room")
        ),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_room_calendar")),
    )
    op.create_table(
        "planned_interview_room",
        sa.Column("planned_interview_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["planned_interview_id"],
            ["planned_interview.id"],
            name=op.f("fk_planned_interview_room_planned_interview_id_planned_interview"),
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_planned_interview_room_room_id_room")
        ),
        sa.PrimaryKeyConstraint(
            "planned_interview_id", "room_id", name=op.f("pk_planned_interview_room")
        ),
    )
    op.create_table(
        "interview_room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
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
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("room_id"), "="),
            (sa.column("during"), "&&"),
            where=LIVE,
            using="gist",
            name="ex_interview_room_one_interview_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"],
            ["interview.id"],
            name=op.f("fk_interview_room_interview_id_interview"),
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_interview_room_room_id_room")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_room")),
    )
    op.create_index(op.f("ix_interview_room_interview_id"), "interview_room", ["interview_id"])
    op.create_index(op.f("ix_interview_room_room_id"), "interview_room", ["room_id"])
    op.create_index(
        "uq_interview_room_live",
        "interview_room",
        ["interview_id"],
        unique=True,
        postgresql_where=LIVE,
    )
    _let_attention_be(*ATTENTION, "room_declined")


def downgrade() -> None:
    op.execute("UPDATE booking SET attention = NULL WHERE attention = 'room_declined'")
    _let_attention_be(*ATTENTION)
    for table in ("interview_room", "planned_interview_room", "room_calendar", "room"):
        op.drop_table(table)


def _let_attention_be(*words: str) -> None:
    op.drop_constraint(op.f("ck_booking_attention"), "booking")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f("ck_booking_attention"), "booking", f"attention IN ({listed})")
