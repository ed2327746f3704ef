"""what plans, people and candidates can tell the slot search"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NO_TIME = sa.text("interval '0'")

STAGE_CHECKS = {
    "most_days": "most_days BETWEEN 1 AND 3",
    "longest_day_positive": "longest_day > interval '0'",
    "lunch_whole": "num_nulls(lunch_length, lunch_opens_at, lunch_closes_at) IN (0, 3)",
    "lunch_has_time": "lunch_length > interval '0' AND lunch_closes_at - lunch_opens_at >= lunch_length",
    "rest_whole": "num_nulls(rest_after, rest_length) IN (0, 2)",
    "rest_positive": "rest_after > interval '0' AND rest_length > interval '0'",
    "people_repeat_in_one_day": "NOT people_repeat OR most_days = 1",
}
INTERVIEWER_CHECKS = {
    "time_limits_positive": "max_time_per_day > interval '0' AND max_time_per_week > interval '0'",
    "comfortable_whole": "num_nulls(comfortable_from, comfortable_until) IN (0, 2)",
    "comfortable_in_order": "comfortable_until > comfortable_from",
    "pause_in_order": "paused_until >= paused_from",
    "pause_begins": "paused_from IS NOT NULL OR paused_until IS NULL",
}
APPLICATION_CHECKS = {
    "needs_not_negative": "extra_time >= interval '0' AND shortest_gap >= interval '0'",
    "rest_whole": "num_nulls(rest_after, rest_length) IN (0, 2)",
    "rest_positive": "rest_after > interval '0' AND rest_length > interval '0'",
}


def upgrade() -> None:
    _of_the_stage()
    _of_seats()
    _of_interviewers()
    _of_applications()
    op.create_table(
        "scheduling_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Interval(), nullable=False),
        sa.Column("rolling_window", sa.Interval(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduling_rules")),
        sa.CheckConstraint("id = 1", name=op.f("ck_scheduling_rules_one_row")),
        sa.CheckConstraint(
            "notice BETWEEN interval '0' AND interval '14 days'",
            name=op.f("ck_scheduling_rules_notice"),
        ),
        sa.CheckConstraint(
            "rolling_window BETWEEN interval '1 day' AND interval '60 days'",
            name=op.f("ck_scheduling_rules_rolling_window"),
        ),
    )


def downgrade() -> None:
    op.drop_table("scheduling_rules")
    _drop(
        "application", APPLICATION_CHECKS, "extra_time", "shortest_gap", "rest_after", "rest_length"
    )
    op.drop_table("day_off")
    op.drop_table("preferred_block")
    _drop(
        "interviewer",
        INTERVIEWER_CHECKS,
        *("max_time_per_day", "max_time_per_week", "comfortable_from", "comfortable_until"),
        *("paused_from", "paused_until", "holiday_country"),
    )
    _one_pool_a_seat()
    op.drop_table("held_before")
    _drop(
        "stage",
        STAGE_CHECKS,
        *("interview_order", "most_days", "longest_day"),
        *("lunch_length", "lunch_opens_at", "lunch_closes_at"),
        *("rest_after", "rest_length", "people_repeat"),
    )


def _of_the_stage() -> None:
    order = sa.Enum(
        "fixed", "any", name="order", native_enum=False, create_constraint=True, length=40
    )
    _add(
        "stage",
        STAGE_CHECKS,
        sa.Column("interview_order", order, nullable=False, server_default="fixed"),
        sa.Column("most_days", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("longest_day", sa.Interval()),
        sa.Column("lunch_length", sa.Interval()),
        sa.Column("lunch_opens_at", sa.Time()),
        sa.Column("lunch_closes_at", sa.Time()),
        sa.Column("rest_after", sa.Interval()),
        sa.Column("rest_length", sa.Interval()),
        sa.Column("people_repeat", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "held_before",
        sa.Column("earlier_id", sa.Integer(), nullable=False),
        sa.Column("later_id", sa.Integer(), nullable=False),
        _foreign("held_before", "earlier_id", "planned_interview"),
        _foreign("held_before", "later_id", "planned_interview"),
        sa.PrimaryKeyConstraint("earlier_id", "later_id", name=op.f("pk_held_before")),
        sa.CheckConstraint("earlier_id <> later_id", name=op.f("ck_held_before_two_interviews")),
    )


def _of_seats() -> None:
    _add(
        "seat_rule",
        {},
        sa.Column("is_optional", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for table, whom, target in (
        ("seat_rule_pool", "pool_id", "interviewer_pool"),
        ("seat_rule_person", "interviewer_id", "interviewer"),
    ):
        op.create_table(
            table,
            sa.Column("seat_rule_id", sa.Integer(), nullable=False),
            sa.Column(whom, sa.Integer(), nullable=False),
            _foreign(table, "seat_rule_id", "seat_rule"),
            _foreign(table, whom, target),
            sa.PrimaryKeyConstraint("seat_rule_id", whom, name=op.f(f"pk_{table}")),
        )
    op.execute(
        "INSERT INTO seat_rule_pool (seat_rule_id, pool_id) SELECT id, pool_id FROM seat_rule"
    )
    op.drop_column("seat_rule", "pool_id")


def _of_interviewers() -> None:
    _add(
        "interviewer",
        INTERVIEWER_CHECKS,
        sa.Column("max_time_per_day", sa.Interval()),
        sa.Column("max_time_per_week", sa.Interval()),
        # What the search took for granted of everybody until now.
        sa.Column("comfortable_from", sa.Time(), server_default="10:00"),
        sa.Column("comfortable_until", sa.Time(), server_default="17:00"),
        sa.Column("paused_from", sa.Date()),
        sa.Column("paused_until", sa.Date()),
        sa.Column("holiday_country", sa.String(2), nullable=False, server_default=""),
    )
    op.create_table(
        "preferred_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        _foreign("preferred_block", "interviewer_id", "interviewer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preferred_block")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_preferred_block_weekday")),
        sa.CheckConstraint(
            "closes_at > opens_at", name=op.f("ck_preferred_block_closes_after_it_opens")
        ),
    )
    op.create_index(
        op.f("ix_preferred_block_interviewer_id"), "preferred_block", ["interviewer_id"]
    )
    op.create_table(
        "day_off",
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _foreign("day_off", "interviewer_id", "interviewer"),
        sa.PrimaryKeyConstraint("interviewer_id", "day", name=op.f("pk_day_off")),
    )


def _of_applications() -> None:
    _add(
        "application",
        APPLICATION_CHECKS,
        sa.Column("extra_time", sa.Interval(), nullable=False, server_default=NO_TIME),
        sa.Column("shortest_gap", sa.Interval(), nullable=False, server_default=NO_TIME),
        sa.Column("rest_after", sa.Interval()),
        sa.Column("rest_length", sa.Interval()),
    )


def _one_pool_a_seat() -> None:
    """Give each seat back its one pool; named people become a pool of their own."""
    op.add_column("seat_rule", sa.Column("pool_id", sa.Integer()))
    op.execute(
        """
        INSERT INTO interviewer_pool (name, created_at)
        SELECT 'People named for seat ' || id, now() FROM seat_rule
        WHERE id NOT IN (SELECT seat_rule_id FROM seat_rule_pool)
        """
    )
    op.execute(
        """
        INSERT INTO seat_rule_pool (seat_rule_id, pool_id)
        SELECT rule.id, pool.id FROM seat_rule rule
        JOIN interviewer_pool pool ON pool.name = 'People named for seat ' || rule.id
        """
    )
    op.execute(
        """
        INSERT INTO pool_membership (pool_id, interviewer_id, standing)
        SELECT pool.id, named.interviewer_id,
            CASE WHEN rule.kind IN ('shadow', 'reverse_shadow') THEN 'training' ELSE 'trained' END
        FROM seat_rule rule
        JOIN interviewer_pool pool ON pool.name = 'People named for seat ' || rule.id
        JOIN seat_rule_person named ON named.seat_rule_id = rule.id
        """
    )
    op.execute(
        """
        UPDATE seat_rule SET pool_id =
            (SELECT min(pool_id) FROM seat_rule_pool WHERE seat_rule_id = seat_rule.id)
        """
    )
    op.alter_column("seat_rule", "pool_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_seat_rule_pool_id_interviewer_pool"),
        "seat_rule",
        "interviewer_pool",
        ["pool_id"],
        ["id"],
    )
    op.drop_table("seat_rule_person")
    op.drop_table("seat_rule_pool")
    op.drop_column("seat_rule", "is_optional")


def _add(table: str, checks: dict[str, str], *columns: sa.Column[object]) -> None:
    for column in columns:
        op.add_column(table, column)
        if column.server_default is not None:
            # It was for the rows that are there; from now on the models say it.
            op.alter_column(table, column.name, server_default=None)
    for name, condition in checks.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _drop(table: str, checks: dict[str, str], *columns: str) -> None:
    for name in checks:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for column in columns:
        op.drop_column(table, column)


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )
