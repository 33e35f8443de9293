"""The same taking as 0004, told the sums of a batch beside it: where all of it fits, nothing else is read."""

from django.db import migrations

# `sums`: [{key, step, burst, cost, spare}, ...], every bucket of the batch once: the costs of all its
# deliveries added up, the greatest spare. `asked`: [{"id": delivery, "wants": [like sums, ...]}, ...] in the
# order in which they are served. Returns those that must wait, and until when. All rows of the batch are
# locked in the order of their keys, so two batches never wait for each other crosswise.
TAKE = """
create function publishing_take(sums jsonb, asked jsonb, at timestamptz)
returns table (id bigint, again timestamptz) language plpgsql as $$
declare
    one record;
    later timestamptz;
begin
    insert into publishing_bucket (key, full_at, blocked_until, pause)
    select s.key, at, null::timestamptz, 0::float8
    from jsonb_to_recordset(sums) as s(key text, cost float8)
    where s.cost > 0 and not exists (select from publishing_bucket b where b.key = s.key)
    order by s.key on conflict do nothing;

    perform 1 from publishing_bucket b where b.key in (
        select s.key from jsonb_to_recordset(sums) as s(key text)
    ) order by b.key for update;

    -- Where all of them fit, one statement serves them all.
    if not exists (
        select from jsonb_to_recordset(sums)
            as s(key text, step float8, burst float8, cost float8, spare float8)
        join publishing_bucket b on b.key = s.key
        where b.blocked_until > at or (s.cost > 0 and (s.cost + s.spare > s.burst
            or b.full_at - make_interval(secs => (s.burst - s.cost - s.spare) * s.step) > at))
    ) then
        update publishing_bucket b
        set full_at = greatest(b.full_at, at) + make_interval(secs => s.cost * s.step)
        from jsonb_to_recordset(sums) as s(key text, step float8, cost float8)
        where b.key = s.key and s.cost > 0;
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
    dependencies = [("publishing", "0006_seen_text")]

    operations = [
        migrations.RunSQL("drop function publishing_take(jsonb, timestamptz)", migrations.RunSQL.noop),
        migrations.RunSQL(TAKE, "drop function publishing_take(jsonb, jsonb, timestamptz)"),
    ]
