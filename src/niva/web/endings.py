"""What ends, in words: for the first page, the plan, a post's page and a community's."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.defaultfilters import date as date_words
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.flows.foretell import Ending, Foretold
from niva.web.looks import network_name


def day_of(at: datetime, zone: str) -> str:
    """A day as people say it, by the clock of the client: "28 November"."""
    return str(date_words(at.astimezone(ZoneInfo(zone)), "j E"))


def loss(one: Foretold, now: datetime) -> str:
    """How many posts will not leave; "" when none is planned beyond the end."""
    day = day_of(one.ending.at, one.community.client.time_zone)
    known = {"n": one.posts, "client": one.community.client.name, "day": day}
    if not one.posts:
        return ""
    if one.ending.at <= now:
        return (
            ngettext(
                "%(n)s planned post of “%(client)s” will not leave.",
                "%(n)s planned posts of “%(client)s” will not leave.",
                one.posts,
            )
            % known
        )
    return (
        ngettext(
            "%(n)s post of “%(client)s” will not leave after %(day)s.",
            "%(n)s posts of “%(client)s” will not leave after %(day)s.",
            one.posts,
        )
        % known
    )


def repeats(one: Foretold) -> str:
    """That posts which go out again and again stay behind too."""
    if not one.series:
        return ""
    return ngettext("%(n)s post that repeats stops too.", "%(n)s posts that repeat stop too.", one.series) % {
        "n": one.series
    }


def cause(one: Foretold) -> str:
    """What ends, and what to do about it."""
    community, ending = one.community, one.ending
    known = {
        "name": community.name,
        "network": network_name(community.network),
        "day": day_of(ending.at, community.client.time_zone),
    }
    match ending.why:
        case "needs_login":
            return _("%(network)s no longer takes the keys of “%(name)s”. Sign in again.") % known
        case "renewal":
            return _("%(network)s has not renewed the keys of “%(name)s” for days. Sign in again.") % known
        case "app":
            app = community.credential.app
            known["app"] = app.name if app else ""
            return _("The app “%(app)s”, through which “%(name)s” is connected, ends on %(day)s.") % known
    if one.posts:
        return (
            _("The keys of “%(name)s” in %(network)s end then. Sign in again and they leave as planned.")
            % known
        )
    return _("Posts planned for later will not go out without new ones.")


def remedy(one: Foretold) -> tuple[str, str]:
    """The button's word and where it leads."""
    community = one.community
    if one.ending.why == "app" and community.credential.app_id:
        return _("Open the app"), reverse("app_edit", args=[community.credential.app_id])
    word = _("Sign in to %(network)s") % {"network": network_name(community.network)}
    return word, reverse("community_connect", args=[community.pk])


def on_post(ending: Ending, network: str, zone: str) -> str:
    """One line beside a post that will not leave."""
    known = {"network": network_name(network), "day": day_of(ending.at, zone)}
    match ending.why:
        case "needs_login":
            return _("will not leave: %(network)s asks to sign in again") % known
        case "renewal":
            return _("will not leave: %(network)s does not renew the keys") % known
        case "app":
            return _("will not leave: the app for %(network)s ends on %(day)s") % known
    return _("will not leave: the keys of %(network)s end on %(day)s") % known
