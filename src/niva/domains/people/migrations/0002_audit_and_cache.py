"""The audit trail becomes append-only, and rate limits get their table."""

from django.core.management import call_command
from django.db import migrations

APPEND_ONLY = """
create function people_audit_append_only() returns trigger language plpgsql as $$
begin
    -- Deleting a whole workspace takes its trail with it; nothing else may touch a line.
    if tg_op = 'DELETE' and pg_trigger_depth() > 1 then return old; end if;
    raise exception 'the audit trail is append-only';
end $$;
create trigger people_audit_append_only before update or delete on people_auditevent
    for each row execute function people_audit_append_only();
"""
UNDO = """
drop trigger people_audit_append_only on people_auditevent;
drop function people_audit_append_only();
"""


def make_cache(apps, schema_editor):
    call_command("createcachetable", verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, UNDO),
        migrations.RunPython(make_cache, migrations.RunPython.noop),
    ]
