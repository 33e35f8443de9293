"""What limits say of a draft (`Problem.code`): shown at the field while a person types."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from niva.words.base import Words

_CROP = _("Crop it, or put another picture in its place.")

DRAFTS: Final[dict[str, Words]] = {
    "text_too_long": Words(
        ngettext_lazy(
            "%(surplus)s character too many: %(actual)s of %(limit)s.",
            "%(surplus)s characters too many: %(actual)s of %(limit)s.",
            "n",
        ),
        _("Shorten the marked end, or give this community a text of its own."),
        with_media=ngettext_lazy(
            "%(surplus)s character too many for a text under a picture: %(actual)s of %(limit)s.",
            "%(surplus)s characters too many for a text under a picture: %(actual)s of %(limit)s.",
            "n",
        ),
    ),
    "text_too_many_bytes": Words(
        _("The text is too heavy: %(actual)s of %(limit)s."),
        _("Shorten it; emoji weigh most."),
        amount="bytes",
    ),
    "post_empty": Words(_("The post is empty."), _("Write a text or add a picture.")),
    "media_too_many": Words(
        ngettext_lazy(
            "The network takes %(limit)s file at most, here are %(actual)s.",
            "The network takes %(limit)s files at most, here are %(actual)s.",
            "n",
        ),
        _("Take out the surplus for this community."),
    ),
    "media_mixed": Words(
        _("Pictures and video do not go together here."), _("Leave either the pictures or the video.")
    ),
    "media_format": Words(
        _("The network does not take %(actual)s, only %(limit)s."),
        _("Save the file in one of these formats."),
        amount="list",
    ),
    "media_too_heavy": Words(
        _("The file weighs %(actual)s, the network takes up to %(limit)s."),
        _("Put a lighter file in its place."),
        amount="bytes",
    ),
    "image_too_large": Words(
        _("The picture is too large or too long for this network: %(actual)s, up to %(limit)s is taken."),
        _CROP,
        amount="ratio",
    ),
    "video_converting": Words(
        _("The desk is writing the video anew for this network: %(percent)s %% are done."),
        _("You need not wait here. Schedule when it is ready."),
    ),
    "video_too_heavy": Words(
        _("The film is so long that within the bytes this network takes nothing of it could be made out."),
        _("Cut the film shorter, or leave it out for this community."),
    ),
    "video_too_slow": Words(
        _("Writing the film anew took more than two hours, so the desk gave up."),
        _("Export it as MP4 with H.264 at 1920 pixels or less, and upload it again."),
    ),
    "video_broken": Words(
        _("The film is damaged in its middle: it cannot be written anew for this network."),
        _("Export it again as MP4 and upload it anew."),
    ),
    "video_too_long": Words(
        _("The video lasts %(actual)s, the network takes up to %(limit)s."),
        _("Cut it, or give the link to it."),
        amount="seconds",
    ),
    "video_too_short": Words(
        _("The video lasts %(actual)s, the network wants at least %(limit)s."),
        _("Put a longer one in its place."),
        amount="seconds",
    ),
    "media_required": Words(
        _("This network takes no post without a picture or a video."),
        _("Add one, or leave this community out."),
    ),
    "media_too_small": Words(
        _("The file is too small: its shorter side has %(actual)s pixels, at least %(limit)s are wanted."),
        _("Put a larger one in its place; blown up it would only blur."),
        amount="pixels",
    ),
    "media_too_narrow": Words(
        _("The file is too tall for its width: width to height is %(actual)s, at least %(limit)s is wanted."),
        _CROP,
        amount="ratio",
    ),
    "media_too_wide": Words(
        _("The file is too wide for its height: width to height is %(actual)s, up to %(limit)s is taken."),
        _CROP,
        amount="ratio",
    ),
    "form_unsupported": Words(
        _("This network does not take such a post: %(form)s."), _("Choose another way to show it.")
    ),
    "option_missing": Words(
        _("“%(option)s” is not filled in, and the network takes no post without it."),
        _("Open the tab of this community and fill it in."),
    ),
    "title_too_long": Words(
        ngettext_lazy(
            "The title is %(surplus)s character too long: %(actual)s of %(limit)s.",
            "The title is %(surplus)s characters too long: %(actual)s of %(limit)s.",
            "n",
        ),
        _("Shorten it."),
    ),
    "hashtags_too_many": Words(
        ngettext_lazy(
            "The network takes %(limit)s hashtag at most, here are %(actual)s.",
            "The network takes %(limit)s hashtags at most, here are %(actual)s.",
            "n",
        ),
        _("Take out the weakest ones, or give this community a text of its own."),
    ),
    "mentions_too_many": Words(
        ngettext_lazy(
            "The network takes %(limit)s mention at most, here are %(actual)s.",
            "The network takes %(limit)s mentions at most, here are %(actual)s.",
            "n",
        ),
        _("Take out the surplus for this community."),
    ),
    "links_too_many": Words(
        ngettext_lazy(
            "The network takes %(limit)s link at most, here are %(actual)s.",
            "The network takes %(limit)s links at most, here are %(actual)s.",
            "n",
        ),
        _("Take out the surplus for this community."),
    ),
    "alt_too_long": Words(
        ngettext_lazy(
            "The description of the picture is %(surplus)s character too long.",
            "The description of the picture is %(surplus)s characters too long.",
            "n",
        ),
        _("Shorten it to %(limit)s."),
    ),
    "first_comment_too_long": Words(
        ngettext_lazy(
            "The first comment is %(surplus)s character too long: %(actual)s of %(limit)s.",
            "The first comment is %(surplus)s characters too long: %(actual)s of %(limit)s.",
            "n",
        ),
        _("Shorten it."),
    ),
    "thread_unsupported": Words(
        _("This network has no chains of posts."),
        _("Make it one long post, or move the rest into the first comment."),
    ),
    "thread_part_empty": Words(_("Nothing is written here."), _("Write it, or take this post out.")),
    "poll_unsupported": Words(
        _("This network has no polls."), _("Ask the question in the text, or leave this community out.")
    ),
    "poll_with_media": Words(
        _("Here a poll does not go together with pictures or video."), _("Take out one of the two.")
    ),
    "poll_too_few_options": Words(
        ngettext_lazy(
            "A poll needs at least %(limit)s answer.", "A poll needs at least %(limit)s answers.", "n"
        ),
        _("Add an answer."),
    ),
    "poll_too_many_options": Words(
        ngettext_lazy(
            "A poll takes %(limit)s answer at most, here are %(actual)s.",
            "A poll takes %(limit)s answers at most, here are %(actual)s.",
            "n",
        ),
        _("Take out the surplus."),
    ),
    "poll_question_too_long": Words(
        ngettext_lazy(
            "The question is %(surplus)s character too long.",
            "The question is %(surplus)s characters too long.",
            "n",
        ),
        _("Shorten it to %(limit)s."),
    ),
    "poll_option_too_long": Words(
        ngettext_lazy(
            "The answer is %(surplus)s character too long.",
            "The answer is %(surplus)s characters too long.",
            "n",
        ),
        _("Shorten it to %(limit)s."),
    ),
    "poll_option_empty": Words(_("An answer of the poll is empty."), _("Write it or take it out.")),
    "poll_too_short": Words(
        _("The poll is open for %(actual)s, the network wants at least %(limit)s."),
        _("Let it run longer."),
        amount="seconds",
    ),
    "poll_too_long": Words(
        _("The poll is open for %(actual)s, the network takes up to %(limit)s."),
        _("Let it end sooner."),
        amount="seconds",
    ),
}
