"""Codes of Mastodon and Bluesky that no other network has."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from niva.words.base import Words

MASTODON: Final[dict[str, Words]] = {
    "poll_options_same": Words(_("Two answers of the poll are the same."), _("Change one of them.")),
    "media_processing": Words(
        _("The server is still at work on the file."),
        _("Nothing is lost: the desk will try again by itself."),
    ),
}
BLUESKY: Final[dict[str, Words]] = {
    "gif_will_not_move": Words(
        _("Bluesky shows a GIF as a still picture."), _("Put an MP4 in its place if it has to move.")
    ),
    "card_image_too_heavy": Words(
        _(
            "The link's picture weighs %(actual)s, Bluesky takes up to %(limit)s: the card goes out "
            "without it."
        ),
        _("Nothing has to be done."),
        amount="bytes",
    ),
    "login_refused": Words(
        _("Bluesky does not know this name with this app password."),
        _("Check the name, or make a new app password."),
    ),
    "app_password_needed": Words(
        _("This is the main password, and it wants a second code."),
        _("Make an app password and put it here."),
    ),
    "account_blocked": Words(
        _("The network has switched this account off."),
        _("Sign in on the network itself: it says there why."),
    ),
    "wrong_service": Words(
        _("The server at this address speaks another language."), _("Check the server's address.")
    ),
    "no_appview": Words(_("The account's own server does not count this. This is not zero.")),
    "not_indexed_yet": Words(_("The post has not been counted yet: this takes Bluesky a few minutes.")),
}
