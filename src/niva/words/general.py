"""Codes that any network may bring: the way there, the keys, the refusals."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from niva.words.base import Words

_AGAIN_BY_ITSELF = _("Nothing is lost: the desk will try again by itself.")
_BAD_ADDRESS = Words(
    _("This does not read as a server's address."), _("Write it like this: https://mastodon.social.")
)
_CONNECT_AGAIN = _("Open the community and connect it again.")

GENERAL: Final[dict[str, Words]] = {
    "cannot_connect": Words(_("The network cannot be reached."), _AGAIN_BY_ITSELF),
    "no_answer": Words(_("The network did not answer in time."), _AGAIN_BY_ITSELF),
    "connection_lost": Words(_("The connection broke off in the middle."), _AGAIN_BY_ITSELF),
    "reply_too_large": Words(
        _("The network sent something far too large to be an answer."),
        _("Check the server's address; if it is right, try later."),
    ),
    "server_error": Words(_("The network is out of order on its own side."), _AGAIN_BY_ITSELF),
    "nonsense": Words(_("The network answered with nonsense."), _AGAIN_BY_ITSELF),
    "not_connected": Words(_("The community is not connected: there are no keys."), _CONNECT_AGAIN),
    "keys_unreadable": Words(
        _("The stored keys cannot be opened: the encryption key of the desk was changed or lost."),
        _("Connect the community again, or put the old encryption key back."),
    ),
    "bad_token": Words(_("The network does not recognise the key."), _CONNECT_AGAIN),
    "token_revoked": Words(
        _("The key was withdrawn: somebody changed the password or took the access away."), _CONNECT_AGAIN
    ),
    "token_expired": Words(_("The key has run out."), _CONNECT_AGAIN),
    "no_right": Words(
        _("The key does not have the right for this."),
        _("Connect again and allow everything that the guide lists."),
    ),
    "too_often": Words(_("The network asks for a pause: too many requests."), _AGAIN_BY_ITSELF),
    "refused": Words(
        _("The network refused: %(detail)s."), _("Change what it names and send the post again.")
    ),
    "chat_missing": Words(
        _("There is no such channel or group, or the bot is not in it."),
        _("Check the address and add the bot as an administrator."),
    ),
    "edit_unsupported": Words(
        _("This network does not let a published post be changed."),
        _("Delete it there and publish anew, or leave it as it is."),
    ),
    "delete_unsupported": Words(
        _("This network does not let the desk delete a post."), _("Delete it on the network itself.")
    ),
    "read_back_unsupported": Words(
        _("This network does not let the desk look at its own posts."),
        _("Open the link and look for yourself."),
    ),
    "file_too_big": Words(
        _("The file is heavier than the network takes."), _("Put a smaller file in its place.")
    ),
    "media_unreadable": Words(
        _("The file %(detail)s cannot be read on the desk's own disk."), _("Upload it again.")
    ),
    "not_found": Words(
        _("It is not there any more."), _("Open the network and look whether somebody deleted it.")
    ),
    "address_inside": Words(
        _("This address leads into the inner network of the server, the desk does not go there."),
        _("Give the public address of the server."),
    ),
    "public_address_missing": Words(
        _("This network fetches media itself, and the desk has no address on the open Internet."),
        _(
            "Ask whoever looks after the desk to set NIVA_BASE_URL to its https address and to restart it; "
            "or keep this community by hand."
        ),
    ),
    "bad_address": _BAD_ADDRESS,
    "address_bad": _BAD_ADDRESS,
    "post_gone": Words(_("The post is no longer there: somebody deleted it.")),
    "media_refused": Words(
        _("The network did not accept a picture or video: %(detail)s."), _("Replace the file.")
    ),
    "poll_refused": Words(
        _("The network did not accept the poll: %(detail)s."), _("Change the poll and send it again.")
    ),
    "app_missing": Words(_("No application is set up for this network."), _("Add its ID in the settings.")),
    "login_declined": Words(
        _("The network gave no consent: %(detail)s."), _("Press Connect and agree once more.")
    ),
    "upload_host_refused": Words(
        _("The network named an address for files that must not be trusted: %(detail)s."),
        _("Nothing was sent there."),
    ),
    "account_blocked": Words(
        _("The network has switched this account off."),
        _("Sign in on the network itself: it says there why."),
    ),
    "wrong_service": Words(
        _("The server at this address speaks another language."), _("Check the server's address.")
    ),
    "no_poll": Words(_("There is no poll in the post.")),
    "comments_unsupported": Words(_("This network shows the desk no comments."), _("Read them there.")),
    "messages_unsupported": Words(
        _("This network shows the desk no private messages."), _("Read them there.")
    ),
    "mentions_unsupported": Words(_("This network tells nobody where it was mentioned.")),
    "comment_answer_unsupported": Words(
        _("This network takes no answers to comments from the desk."), _("Answer there.")
    ),
    "message_answer_unsupported": Words(
        _("This network takes no private messages from the desk."), _("Answer there.")
    ),
    "mention_answer_unsupported": Words(_("A mention cannot be answered from the desk."), _("Answer there.")),
    "profile_unsupported": Words(_("This network does not tell how the community is set.")),
    "profile_write_unsupported": Words(
        _("This network does not let the desk change that: %(detail)s."), _("Change it there.")
    ),
}
