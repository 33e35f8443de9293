"""What the pages of https://apiok.ru/dev/methods/ list: parameters of methods, kinds of blocks of a topic."""

from __future__ import annotations

from typing import Final

# Method -> (parameters it must have, parameters it may have), as its page lists them.
PAGES: Final[dict[str, tuple[set[str], set[str]]]] = {
    "mediatopic.post": ({"attachment"}, {"type", "gid", "text_link_preview", "hidden_post"}),
    "mediatopic.edit": ({"topic_id", "attachment"}, {"gid"}),
    "mediatopic.deleteTopic": ({"topic_id"}, {"gid"}),
    "mediatopic.getByIds": ({"topic_ids"}, {"fields", "media_limit", "features"}),
    "mediatopic.getPollAnswerVoters": ({"topic_id", "answer_idx"}, {"anchor", "count", "fields"}),
    "stream.get": (set(), {"gid", "patterns", "fields", "count", "anchor", "direction"}),
    "photosV2.getUploadUrl": (set(), {"uid", "aid", "gid", "count", "sizes"}),
    "photosV2.commit": ({"photo_id", "token"}, {"comment"}),
    "video.getUploadUrl": ({"file_name", "file_size"}, {"gid", "attachment_type", "post_form"}),
    "video.update": (
        {"vid"},
        {"title", "description", "tags", "privacy", "cover_photo_id", "cover_photo_upload_token"},
    ),
    "group.getInfo": ({"uids", "fields"}, {"move_to_top"}),
    "group.getCounters": ({"group_id", "counterTypes"}, {"uid"}),
    "group.getStatTopic": ({"topic_id", "fields"}, set()),
    "group.getStatTopics": ({"gid", "fields"}, {"start_time", "end_time", "count"}),
    "group.getUserGroupsByIds": ({"group_id", "uids"}, set()),
    "group.getUserGroupsV2": (set(), {"uid", "anchor", "direction", "count"}),
    "group.setMainPhoto": ({"group_id", "photo_id"}, set()),
    "discussions.getComments": (
        {"discussionId", "discussionType"},
        {"fields", "count", "anchor", "direction"},
    ),
    "users.getCurrentUser": (set(), {"fields"}),
    "users.hasAppPermission": ({"ext_perm"}, {"uid"}),
    "url.getInfo": ({"url"}, set()),
    "auth.touchSession": (set(), set()),
}
BLOCKS: Final = {
    "text": {"type", "text"},
    "photo": {"type", "list"},
    "movie": {"type", "list"},
    "link": {"type", "url"},
    "poll": {"type", "question", "answers", "options"},
}
