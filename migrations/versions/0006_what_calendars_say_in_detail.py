"""what calendars say in detail, and when a stage's rules have changed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NOTHING = sa.text("'[]'::jsonb")


def _level() -> sa.Enum:
    return sa.Enum(
        *("busy", "details"),
        name="readinglevel",
        native_enum=False,
        create_constraint=True,
        length=40,
    )


def upgrade() -> None:
    _add("scheduling_rules", sa.Column("level", _level(), nullable=False, server_default="busy"))
    _add("busy_calendar", sa.Column("level", _level(), nullable=False, server_default="busy"))
    for name in ("soft", "kept_for_interviews"):
        _add(
            "busy_calendar",
            sa.Column(name, postgresql.JSONB(), nullable=False, server_default=NOTHING),
        )
    _add("busy_calendar", sa.Column("hours", postgresql.JSONB(none_as_null=True)))
    op.create_table(
        "keyword",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column(
            "means",
            sa.Enum(
                *("ignore", "soft", "hard", "recruiting block"),
                name="keywordclass",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["interviewer_id"],
            ["interviewer.id"],
            name=op.f("fk_keyword_interviewer_id_interviewer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyword")),
        sa.UniqueConstraint(
            *("interviewer_id", "words"),
            name="uq_keyword_words",
            postgresql_nulls_not_distinct=True,
        ),
    )
    _add("stage", sa.Column("rules_version", sa.Integer(), nullable=False, server_default="1"))
    _add("stage", sa.Column("rules_changed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("stage", "rules_changed_at")
    op.drop_column("stage", "rules_version")
    op.drop_table("keyword")
    for name in ("hours", "kept_for_interviews", "soft", "level"):
        op.drop_column("busy_calendar", name)
    op.drop_column("scheduling_rules", "level")


def _add(table: str, column: sa.Column[object]) -> None:
    op.add_column(table, column)
    if column.server_default is not None:
        # It was for the rows that are there; from now on the models say it.
        op.alter_column(table, column.name, server_default=None)
