"""Codes of the practice network that no other network has."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from niva.words.base import Words

PRACTICE: Final[dict[str, Words]] = {
    "token_unknown": Words(
        _("The network does not know this access key."), _("Connect the community again.")
    ),
    "right_missing": Words(
        _("The access key lacks a right that is needed here."),
        _("Connect the community with a key that has it."),
    ),
    "content_refused": Words(
        _("The network refused the post: %(detail)s."),
        _("Change the text or the pictures and send it again."),
    ),
    "media_unknown": Words(
        _("The network has lost an uploaded file."), _("Send it again: the file will be uploaded anew.")
    ),
    "file_missing": Words(
        _("The file %(detail)s is no longer on the server."), _("Add it to the post again.")
    ),
    "bad_request": Words(
        _("The network did not understand the request: %(detail)s."), _("Tell whoever looks after the desk.")
    ),
    "comment_empty": Words(_("The first comment is empty."), _("Write it or remove it.")),
    "link_bad": Words(
        _("The link's address does not open in a browser."),
        _("Check that it begins with http:// or https://."),
    ),
    "search_unsupported": Words(
        _("This community's posts cannot be searched."),
        _("Look at the community and say whether the post is out."),
    ),
    "call_refused": Words(
        _("The network refused: %(detail)s."), _("Change what it names and send the post again.")
    ),
    "network_down": Words(
        _("The network is not working now."), _("Nothing is lost: the desk will try again by itself.")
    ),
    "network_broken": Words(
        _("The network reported a fault of its own: it is not clear whether the call was carried out."),
        _("The desk looks it up and will not send it twice."),
    ),
    "no_link": Words(_("The post has no link, so there are no visits to count.")),
    "no_poll": Words(_("The post has no poll.")),
    "not_given": Words(_("The network does not report this number. This is not zero.")),
}
