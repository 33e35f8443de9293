"""The facts of publishing in words: one `Line` each, with its reason, its deadline and its one button."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from niva.domains.advice.models import Advice
from niva.domains.clients.models import Client
from niva.domains.condition.checklists import item_of
from niva.domains.condition.queries import Alarm
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.queries import HeldGroup
from niva.domains.publishing.states import State
from niva.flows.foretell import Foretold
from niva.flows.holes import Hole
from niva.flows.today import Group, Today
from niva.web import endings
from niva.web.alarms.words import said
from niva.web.health.sentences import standing_still
from niva.web.looks import network_name
from niva.web.today.shape import Ask, Line
from niva.words import describe


def engine(today: Today) -> list[Line]:
    """The engine itself stands still somewhere: one line, for the keeper."""
    if today.standing is None:
        return []
    return [
        Line(
            networks=[],
            who=_("The engine"),
            what=_("Something stands still."),
            why=standing_still(today.standing),
            due=None,
            due_note="",
            action=_("See what"),
            icon="heartbeat",
            url=reverse("health"),
        )
    ]


def stopped(client: Client, today: Today) -> Line:
    """Of whom nothing goes out: seen every morning until somebody lets it go on."""
    may = client.pk in today.may_publish
    return Line(
        networks=[],
        who=client.name,
        what=_("Publishing is stopped."),
        why=client.stopped_reason,
        due=client.stopped_at,
        due_note=_("stopped"),
        action=_("Let it go on…") if may else _("Open"),
        icon="player-play" if may else "eye",
        url=reverse("client_go_on" if may else "client", args=[client.pk]),
        zone=client.time_zone,
    )


def held(group: HeldGroup) -> Line:
    """Several posts of a client that wait for one word."""
    return Line(
        networks=[],
        who=group.client,
        what=ngettext("%(n)s post is held.", "%(n)s posts are held.", group.size) % {"n": group.size},
        why=describe(group.code).what,
        due=group.first,
        due_note=_("the first was due"),
        action=_("Decide"),
        icon="hand-stop",
        url=reverse("client_held", args=[group.client_id]),
        late=True,
        zone=group.zone,
    )


def fire(delivery: Delivery, now: datetime, *, may: bool = False) -> Line:
    """A delivery that needs a person; `may`: it is his to decide."""
    post = reverse("post_show", args=[delivery.post_id])
    title = delivery.post.title or str(delivery.post)
    network = network_name(delivery.community.network)
    # Nothing will look again by itself: whatever broke, the word is with the person.
    asked = delivery.state == State.UNKNOWN and delivery.wake_at is None
    code = "ask_person" if asked else delivery.code
    sentence = describe(code, {"detail": delivery.detail, "network": network})
    mend = (_("“%(title)s” is not out."), _("Mend the post"), "pencil", post)
    what, action, icon, url = {
        State.UNKNOWN: (
            _("It is not known whether “%(title)s” went out."),
            _("Look and decide"),
            "eye",
            post,
        ),
        State.NEEDS_LOGIN: (
            _("“%(title)s” is not out."),
            _("Sign in to %(network)s") % {"network": network},
            "login-2",
            reverse("community_connect", args=[delivery.community_id]),
        ),
        State.HELD: (_("“%(title)s” is held."), _("Decide"), "hand-stop", post),
        State.REMOVED: (
            _("“%(title)s” is gone from the network."),
            _("See what happened"),
            "eye-off",
            post,
        ),
    }.get(State(delivery.state), mend)
    settled = delivery.state in (State.REJECTED, State.REMOVED, State.NEEDS_LOGIN)
    ask = _ask(delivery, now) if may and (asked or delivery.state == State.HELD) else None
    look = delivery.community.url if asked else ""
    if look:
        action, icon, url = _("Look in the network"), "external-link", look
    elif ask is not None:
        action, icon = _("Open the post"), "eye"
    return Line(
        networks=[delivery.community.network],
        who=delivery.client.name,
        what=what % {"title": title},
        why=sentence.what if ask is not None and ask.kind == "held" else str(sentence),
        due=delivery.due_at,
        due_note=_("was due at"),
        action=action,
        icon=icon,
        url=url,
        late=True,
        state=delivery.state,
        zone=delivery.client.time_zone,
        let_be_url=reverse("today_let_be", args=[delivery.pk]) if settled else "",
        ask=ask,
        outside=bool(look),
    )


def by_hand(delivery: Delivery, *, late: bool = False) -> Line:
    """A post that people publish themselves: its hour has come."""
    why = _("Its hour has passed, and nobody has put its link in.") if late else ""
    return Line(
        networks=[delivery.community.network],
        who=delivery.community.name,
        what=_("Publish by hand: “%(title)s”.") % {"title": delivery.post.title or str(delivery.post)},
        why=why,
        due=delivery.due_at,
        due_note=_("was due at") if late else _("its hour has come"),
        action=_("Open the task"),
        icon="hand-click",
        url=reverse("hand_task", args=[delivery.pk]),
        late=late,
        zone=delivery.client.time_zone,
    )


def _ask(delivery: Delivery, now: datetime) -> Ask:
    """What may be pressed. The boxes of another hour begin at the next full one."""
    zone = delivery.client.time_zone
    soon = (now + timedelta(hours=1)).astimezone(ZoneInfo(zone)).replace(minute=0)
    kind = "held" if delivery.state == State.HELD else "unknown"
    return Ask(kind, delivery.pk, zone, f"{soon:%Y-%m-%d}", f"{soon:%H:%M}")


def going_out(group: Group, now: datetime) -> Line:
    """What leaves today, or has left."""
    item = group.first
    waits = describe(item.code).what if item.state == State.WAITING and item.code else ""
    return Line(
        networks=group.networks,
        who=item.community,
        what=_("“%(title)s”") % {"title": item.title or _("untitled")},
        why=waits,
        due=item.at,
        due_note="" if item.at > now else _("its hour has come"),
        action=_("Open"),
        icon="eye",
        url=reverse("post_show", args=[item.post_id]),
        state=item.state,
    )


def draft(group: Group) -> Line:
    """An hour without a decision: it will not go out by itself."""
    item = group.first
    return Line(
        networks=group.networks,
        who=item.community,
        what=_("“%(title)s” is still a draft.") % {"title": item.title or _("untitled")},
        why=_("It has an hour but is not scheduled, so it will not go out."),
        due=item.at,
        due_note=_("planned"),
        action=_("Check and schedule"),
        icon="list-check",
        url=reverse("post_edit", args=[item.post_id]),
        state=item.state,
    )


def keys_end(one: Foretold, now: datetime) -> Line:
    """Keys that ended or will end, with the posts that they take along."""
    community, ending = one.community, one.ending
    network = network_name(community.network)
    lost = endings.loss(one, now)
    if ending.why == "needs_login":
        what = _("%(network)s asks to sign in again.") % {"network": network}
        until = _("Until then nothing goes out to “%(name)s” and no numbers come in.")
        why = " ".join(filter(None, (until % {"name": community.name}, lost, endings.repeats(one))))
    elif lost:
        what = lost
        why = " ".join(filter(None, (endings.repeats(one), endings.cause(one))))
    else:
        what = _("The keys of “%(name)s” end soon.") % {"name": community.name}
        why = endings.cause(one)
    action, url = endings.remedy(one)
    told = ending.why != "needs_login"
    return Line(
        networks=[community.network],
        who=community.client.name,
        what=what,
        why=why,
        due=ending.at if told else None,
        due_note=_("keys end") if told else "",
        action=action,
        icon="login-2",
        url=url,
        late=told and ending.at < now,
        zone=community.client.time_zone,
    )


def condition(alarm: Alarm) -> Line:
    """Something required is out of order in a community, answers have grown old, or the register is near."""
    community = alarm.community
    what, why = _condition(alarm)
    return Line(
        networks=[community.network],
        who=community.name,
        what=what,
        why=why,
        due=None,
        due_note="",
        action=_("See what to do"),
        icon="list-check",
        url=reverse("condition", args=[community.pk]),
    )


def unusual(rows: Sequence[Advice]) -> list[Line]:
    """Numbers out of the ordinary: one line a client, the newest of them named."""
    by_client: dict[int, list[Advice]] = {}
    for row in rows:
        by_client.setdefault(row.client_id, []).append(row)
    return [
        Line(
            networks=[several[0].community.network] if several[0].community else [],
            who=several[0].client.name,
            what=said(several[0]),
            why=ngettext("and %(n)s more", "and %(n)s more", len(several) - 1) % {"n": len(several) - 1}
            if len(several) > 1
            else "",
            due=None,
            due_note="",
            action=_("Say what it was"),
            icon="eye",
            url=reverse("client_alarms", args=[client_id]),
        )
        for client_id, several in by_client.items()
    ]


def _condition(alarm: Alarm) -> tuple[str, str]:
    """The gravest of it, and what comes first."""
    if alarm.broken:
        what = ngettext(
            "%(n)s required thing is out of order in the technical condition.",
            "%(n)s required things are out of order in the technical condition.",
            alarm.broken,
        ) % {"n": alarm.broken}
        item = item_of(alarm.community.network, alarm.first)
        title = item.words(get_language() or "ru")[0] if item else ""
        return what, _("First of all: %(what)s.") % {"what": title} if title else ""
    if alarm.soon:
        return _("Soon 10,000 people will follow the community."), _("Then it must stand in the register.")
    what = ngettext(
        "%(n)s answer about the technical condition has grown old.",
        "%(n)s answers about the technical condition have grown old.",
        alarm.due,
    ) % {"n": alarm.due}
    return what, _("Look again and say how it is.")


def holes(found: Sequence[Hole]) -> list[Line]:
    """One line a community: its nearest hole and how many more there are."""
    by_community: dict[int, list[Hole]] = {}
    for hole in found:
        by_community.setdefault(hole.community.pk, []).append(hole)
    return [_hole(several) for several in by_community.values()]


def _hole(several: Sequence[Hole]) -> Line:
    hole, community = several[0], several[0].community
    rest = len(several) - 1
    usually = _("Usually here: %(what)s.") % {"what": hole.note} if hole.note else ""
    more = ngettext("%(n)s more this week.", "%(n)s more this week.", rest) % {"n": rest} if rest else ""
    why = f"{usually} {more}".strip()
    query = urlencode({"client": community.client_id, "community": community.pk, "at": hole.at.isoformat()})
    return Line(
        networks=[community.network],
        who=community.client.name,
        what=_("Nothing is planned for “%(name)s”.") % {"name": community.name},
        why=why,
        due=hole.at,
        due_note=_("free slot"),
        action=_("Write a post"),
        icon="plus",
        url=f"{reverse('post_new')}?{query}",
        zone=community.time_zone,
    )


def asked(one: Foretold, today: Today) -> bool:
    """Its sign-in is asked for by a burning line already."""
    return any(
        fire.community_id == one.community.pk and fire.state == State.NEEDS_LOGIN for fire in today.fires
    )
