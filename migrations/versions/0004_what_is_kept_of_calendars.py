"""a calendar's version, its error and its mask"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Only a cache: the worker reads every calendar anew within two minutes.
    op.execute("DELETE FROM busy_calendar")
    op.add_column("busy_calendar", sa.Column("version", sa.String(), nullable=False))
    op.add_column("busy_calendar", sa.Column("error", sa.String(), nullable=True))
    op.add_column(
        "busy_calendar", sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("busy_calendar", sa.Column("mask", sa.LargeBinary(), nullable=True))
    op.add_column("busy_calendar", sa.Column("mask_version", sa.String(), nullable=False))
    op.create_check_constraint(
        "busy_or_error", "busy_calendar", "(busy IS NULL) = (error IS NOT NULL)"
    )
    op.create_check_constraint(
        "unknown_since_when", "busy_calendar", "(error IS NULL) = (unknown_since IS NULL)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_busy_calendar_unknown_since_when"), "busy_calendar")
    op.drop_constraint(op.f("ck_busy_calendar_busy_or_error"), "busy_calendar")
    for column in ("mask_version", "mask", "unknown_since", "error", "version"):
        op.drop_column("busy_calendar", column)
