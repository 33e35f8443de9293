"""Codes that the desk itself writes on a delivery."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from niva.words.base import Words

DELIVERY: Final[dict[str, Words]] = {
    "lease_lost": Words(
        _("Another worker took this post over before it was sent."), _("Nothing has to be done.")
    ),
    "worker_died": Words(_("The desk stopped in the middle of sending, so it is not known how it ended.")),
    "connector_fault": Words(
        _("The desk stumbled while talking to the network, so it is not known how it ended."),
        _("Look whether the post is there, then decide."),
    ),
    "desk_fault": Words(
        _("The desk stumbled over this post and set it aside; the others go on."),
        _("Save the post anew and give it an hour; if that does not help, tell the desk's keeper."),
    ),
    "duplicate_answer": Words(
        _("The network answered with the address of another post: it is not known whether this one is out."),
        _("Look whether the post is there, then decide."),
    ),
    "not_found_yet": Words(
        _("The post is not to be seen on the network yet."), _("The desk will look again by itself.")
    ),
    "cannot_tell": Words(
        _("The network does not tell whether the post is there."), _("The desk will look again by itself.")
    ),
    "ask_person": Words(
        _("The connection broke after sending; nothing is sent twice without you."),
        _("Look whether the post is there, then press one of the two buttons."),
    ),
    "looked_up": Words(_("The desk looked on the network: the post is not there.")),
    "network_missing": Words(
        _("This desk no longer knows the network of this community."),
        _("Put its connector back, or take the community off the post."),
    ),
    "poison": Words(
        _("Every worker that took this post up died of it, so it was set aside; the others go on."),
        _("Tell the desk's keeper; a post without this file or text may go out."),
    ),
    "post_deleted": Words(
        _("The post was put away before it went out, so it was not sent."),
        _("Nothing has to be done; to publish it after all, write it anew."),
    ),
    "community_moved": Words(
        _("The community belongs to another client now, so this post of the former one was not sent."),
        _("Write the post for the right client, or cancel it here."),
    ),
    "revision_changed": Words(
        _("What was scheduled is no longer what lies in the database, so it was not sent."),
        _("Read the post through, save it and give it an hour again; tell the desk's keeper."),
    ),
    "media_missing": Words(
        _("A file of this post is no longer on the desk's disk: %(detail)s."),
        _("Add the file to the post again and give it an hour."),
    ),
    "stale": Words(_("The post got a new hour, so its files are uploaded anew.")),
    "its_turn": Words(
        _("The network takes only so many calls in a time, so the post waits for its turn."),
        _("Nothing has to be done."),
    ),
    "too_late": Words(
        _("Its hour has passed by more than this community allows, so it did not go out by itself."),
        _("Decide whether it still makes sense: publish it now, choose a new hour, or cancel it."),
    ),
    "client_stopped": Words(
        _("Publishing is stopped for this client, so the post is held."),
        _("It can go out once publishing is let go on."),
    ),
    "by_hand": Words(
        _("People publish here by hand."),
        _("Open the task: text and files are ready there. Publish it and put the link in."),
    ),
    "not_by_hand": Words(_("It was not published by hand: %(detail)s.")),
    "stop_ended": Words(
        _("Its hour passed while publishing was stopped for this client."),
        _("Decide whether it still makes sense: publish it now, choose a new hour, or cancel it."),
    ),
    "taken_down": Words(_("The post was taken down.")),
    "found_missing": Words(
        _("The post was out and is gone: the network or somebody removed it."),
        _("Look at the network why, then publish it again or let it be."),
    ),
    "edit_unsupported": Words(
        _("This network does not let a post be changed once it is out."),
        _("Take it down and publish the mended one, or leave it as it is."),
    ),
    "edit_too_late": Words(
        _("The time in which this network lets a post be changed is over."),
        _("Take it down and publish the mended one, or leave it as it is."),
    ),
    "first_comment_failed": Words(
        _("The post is out, but its first comment is not."),
        _("Press “Write the comment again” on the post's page."),
    ),
    "further_step_failed": Words(
        _("The post is out, but what was to be done with it next was refused."),
        _("The attempts below say what and why; do it on the network itself."),
    ),
    "thread_broken": Words(
        _("The beginning of the chain is out, the rest is not."),
        _("Look at the network where it broke off, then send the rest or take the chain down."),
    ),
    "thread_part_gone": Words(
        _("A post of the chain is no longer there, so it cannot be changed."),
        _("Take the chain down and publish it anew, or leave it as it is."),
    ),
    "parent_gone": Words(
        _("The post that this part of the chain goes on from is no longer there."),
        _("Look at the network what became of it."),
    ),
    "comment_unknown": Words(
        _("It is not known whether the first comment was written."),
        _("Look under the post, then tell the desk on the post's page."),
    ),
}
