"""what candidates read of a booking"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    attendance = sa.Enum(
        *("video", "onsite"),
        name="attendance",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    for name, kind in (
        ("public_title", sa.String()),
        ("public_notes", sa.String()),
        ("location", sa.String()),
        ("attendance", attendance),
    ):
        op.add_column("booking", sa.Column(name, kind))
    op.execute(
        "UPDATE booking SET public_title = stage.public_title, public_notes = stage.public_notes,"
        " location = stage.location, attendance = stage.attendance"
        " FROM stage WHERE stage.id = booking.stage_id"
    )
    for name in ("public_title", "public_notes", "location", "attendance"):
        op.alter_column("booking", name, nullable=False)


def downgrade() -> None:
    for name in ("attendance", "location", "public_notes", "public_title"):
        op.drop_column("booking", name)
