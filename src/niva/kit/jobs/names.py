"""Names of the engine's database objects: one place, so that no stray environment variable renames them.

PgQueuer reads its names from variables as general as ``CHANNEL`` or ``FUNCTION``;
`niva.kit.jobs.schema` therefore hands it these names explicitly.
"""

QUEUE = "jobs_queue"
LOG = "jobs_log"
STATISTICS = "jobs_statistics"
SCHEDULES = "jobs_schedules"
STATUS = "jobs_status"
FUNCTION = "jobs_changed_fn"
TRIGGER = "jobs_changed"
TAKEOVER_FUNCTION = "jobs_takeover_fn"
TAKEOVER_TRIGGER = "jobs_takeover"
CHANNEL = "jobs_wake"

KEY_INDEX = "jobs_queue_waiting_key"
"""Unique over ``headers->>'key'`` of *queued* rows only: a running job never blocks its successor."""

WORKER_APPLICATION = "niva-worker"
"""``application_name`` of a worker's connection; counting these is how health knows workers live."""

WAKE_PAYLOAD = (
    f"json_build_object('channel', '{CHANNEL}', 'operation', 'update', 'sent_at', now(), "
    f"'table', '{QUEUE}', 'type', 'table_changed_event')::text"
)
"""SQL for the message that wakes workers. INSERT and DELETE send it by a trigger; a changed due time
does not (the trigger is per statement and compares rows it cannot see), so our SQL sends it itself."""

WAKE = f"pg_notify('{CHANNEL}', {WAKE_PAYLOAD})"
