"""What the judgement of a community's technical order says (`Finding.said`). What to do stands in the
checklist beside it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from niva.words.base import Words

# Before each code here: findings speak shortly ("closed"), and networks have codes of the same name.
PREFIX: Final = "condition_"
_SAID: Final[dict[str, Words]] = {
    # pictures
    "avatar_missing": Words(_("There is no avatar.")),
    "cover_missing": Words(_("There is no cover.")),
    "avatar_small": Words(
        _("It is %(width)s × %(height)s pixels, at least %(limit)s on each side are wanted."), amount="pixels"
    ),
    "avatar_not_square": Words(_("It is %(width)s × %(height)s pixels, not a square.")),
    "avatar_illegible": Words(_("In the small circle less than half of what is drawn can still be seen.")),
    "avatar_pale": Words(
        _("Light and dark differ as %(actual)s to 1, at least %(limit)s to 1 are wanted."), amount="ratio"
    ),
    "avatar_cut": Words(_("More than a third of the drawing lies in the corners that the circle cuts off.")),
    "cover_small": Words(
        _("It is %(width)s × %(height)s pixels, at least %(limit_width)s × %(limit_height)s are wanted.")
    ),
    "cover_proportions": Words(
        _("It is %(width)s × %(height)s pixels; it should be shaped as %(limit_width)s × %(limit_height)s.")
    ),
    "cover_edges": Words(_("More is drawn at the edges than in the middle; phones show only the middle.")),
    "no_limit": Words(_("The network names no size.")),
    "no_safe_area": Words(_("The network names no safe area.")),
    "no_picture": Words(_("There is no picture to look at.")),
    "picture_tiny": Words(_("The picture is too small to be judged.")),
    "picture_too_large": Words(_("The picture is so large that it cannot be opened.")),
    "picture_not_picture": Words(_("What the network gave as a picture is none, or it is damaged.")),
    "picture_inside": Words(_("The picture's address leads into an inner network: the desk stays out.")),
    "picture_unreachable": Words(_("The picture could not be fetched from the network.")),
    # words and links
    "field_empty": Words(_("It is empty.")),
    "handle_missing": Words(_("No short address is chosen.")),
    "handle_digits": Words(_("The address is still the one the network gave: %(detail)s.")),
    "contact_missing": Words(_("No telephone, mail or account in the description or the contacts.")),
    "site_missing": Words(_("There is no link anywhere.")),
    "utm_missing": Words(_("Without marks: %(detail)s.")),
    "utm_untidy": Words(_("The marks are untidy: %(detail)s.")),
    "no_link": Words(_("There is no link to look at.")),
    "links_dead": Words(
        ngettext_lazy("%(n)s link does not open: %(detail)s.", "%(n)s links do not open: %(detail)s.", "n")
    ),
    "links_unsure": Words(
        ngettext_lazy(
            "%(n)s link did not answer the desk, it may open for people: %(detail)s.",
            "%(n)s links did not answer the desk, they may open for people: %(detail)s.",
            "n",
        )
    ),
    # settings
    "messages_off": Words(_("Messages are switched off.")),
    "comments_off": Words(_("Comments are closed.")),
    "no_messages": Words(_("Messages are switched off, so nobody would read it.")),
    "closed": Words(_("Only members see the community.")),
    "not_verified": Words(_("There is no mark yet.")),
    "admins_few": Words(
        ngettext_lazy("There is only %(n)s administrator.", "There are only %(n)s administrators.", "n")
    ),
    "pinned_missing": Words(_("Nothing is pinned.")),
    "pinned_old": Words(
        ngettext_lazy("It is %(n)s day old.", "It is %(n)s days old.", "n")
    ),
    "no_pinned": Words(_("Nothing is pinned, or the network does not tell since when.")),
    "post_old": Words(
        ngettext_lazy("The last post is %(n)s day old.", "The last post is %(n)s days old.", "n")
    ),
    "register_not_due": Words(_("%(actual)s followers: the duty begins above %(limit)s.")),
    "register_soon": Words(_("%(actual)s followers already: the duty begins above %(limit)s.")),
    "register_missing": Words(_("%(actual)s followers, and no mark of the register.")),
    # people
    "not_looked": Words(_("Nobody has looked yet.")),
    "unanswered": Words(_("No network tells this: look and answer.")),
    "answer_old": Words(
        ngettext_lazy(
            "The answer is %(n)s day old: look again.", "The answer is %(n)s days old: look again.", "n"
        )
    ),
    "said_done": Words(_("Said to be in order.")),
    "said_broken": Words(_("Said to be out of order.")),
    "said_not_applicable": Words(_("Said not to apply here.")),
}  # fmt: skip
CONDITION: Final = {f"{PREFIX}{said}": words for said, words in _SAID.items()}
