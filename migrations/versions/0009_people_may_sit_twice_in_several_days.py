"""people may sit twice in several days"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RULE = "ck_stage_people_repeat_in_one_day"


def upgrade() -> None:
    op.drop_constraint(op.f(RULE), "stage", type_="check")


def downgrade() -> None:
    op.execute("UPDATE stage SET people_repeat = false WHERE most_days > 1")
    op.create_check_constraint(op.f(RULE), "stage", "NOT people_repeat OR most_days = 1")
