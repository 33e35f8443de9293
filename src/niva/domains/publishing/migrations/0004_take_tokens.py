"""Taking tokens of many deliveries in one round trip: see `delivery/buckets.py` for what it means."""

from django.db import migrations, models

# `asked`: [{"id": delivery, "wants": [{key, step, burst, cost, spare}, ...]}, ...] in the order in which they
# are served. Returns those that must wait, and until when. All rows of the batch are locked in the order of
# their keys, so two batches never wait for each other crosswise.
TAKE = """
create function publishing_take(asked jsonb, at timestamptz) returns table (id bigint, again timestamptz)
language plpgsql as $$
declare
    one record;
    later timestamptz;
begin
    insert into publishing_bucket (key, full_at, blocked_until, pause)
    select distinct w.key, at, null::timestamptz, 0::float8
    from jsonb_array_elements(asked) d,
         jsonb_to_recordset(d->'wants') as w(key text, step float8, burst float8, cost float8, spare float8)
    where w.cost > 0 order by w.key on conflict do nothing;

    perform 1 from publishing_bucket b where b.key in (
        select w.key from jsonb_array_elements(asked) d, jsonb_to_recordset(d->'wants') as w(key text)
    ) order by b.key for update;

    -- Where all of them fit, one statement serves them all.
    with sums as (
        select w.key, w.step, w.burst, sum(w.cost) as cost, max(w.spare) as spare
        from jsonb_array_elements(asked) d,
             jsonb_to_recordset(d->'wants')
                 as w(key text, step float8, burst float8, cost float8, spare float8)
        group by w.key, w.step, w.burst
    )
    update publishing_bucket b set full_at = greatest(b.full_at, at) + make_interval(secs => s.cost * s.step)
    from sums s where b.key = s.key and s.cost > 0 and not exists (
        select from sums t join publishing_bucket c on c.key = t.key
        where c.blocked_until > at or (t.cost > 0 and (t.cost + t.spare > t.burst
            or c.full_at - make_interval(secs => (t.burst - t.cost - t.spare) * t.step) > at))
    );
    if found then
        return;
    end if;

    for one in
        select (d.value->>'id')::bigint as id, d.value->'wants' as wants
        from jsonb_array_elements(asked) with ordinality as d(value, place) order by d.place
    loop
        select max(greatest(b.blocked_until, case when w.cost > 0 then b.full_at - make_interval(
            secs => (w.burst - least(w.cost + w.spare, w.burst)) * w.step) end)) into later
        from jsonb_to_recordset(one.wants)
            as w(key text, step float8, burst float8, cost float8, spare float8)
        join publishing_bucket b on b.key = w.key;
        if later > at then
            id := one.id;
            again := later;
            return next;
        else
            update publishing_bucket b
            set full_at = greatest(b.full_at, at) + make_interval(secs => w.cost * w.step)
            from jsonb_to_recordset(one.wants)
                as w(key text, step float8, burst float8, cost float8, spare float8)
            where b.key = w.key and w.cost > 0;
        end if;
    end loop;
end
$$
"""


class Migration(migrations.Migration):
    dependencies = [("publishing", "0003_series")]

    operations = [
        migrations.AddField("bucket", "pause", models.FloatField(default=0)),
        migrations.RunSQL(TAKE, "drop function publishing_take(jsonb, timestamptz)"),
    ]
