"""Codes that VK brings; a few of them other networks bring, too, and name no network."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from niva.words.base import Words

VK: Final[dict[str, Words]] = {
    "post_gone": Words(_("The post is no longer there: somebody deleted it.")),
    "media_refused": Words(
        _("The network did not accept a picture or video: %(detail)s."), _("Replace the file.")
    ),
    "poll_refused": Words(
        _("The network did not accept the poll: %(detail)s."), _("Change the poll and send it again.")
    ),
    "poll_alone": Words(_("VK shows no poll alone."), _("Add a text, a picture or a video.")),
    "animation_too_many": Words(_("A VK post takes one GIF, there are %(actual)s."), _("Leave one GIF.")),
    "link_card_without_picture": Words(
        _("The link has no picture, VK may show no card."), _("Put the address into the text as well.")
    ),
    "user_key_missing": Words(
        _("This needs a user's key."), _("Connect the community through VK ID or paste the key.")
    ),
    "community_key_missing": Words(_("This needs the community's key."), _("Paste it in the connection.")),
    "community_key_of_other": Words(
        _("The community key belongs to another community: %(detail)s."), _("Take the key of this one.")
    ),
    "group_missing": Words(_("There is no such community: %(detail)s."), _("Paste the link to it.")),
    "key_cannot_publish": Words(
        _("VK lets this key sign in, but not publish: the application was not given the right to the wall."),
        _("How to ask for it stands in the guide."),
    ),
    "community_key_refused": Words(
        _("VK does not take the community's key for this."), _("Give a user's key.")
    ),
    "app_disabled": Words(_("The VK application is switched off."), _("Switch it on in the VK ID cabinet.")),
    "app_missing": Words(_("No application is set up for this network."), _("Add its ID in the settings.")),
    "login_declined": Words(
        _("The network gave no consent: %(detail)s."), _("Press Connect and agree once more.")
    ),
    "validation_needed": Words(
        _("VK wants to make sure it is you."), _("Open VK, confirm, then connect again.")
    ),
    "second_factor_needed": Words(
        _("VK asks for sign-in with confirmation."), _("Switch it on in VK and connect again.")
    ),
    "user_blocked": Words(_("VK has blocked this user."), _("Connect another administrator.")),
    "address_refused": Words(
        _("VK does not answer this server's address."), _("Allow it in the application's settings.")
    ),
    "flood": Words(_("Too many equal actions in a row."), _("The post waits and goes out by itself.")),
    "daily_limit": Words(_("The day's limit of VK is used up."), _("The post waits.")),
    "posts_per_day": Words(
        _("VK allows 50 posts a day, and today they are used up."), _("The post waits for tomorrow.")
    ),
    "captcha": Words(
        _("VK asks for a captcha."),
        _("Post something by hand as the same user and enter the code, or wait: the post goes out later."),
    ),
    "ads_too_often": Words(_("VK limits advertising posts."), _("The post waits.")),
    "content_blocked": Words(_("VK has blocked this content."), _("Change the post.")),
    "links_forbidden": Words(_("VK forbids a link in this post."), _("Remove or replace it.")),
    "comments_closed": Words(
        _("Comments are closed."), _("Open them for this post or write no first comment.")
    ),
    "post_denied": Words(_("VK does not let this post be touched.")),
    "upload_failed": Words(_("VK could not keep the file."), _("It is tried again by itself.")),
    "upload_host_refused": Words(
        _("VK named an address for files that must not be trusted: %(detail)s."), _("Nothing was sent there.")
    ),
    "method_off": Words(_("VK has switched this off.")),
    "section_off": Words(
        _("VK has switched this section off for a while."), _("It is tried again by itself.")
    ),
    "unknown_answer": Words(_("VK answered with an error that we do not know: %(detail)s.")),
    "vk_not_counted_yet": Words(_("VK has not counted it yet.")),
    "vk_hides_statistics": Words(_("The community's statistics are closed to this key.")),
    "vk_hides_members": Words(_("VK hides the number of members.")),
    "vk_hides_saves": Words(_("VK shows nobody how often a post was saved.")),
    "vk_needs_user_key": Words(_("Only a user's key sees it.")),
    "vk_counts_no_writers": Words(_("VK does not count who wrote to the community.")),
    "no_poll": Words(_("There is no poll in the post.")),
}
