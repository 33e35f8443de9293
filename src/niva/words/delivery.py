"""Codes that the desk itself writes on a delivery."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from niva.words.base import Words

DELIVERY: Final[dict[str, Words]] = {
    "lease_lost": Words(
        _("Another worker took this post over before it was sent."), _("Nothing has to be done.")
    ),
    "looked_up": Words(_("The answer was lost, but the post was found on the network: it is out.")),
    "not_found_yet": Words(
        _("The post is not to be seen on the network yet."), _("The desk will look again by itself.")
    ),
    "taken_down": Words(_("The post was taken down.")),
    "first_comment_failed": Words(
        _("The post is out, but the first comment is not: %(detail)s."),
        _("Write the comment by hand on the network."),
    ),
    "too_late": Words(
        _("The hour of this post has long passed, so it was not sent."), _("Choose a new hour.")
    ),
}
