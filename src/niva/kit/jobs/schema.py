"""The engine's tables as SQL for a migration.

The statements come from the installed PgQueuer, not from a copy: they create what is
missing and bring older tables up to date, and can be repeated. After a PgQueuer upgrade
that changes its tables add a migration with the same two calls (and ``atomic = False``,
because a new status cannot be used in the transaction that adds it).
"""

from pgqueuer.adapters.persistence import schema_ddl
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel

from niva.kit.jobs import names

SETTINGS = DBSettings(
    prefix="",
    db_schema=None,
    channel=Channel(names.CHANNEL),
    function=names.FUNCTION,
    statistics_table=names.STATISTICS,
    queue_status_type=names.STATUS,
    queue_table=names.QUEUE,
    queue_table_log=names.LOG,
    trigger=names.TRIGGER,
    schedules_table=names.SCHEDULES,
    # The log only serves figures of the last days; the queue itself survives a crash.
    durability=Durability.balanced,
    widen_id=True,
)

# A queue's rows live for seconds: with PostgreSQL's default of 20 % dead rows the table
# would grow far past what waits in it.
_STORAGE = f"""ALTER TABLE {names.QUEUE} SET (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_analyze_threshold = 500,
    autovacuum_vacuum_cost_delay = 0
)"""

_KEY = f"""CREATE UNIQUE INDEX IF NOT EXISTS {names.KEY_INDEX} ON {names.QUEUE} ((headers->>'key'))
    WHERE status = 'queued'"""

_DEAD = f"""CREATE INDEX IF NOT EXISTS {names.QUEUE}_dead ON {names.QUEUE} (updated)
    WHERE status = 'failed'"""

# A job that kills its worker never reports a failure, so being taken over counts as one:
# after Handler.tries of them it is put on the dead list instead of killing workers for ever.
_TAKEOVER = (
    f"""CREATE OR REPLACE FUNCTION {names.TAKEOVER_FUNCTION}() RETURNS TRIGGER AS $$
BEGIN
    NEW.attempts := OLD.attempts + 1;
    NEW.headers := COALESCE(NEW.headers, '{{}}') || '{{"error": "its worker died or stood still"}}';
    RETURN NEW;
END $$ LANGUAGE plpgsql""",
    f"""CREATE OR REPLACE TRIGGER {names.TAKEOVER_TRIGGER} BEFORE UPDATE ON {names.QUEUE} FOR EACH ROW
WHEN (OLD.status = 'picked' AND NEW.status = 'picked'
      AND OLD.queue_manager_id IS DISTINCT FROM NEW.queue_manager_id)
EXECUTE FUNCTION {names.TAKEOVER_FUNCTION}()""",
)


def install_sql() -> list[str]:
    """Statements, in order, that create the engine's tables or bring them up to date."""
    return [*schema_ddl.render_converge(SETTINGS), _STORAGE, _KEY, _DEAD, *_TAKEOVER]


def uninstall_sql() -> list[str]:
    """Statements that drop the engine's tables with every job in them."""
    ours = [
        f"DROP TRIGGER IF EXISTS {names.TAKEOVER_TRIGGER} ON {names.QUEUE}",
        f"DROP FUNCTION IF EXISTS {names.TAKEOVER_FUNCTION}",
    ]
    theirs = schema_ddl.render_uninstall(SETTINGS).split("\n")
    return [*ours, *(statement for statement in theirs if statement)]
