"""the queue of wake-ups: procrastinate's own schema"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _run(SchemaManager.get_schema())


def downgrade() -> None:
    _run(
        """
        DO $$
        DECLARE thing record;
        BEGIN
            FOR thing IN SELECT tablename FROM pg_tables
                WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate\\_%' LOOP
                EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', thing.tablename);
            END LOOP;
            FOR thing IN SELECT p.oid::regprocedure AS signature FROM pg_proc p
                WHERE p.proname LIKE 'procrastinate\\_%' AND p.pronamespace = current_schema()::regnamespace LOOP
                EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', thing.signature);
            END LOOP;
            FOR thing IN SELECT typname FROM pg_type
                WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c')
                AND typnamespace = current_schema()::regnamespace LOOP
                EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', thing.typname);
            END LOOP;
        END $$
        """
    )


def _run(script: str) -> None:
    # On psycopg's own cursor: the schema is many statements, with percent signs of its own.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(script)
