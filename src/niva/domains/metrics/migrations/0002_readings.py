"""The raw readings: partitioned by month, with a function that makes the partition of a moment."""

from django.db import migrations

TABLE = """
create table metrics_reading (
    subject varchar(12) not null,
    subject_id bigint not null,
    community_id bigint not null,
    metric varchar(20) not null,
    definition smallint not null default 1,
    value double precision not null,
    at timestamptz not null,
    primary key (subject, subject_id, metric, at)
) partition by range (at);

create function metrics_ensure_partition(moment timestamptz) returns void language plpgsql as $$
declare
    first timestamptz := date_trunc('month', moment at time zone 'UTC') at time zone 'UTC';
    after timestamptz := (date_trunc('month', moment at time zone 'UTC') + interval '1 month') at time zone 'UTC';
    name text := 'metrics_reading_' || to_char(moment at time zone 'UTC', 'YYYY_MM');
begin
    if to_regclass(name) is null then
        -- Two workers may meet the first reading of a month at once; the second finds the partition there.
        perform pg_advisory_xact_lock(hashtext(name));
        execute format('create table if not exists %I partition of metrics_reading for values from (%L) to (%L)',
                       name, first, after);
    end if;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial")]
    operations = [
        migrations.RunSQL(
            TABLE, "drop table metrics_reading; drop function metrics_ensure_partition(timestamptz);"
        )
    ]
