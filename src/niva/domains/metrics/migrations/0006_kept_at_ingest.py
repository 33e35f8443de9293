"""Readings come in with one call, and what hangs on a post, a publication or a community follows by itself.

Functions rather than statements of the program: one round trip for a whole batch, and plans that are kept.
Triggers rather than signals: whoever changes a post, and however, its numbers follow.
"""

from django.db import migrations

# Growth from one reading to the next. A post begins at nothing, so its first value is growth; a community was
# there before us, so its first value is only a level. Two versions of a definition are never subtracted.
GROWTH = """
create function metrics_growth(
    subject text, value float8, definition int, before float8, before_definition int
) returns float8 language sql immutable parallel safe as $$
    select case
        when before is null then case when subject = 'publication' then value else 0 end
        when definition <> before_definition then 0
        else value - before
    end
$$
"""

# The rows of the newest values are there and locked, always in the same order: two workers never wait for each
# other crosswise. A new one stands at '-infinity' until its first value. Returns how many are new.
HOLD = """
create function metrics_hold(communities bigint[], subjects text[], ids bigint[], metrics text[])
returns int language plpgsql as $$
#variable_conflict use_column
declare
    made int;
begin
    insert into metrics_latest (community_id, subject, subject_id, metric, definition, value, at)
    select distinct g.community_id, g.subject, g.subject_id, g.metric, 1, 0, '-infinity'::timestamptz
    from unnest(communities, subjects, ids, metrics) as g(community_id, subject, subject_id, metric)
    where not exists (
        select from metrics_latest l
        where l.subject = g.subject and l.subject_id = g.subject_id and l.metric = g.metric
    )
    order by g.subject, g.subject_id, g.metric on conflict do nothing;
    get diagnostics made = row_count;

    perform 1 from metrics_latest l
    join unnest(subjects, ids, metrics) as g(subject, subject_id, metric)
        on l.subject = g.subject and l.subject_id = g.subject_id and l.metric = g.metric
    order by l.subject, l.subject_id, l.metric for update of l;
    return made;
end
$$
"""

# The numbers of posts become those of the newest values.
NEWEST = """
create function metrics_post_newest(ids bigint[]) returns void language plpgsql as $$
begin
    update metrics_postnumbers n set
        views = x.views, reach = x.reach, likes = x.likes, comments = x.comments, reposts = x.reposts,
        saves = x.saves, clicks = x.clicks, votes = x.votes, read_at = x.read_at
    from (
        select l.subject_id, max(l.at) as read_at,
            max(l.value) filter (where l.metric = 'views') as views,
            max(l.value) filter (where l.metric = 'reach') as reach,
            max(l.value) filter (where l.metric = 'likes') as likes,
            max(l.value) filter (where l.metric = 'comments') as comments,
            max(l.value) filter (where l.metric = 'reposts') as reposts,
            max(l.value) filter (where l.metric = 'saves') as saves,
            max(l.value) filter (where l.metric = 'clicks') as clicks,
            max(l.value) filter (where l.metric = 'votes') as votes
        from metrics_latest l
        where l.subject = 'publication' and l.subject_id = any(ids)
        group by l.subject_id
    ) x
    where n.publication_id = x.subject_id;
end
$$
"""

# The numbers of posts at the same ages, from their raw readings: see models.PostAtAge. The moment of an age
# lies between two readings of one definition; the nearer one at most half the age away, at least an hour. The
# hour it went out counts as a zero to draw the line from, and not as a reading. Where raw months have left
# the database, what was reckoned from them stays.
AGES = """
create function metrics_post_ages(ids bigint[], ages int[]) returns void language plpgsql as $$
#variable_conflict use_column
begin
    insert into metrics_postatage
        (publication_id, age, views, reach, likes, comments, reposts, saves, clicks, votes)
    select publication_id, age,
        max(found) filter (where metric = 'views'), max(found) filter (where metric = 'reach'),
        max(found) filter (where metric = 'likes'), max(found) filter (where metric = 'comments'),
        max(found) filter (where metric = 'reposts'), max(found) filter (where metric = 'saves'),
        max(found) filter (where metric = 'clicks'), max(found) filter (where metric = 'votes')
    from (
        select s.publication_id, a.age, s.metric,
            s.before + (s.value - s.before)
                * extract(epoch from s.published_at + a.age * interval '1 hour' - s.since)
                / extract(epoch from s.at - s.since) as found
        from (
            select n.publication_id, n.published_at, r.metric, r.at, r.value,
                coalesce(lag(r.at) over each, n.published_at) as since,
                coalesce(lag(r.value) over each, 0) as before,
                lag(r.at) over each is null as first,
                coalesce(lag(r.definition) over each, r.definition) = r.definition as alike
            from metrics_postnumbers n
            join metrics_reading r on r.subject = 'publication' and r.subject_id = n.publication_id
            where n.publication_id = any(ids)
              and r.at >= n.published_at - interval '1 day'
              and r.at <= n.published_at + (select max(one) * 2 + 1 from unnest(ages) as one) * interval '1 hour'
              and not exists (
                select from metrics_archived m where m.dropped_at is not null
                    and m.month >= date_trunc('month', n.published_at at time zone 'UTC')::date
                    and m.month <= n.published_at + interval '60 days'
              )
            window each as (partition by n.publication_id, r.metric order by r.at)
        ) s
        cross join unnest(ages) as a(age)
        where s.published_at + a.age * interval '1 hour' > s.since
          and s.published_at + a.age * interval '1 hour' <= s.at
          and (s.alike or s.at = s.published_at + a.age * interval '1 hour')
          and least(
                s.at - (s.published_at + a.age * interval '1 hour'),
                case when not s.first then s.published_at + a.age * interval '1 hour' - s.since end
              ) <= greatest(a.age * 0.5, 1) * interval '1 hour'
    ) each_metric
    group by publication_id, age
    order by publication_id, age
    on conflict (publication_id, age) do update set
        views = excluded.views, reach = excluded.reach, likes = excluded.likes,
        comments = excluded.comments, reposts = excluded.reposts, saves = excluded.saves,
        clicks = excluded.clicks, votes = excluded.votes;
end
$$
"""

# What one or many networks told. Every array has the same length, an element a value. Returns what is left to
# do: 'late' with the place of a value that is older than the newest one (nothing was done with it), 'post'
# with the number of a publication that has no numbers yet, 'age' with one that reached another age.
TAKE = """
create function metrics_take(
    communities bigint[], subjects text[], ids bigint[], metrics text[], definitions int[], vals float8[],
    moments timestamptz[], ages int[]
) returns table (what text, which bigint) language plpgsql as $$
#variable_conflict use_column
declare
    made int;
    posts bigint[];
    reached bigint[];
    late bigint[];
begin
    perform metrics_ensure_partition(m.month) from (
        select distinct date_trunc('month', one at time zone 'UTC') at time zone 'UTC' as month
        from unnest(moments) as one
    ) m;
    made := metrics_hold(communities, subjects, ids, metrics);

    with given as (
        select distinct on (g.subject, g.subject_id, g.metric, g.at)
            g.*, l.at as latest_at, l.value as latest_value, l.definition as latest_definition
        from unnest(communities, subjects, ids, metrics, definitions, vals, moments) with ordinality
            as g(community_id, subject, subject_id, metric, definition, value, at, place)
        join metrics_latest l on l.subject = g.subject and l.subject_id = g.subject_id and l.metric = g.metric
        order by g.subject, g.subject_id, g.metric, g.at, g.place
    ), written as (
        insert into metrics_reading (subject, subject_id, community_id, metric, definition, value, at)
        select subject, subject_id, community_id, metric, definition, value, at from given
        where at > latest_at on conflict do nothing
        returning subject, subject_id, metric, at
    ), fresh as (
        select g.*,
            coalesce(lag(g.value) over each, case when latest_at > '-infinity' then latest_value end) as before,
            coalesce(lag(g.definition) over each, latest_definition) as before_definition,
            coalesce(lag(g.at) over each, latest_at) as since
        from given g join written using (subject, subject_id, metric, at)
        window each as (partition by g.subject, g.subject_id, g.metric order by g.at)
    ), moved as (
        update metrics_latest l
        set value = f.value, at = f.at, definition = f.definition, source = 'network'
        from (
            select distinct on (subject, subject_id, metric) subject, subject_id, metric, value, at, definition
            from fresh order by subject, subject_id, metric, at desc
        ) f
        where l.subject = f.subject and l.subject_id = f.subject_id and l.metric = f.metric
    ), days as (
        insert into metrics_daily as d (community_id, subject, metric, day, gained, level, anew)
        select f.community_id, f.subject, f.metric, (f.at at time zone c.time_zone)::date,
            sum(metrics_growth(f.subject, f.value, f.definition, f.before, f.before_definition)),
            case when f.subject = 'community' then (array_agg(f.value order by f.at desc))[1] end,
            bool_or(f.before is not null and f.definition <> f.before_definition)
        from fresh f join communities_community c on c.id = f.community_id
        group by 1, 2, 3, 4 order by 1, 2, 3, 4
        on conflict (community_id, subject, metric, day) do update set
            gained = d.gained + excluded.gained, level = excluded.level, anew = d.anew or excluded.anew
    )
    select
        (select array_agg(distinct f.subject_id) from fresh f where f.subject = 'publication'),
        (select array_agg(distinct f.subject_id) from fresh f
            join metrics_postnumbers n on n.publication_id = f.subject_id
            where f.subject = 'publication' and exists (
                select from unnest(ages) as a where n.published_at + a * interval '1 hour' > f.since
                    and n.published_at + a * interval '1 hour' <= f.at)),
        (select array_agg(g.place) from given g where g.at < g.latest_at)
    into posts, reached, late;

    if made > 0 then
        delete from metrics_latest l using unnest(subjects, ids, metrics) as g(subject, subject_id, metric)
        where l.subject = g.subject and l.subject_id = g.subject_id and l.metric = g.metric
          and l.at = '-infinity';
    end if;
    if posts is not null then
        perform metrics_post_newest(posts);
    end if;
    delete from metrics_absence a using unnest(communities, subjects, metrics) as g(community_id, subject, metric)
    where a.community_id = g.community_id and a.subject = g.subject and a.metric = g.metric;

    return query select 'late', unnest(late);
    return query select 'age', unnest(reached);
    return query select 'post', one from unnest(posts) as one
        where not exists (select from metrics_postnumbers n where n.publication_id = one);
end
$$
"""

# What each day and metric got of these subjects, from their raw readings.
DAYS = """
create function metrics_days(subjects text[], ids bigint[], metrics text[])
returns table (community_id bigint, subject varchar, metric varchar, day date, gained float8, level float8,
               anew boolean)
language sql stable as $$
    select community_id, subject, metric, day, sum(growth),
        case when subject = 'community' then (array_agg(value order by at desc))[1] end, bool_or(otherwise)
    from (
        select r.community_id, r.subject, r.metric, r.at, r.value,
            (r.at at time zone c.time_zone)::date as day,
            metrics_growth(r.subject, r.value, r.definition, lag(r.value) over each, lag(r.definition) over each)
                as growth,
            coalesce(lag(r.definition) over each <> r.definition, false) as otherwise
        from unnest(subjects, ids, metrics) as k(subject, subject_id, metric)
        join metrics_reading r
            on r.subject = k.subject and r.subject_id = k.subject_id and r.metric = k.metric
        join communities_community c on c.id = r.community_id
        window each as (partition by r.subject, r.subject_id, r.metric order by r.at)
    ) each_reading
    group by community_id, subject, metric, day
$$
"""

FOLLOWING = """
create function metrics_follow_post() returns trigger language plpgsql as $$
begin
    update metrics_postnumbers n set rubric_id = new.rubric_id
    from publishing_publication p where p.post_id = new.id and n.publication_id = p.id;
    return null;
end $$;
create trigger metrics_follow_post after update of rubric_id on publishing_post
    for each row when (old.rubric_id is distinct from new.rubric_id) execute function metrics_follow_post();

create function metrics_follow_publication() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from metrics_reading where subject = 'publication' and subject_id = old.id;
        delete from metrics_latest where subject = 'publication' and subject_id = old.id;
        delete from metrics_schedule where subject = 'publication' and subject_id = old.id;
    else
        update metrics_postnumbers set removed = new.sight = 'removed' where publication_id = new.id;
    end if;
    return null;
end $$;
create trigger metrics_follow_publication after update of sight on publishing_publication
    for each row when (old.sight is distinct from new.sight) execute function metrics_follow_publication();
create trigger metrics_publication_gone after delete on publishing_publication
    for each row execute function metrics_follow_publication();

create function metrics_follow_community() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from metrics_reading where subject = 'community' and subject_id = old.id;
    else
        update metrics_postnumbers set
            day = (published_at at time zone new.time_zone)::date,
            weekday = extract(isodow from published_at at time zone new.time_zone),
            hour = extract(hour from published_at at time zone new.time_zone)
        where community_id = new.id;
    end if;
    return null;
end $$;
create trigger metrics_follow_community after update of time_zone on communities_community
    for each row when (old.time_zone is distinct from new.time_zone) execute function metrics_follow_community();
create trigger metrics_community_gone after delete on communities_community
    for each row execute function metrics_follow_community();
"""
UNFOLLOWING = """
drop trigger metrics_follow_post on publishing_post;
drop trigger metrics_follow_publication on publishing_publication;
drop trigger metrics_publication_gone on publishing_publication;
drop trigger metrics_follow_community on communities_community;
drop trigger metrics_community_gone on communities_community;
drop function metrics_follow_post();
drop function metrics_follow_publication();
drop function metrics_follow_community();
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0005_definitions_and_archive")]
    operations = [
        migrations.RunSQL(GROWTH, "drop function metrics_growth"),
        migrations.RunSQL(HOLD, "drop function metrics_hold"),
        migrations.RunSQL(NEWEST, "drop function metrics_post_newest"),
        migrations.RunSQL(AGES, "drop function metrics_post_ages"),
        migrations.RunSQL(TAKE, "drop function metrics_take"),
        migrations.RunSQL(DAYS, "drop function metrics_days"),
        migrations.RunSQL(FOLLOWING, UNFOLLOWING),
    ]
