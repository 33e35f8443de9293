"""Codes that Telegram brings."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from niva.words.base import Words

TELEGRAM: Final[dict[str, Words]] = {
    "poll_not_editable": Words(
        _("A published poll cannot be changed."), _("Delete the post and publish a new one.")
    ),
    "animation_in_album": Words(
        _("An animation cannot stand in an album."), _("Send it in a post of its own.")
    ),
    "poll_media_too_many": Words(
        _("A poll takes one picture or video, there are %(actual)s."), _("Leave one file.")
    ),
    "poll_open_in_channel": Words(
        _("In a channel polls are anonymous only."), _("Make the poll anonymous, unless this is a group.")
    ),
    "link_without_card": Words(
        _("Beside pictures and polls Telegram shows no link card."),
        _("Put the address into the text, or remove the pictures."),
    ),
    "first_comment_unsupported": Words(
        _("A bot cannot leave the first comment."),
        _("Move the text into the post, or write the comment by hand."),
    ),
    "bot_removed": Words(_("The bot was removed from the channel."), _("Add it as an administrator again.")),
    "chat_not_found": Words(
        _("There is no such channel, or the bot is not in it."), _("Check the name and add the bot.")
    ),
    "text_empty": Words(_("Telegram found no text in the post."), _("Write some.")),
    "edit_refused": Words(_("Telegram does not let this post be changed.")),
    "edit_media_count": Words(
        _("In a published post files can be exchanged, not added or removed."),
        _("Leave as many as there were, or publish anew."),
    ),
    "not_modified": Words(_("Nothing changed: the post already reads so.")),
    "delete_refused": Words(
        _("A bot deletes posts older than 48 hours only with the right to delete messages."),
        _("Give it the right, or delete by hand."),
    ),
    "bot_api_has_no_views": Words(_("Telegram shows bots no views.")),
    "bot_api_counts_nothing": Words(_("Telegram gives bots no such figure.")),
}
