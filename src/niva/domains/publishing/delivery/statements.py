"""The SQL that a delivery lives by. Every statement takes many rows at once, as arrays.

Fences: a claim is one conditional UPDATE; an attempt row is inserted only under a living lease and never for
a stopped client; the table itself allows one open and one done attempt per step.
"""
# ruff: noqa: S608 - only constants of this file are put together

from __future__ import annotations

from typing import Final

CHANNEL: Final = "niva_deliveries"  # NOTIFY on it: something is due now

# $1 lease, $2 its length. `picked` names the rows; a row that another worker holds locked is passed over.
_TAKE: Final = """
, mine as (
    update publishing_delivery d set
        lease = $1, lease_until = now() + $2::interval, wake_at = now() + $2::interval,
        state = case when d.state in ('queued', 'waiting') then 'sending' else d.state end,
        state_at = case when d.state in ('queued', 'waiting') then now() else d.state_at end,
        deaths = d.deaths + case when d.lease is null then 0 else 1 end
    from picked where d.id = picked.id
      and d.state in ('queued', 'waiting', 'unknown', 'sending', 'accepted')
      and (d.lease_until is null or d.lease_until <= now())
    returning d.*
), stale as (
    update publishing_attempt a set outcome = 'unknown', code = 'worker_died', finished_at = now()
    from mine where a.delivery_id = mine.id and a.outcome = 'open'
    returning a.id
)
select mine.id, mine.workspace_id, mine.community_id, mine.client_id, mine.post_id, mine.revision_id,
       mine.state, mine.due_at, mine.tries, mine.deaths, r.content, c.network, c.state as community_state,
       c.late_minutes, c.by_hand, l.stopped_at is not null as stopped, now() as taken_at,
       c.client_id as community_client_id, o.deleted_at is not null as post_deleted, r.sha256,
       k.sealed, k.facts, k.expires_at, k.version, k.checked_at as proven_at,
       p.app_id, p.sealed as app_sealed, p.facts as app_facts, p.server as app_server,
       (select jsonb_agg(jsonb_build_object(
            'id', a.id, 'step', a.step, 'number', a.number, 'key', a.key, 'revision_id', a.revision_id,
            'outcome', case when a.outcome = 'open' then 'unknown' else a.outcome end,
            'started_at', a.started_at, 'looks', a.looks, 'result', a.result) order by a.id)
        from publishing_attempt a where a.delivery_id = mine.id) as tried
from mine
join publishing_revision r on r.id = mine.revision_id
join communities_community c on c.id = mine.community_id
join clients_client l on l.id = mine.client_id
join publishing_post o on o.id = mine.post_id
left join communities_credential k on k.community_id = c.id
left join communities_developerapp p on p.id = k.app_id
"""

# $3: the delivery. A second early is allowed: whoever names one wants it now.
CLAIM: Final = (
    """
with picked as (
    select id from publishing_delivery where id = $3 and wake_at <= now() + interval '1 second'
    for update skip locked
)"""
    + _TAKE
)

# $3: how many; $4, $5: communities that have posts on their way here, and how many; $6: the most of one
# community at once. A slow account thus never takes the places of the others. Deliveries under whose hands
# a worker died wait for CLAIM_SUSPECTS.
CLAIM_DUE: Final = (
    """
with busy as (select * from unnest($4::bigint[], $5::int[]) as b(community_id, n)
), due as materialized (
    select id, community_id from publishing_delivery d
    where wake_at <= now() and deaths = 0 and lease is null
      and not (d.community_id = any(array(select community_id from busy where n >= $6::int)))
    order by wake_at limit $3 for update skip locked
), picked as (
    select id from (
        select due.id, coalesce(busy.n, 0) + row_number() over (partition by due.community_id order by due.id)
            as place
        from due left join busy using (community_id)
    ) ranked where place <= $6::int
)"""
    + _TAKE
)

# $3: how many; $4: how often a worker may have died under them, this time included (a lease that ran out is
# the death of its worker). The least suspected first.
CLAIM_SUSPECTS: Final = (
    """
with picked as (
    select id from publishing_delivery
    where wake_at <= now() and (deaths > 0 or lease is not null)
      and deaths + (lease is not null)::int <= $4::int
    order by deaths, wake_at limit $3 for update skip locked
)"""
    + _TAKE
)

# The index of what will wake (delivery_wake) answers both at its ends, however much is planned or done.
NEXT_WAKE: Final = "select min(wake_at) - now() from publishing_delivery where wake_at > now()"
# $1: communities that wait for the limits of their networks.
DUE_NOW: Final = """
select exists (select from publishing_delivery where wake_at <= now() and community_id <> all($1::bigint[]))
"""

# Claimed, but the limits of its network leave no room yet. It keeps its place: the oldest goes first.
PUT_BACK: Final = """
update publishing_delivery d set lease = null, lease_until = null,
    wake_at = case when d.state = 'sending' then d.due_at else back.again end,
    state = case when d.state = 'sending' then 'waiting' else d.state end,
    code = case when d.state = 'sending' then 'its_turn' else d.code end
from unnest($1::bigint[], $2::uuid[], $3::timestamptz[]) as back(id, lease, again)
where d.id = back.id and d.lease = back.lease
"""

RENEW: Final = """
update publishing_delivery d set lease_until = now() + $3::interval, wake_at = now() + $3::interval
from unnest($1::bigint[], $2::uuid[]) as held(id, lease)
where d.id = held.id and d.lease = held.lease and d.lease_until > now() returning d.id
"""

# A worker that stops by itself: nobody has to wait for the leases to end, and it is no death.
HAND_BACK: Final = """
update publishing_delivery d set lease = null, lease_until = null, wake_at = now()
from unnest($1::bigint[], $2::uuid[]) as held(id, lease) where d.id = held.id and d.lease = held.lease
"""

# $1 id, $2 lease, $3 step, $4 number, $5 key, $6 revision; $7 the length of a lease. The delivery's row is
# only written where it must: it has many indexes, and this runs once for every call that leaves.
OPEN: Final = """
with asked as (
    select * from unnest($1::bigint[], $2::uuid[], $3::text[], $4::int[], $5::uuid[], $6::bigint[])
        as a(id, lease, step, number, key, revision_id)
), held as (
    select a.*, d.state = 'unknown' or d.lease_until < now() + $7::interval * 0.6 as touch
    from asked a join publishing_delivery d on d.id = a.id and d.lease = a.lease and d.lease_until > now()
    join clients_client l on l.id = d.client_id and l.stopped_at is null
), touched as (
    update publishing_delivery d set lease_until = now() + $7::interval, wake_at = now() + $7::interval,
        state = case when d.state = 'unknown' then 'sending' else d.state end
    from held where d.id = held.id and held.touch and d.lease = held.lease returning d.id
), opened as (
    insert into publishing_attempt
        (delivery_id, step, number, key, revision_id, outcome, code, detail, started_at, looks)
    select id, step, number, key, revision_id, 'open', '', '', now(), 0 from held
    returning id, delivery_id, step, started_at
)
select opened.*, touched.id is not null as renewed
from opened left join touched on touched.id = opened.delivery_id
"""

STOPPED: Final = "select 1 from clients_client where id = $1 and stopped_at is not null"

CLOSE: Final = """
update publishing_attempt set outcome = $2, code = $3, detail = $4, result = $5, finished_at = now()
where id = $1 and outcome in ('open', 'unknown') returning id
"""

# $1 delivery, $2 attempt, $3 lease, $4 revision, $5 remote id, $6 url, $7 extra, $8 result, $9 moment;
# $10 the length of a lease. Needs no living lease: whoever learned the truth writes it down. A delivery that
# is not among the rows given back: the network named the publication of another one.
CREATED: Final = """
with given as (
    select * from unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::timestamptz[])
        as g(delivery_id, attempt_id, lease, revision_id, remote_id, url, extra, result, moment)
), made as (
    insert into publishing_publication (workspace_id, client_id, delivery_id, community_id, post_id,
        revision_id, remote_id, url, extra, sight, published_at, removed_by_us)
    select d.workspace_id, d.client_id, d.id, d.community_id, d.post_id, g.revision_id, g.remote_id, g.url,
        g.extra::jsonb, 'unseen', g.moment, false
    from given g join publishing_delivery d on d.id = g.delivery_id
    on conflict do nothing returning delivery_id
), known as (
    select g.* from given g where g.delivery_id in (select delivery_id from made)
        or exists (select from publishing_publication p where p.delivery_id = g.delivery_id)
), closed as (
    update publishing_attempt a set outcome = 'done', code = '', detail = '', result = k.result::jsonb,
        finished_at = now()
    from known k where a.id = k.attempt_id and a.outcome in ('open', 'unknown') and not exists (
        select from publishing_attempt o
        where o.delivery_id = a.delivery_id and o.step = a.step and o.outcome = 'done')
), taken as (
    update publishing_delivery d set state = 'accepted', state_at = now(), tries = 0, code = '', detail = '',
        lease = k.lease, lease_until = now() + $10::interval, wake_at = now() + $10::interval
    from known k where d.id = k.delivery_id and d.state not in ('accepted', 'published', 'removed')
)
select delivery_id from known
"""

HALT: Final = """
update publishing_delivery set state = $3::varchar, code = $4, detail = $5, wake_at = $6, tries = $7,
    state_at = case when state = $3::varchar then state_at else now() end, lease = null, lease_until = null,
    deaths = 0
where id = $1 and lease = $2 returning id
"""

# $1 id, $2 lease, $3 state, $4 code, $5 detail, $6 sight, $7 seen
FINISH: Final = """
with given as (
    select * from unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[])
        as g(id, lease, state, code, detail, sight, seen)
), closed as (
    update publishing_delivery d set state = g.state, state_at = now(), wake_at = null, lease = null,
        lease_until = null, code = g.code, detail = g.detail, tries = 0, deaths = 0
    from given g where d.id = g.id and d.lease = g.lease returning d.id, g.sight, g.seen
)
update publishing_publication p set sight = c.sight,
    seen_at = case when c.seen then now() else p.seen_at end
from closed c where p.delivery_id = c.id returning p.delivery_id, p.id
"""

# Whoever signs in changes the community's row as well: after this nobody does until we are done.
LOCK_COMMUNITY: Final = "select 1 from communities_community where id = $1 for update"
PROVEN_AT: Final = "select checked_at from communities_credential where community_id = $1"
NEEDS_LOGIN: Final = "update communities_community set state = 'needs_login', state_reason = $2 where id = $1"

# A worker that stood still has just told that its attempt never left. If nothing else is in doubt, nobody has
# to be asked any more.
RELIEVE: Final = """
update publishing_delivery d set wake_at = now()
where d.id = $1 and d.state = 'unknown' and d.wake_at is null and d.lease is null and not exists (
    select from publishing_attempt a where a.delivery_id = d.id and a.outcome in ('open', 'unknown'))
"""

LOOKED: Final = """
update publishing_attempt set looks = $2, outcome = 'unknown' where id = $1 and outcome in ('open', 'unknown')
"""
