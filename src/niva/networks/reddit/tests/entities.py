"""What Reddit shows of its things, written after https://www.reddit.com/dev/api/ and the objects that
https://github.com/reddit-archive/reddit/wiki/JSON describes."""

from __future__ import annotations

from typing import Any, Final

NAME: Final = "niva_field"
USER: Final = "niva_desk"


def listing(things: list[dict[str, Any]], after: str | None = None) -> dict[str, Any]:
    return {
        "kind": "Listing",
        "data": {"after": after, "before": None, "dist": len(things), "children": things},
    }


def thing(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "data": data}


def submission(one: dict[str, Any]) -> dict[str, Any]:
    """`one`: what the fake remembers of a submission."""
    gone = one["removed"]
    made = {
        "name": one["name"], "id": one["name"][3:], "subreddit": NAME, "title": one["title"],
        "selftext": "[deleted]" if gone == "deleted" else one["text"],
        "author": "[deleted]" if gone == "deleted" else one["by"], "author_fullname": f"t2_{one['by']}",
        "created_utc": one["at"], "permalink": f"/r/{NAME}/comments/{one['name'][3:]}/post/",
        "url": one["url"], "score": one["score"], "upvote_ratio": 0.97, "ups": max(0, one["score"]),
        "num_comments": len(one["comments"]), "num_crossposts": 2, "removed_by_category": gone or None,
        "is_self": one["kind"] == "self", "is_video": one["kind"] in ("video", "videogif"),
        "stickied": one["stickied"], "over_18": one["nsfw"], "link_flair_template_id": one["flair"] or None,
    }  # fmt: skip
    if one["kind"] == "image":
        made |= {"post_hint": "image", "is_reddit_media_domain": True}
    if one["kind"] == "gallery":
        items = [{"media_id": item["media_id"], "id": n} for n, item in enumerate(one["items"])]
        made |= {"is_gallery": True, "gallery_data": {"items": items}}
    if one["kind"] == "poll":
        options = [{"id": str(n), "text": text} for n, text in enumerate(one["options"])]
        made["poll_data"] = {"options": options, "total_vote_count": 7}
    return thing("t3", made)


def comment(one: dict[str, Any], replies: list[dict[str, Any]]) -> dict[str, Any]:
    return thing("t1", {
        "name": one["name"], "id": one["name"][3:], "body": one["text"], "author": one["by"],
        "author_fullname": f"t2_{one['by']}", "created_utc": one["at"], "parent_id": one["parent"],
        "link_id": one["post"], "permalink": f"/r/{NAME}/comments/{one['post'][3:]}/post/{one['name'][3:]}/",
        "replies": listing(replies) if replies else "",
    })  # fmt: skip


def letter(one: dict[str, Any]) -> dict[str, Any]:
    return thing("t4", {
        "name": one["name"], "id": one["name"][3:], "body": one["text"], "author": one["by"],
        "author_fullname": f"t2_{one['by']}", "created_utc": one["at"], "dest": USER, "subject": "Вопрос",
        "first_message_name": one["first"] or None, "parent_id": one["first"] or None, "context": "",
        "replies": "",
    })  # fmt: skip


def mention(one: dict[str, Any]) -> dict[str, Any]:
    return thing("t1", {
        "name": one["name"], "id": one["name"][3:], "body": one["text"], "author": one["by"],
        "author_fullname": f"t2_{one['by']}", "created_utc": one["at"], "parent_id": "t3_other",
        "subject": "username mention", "type": "username_mention", "context": "/r/farm/comments/other/x/y/",
        "replies": "",
    })  # fmt: skip


def about(made: dict[str, Any]) -> dict[str, Any]:
    return thing("t5", {
        "name": "t5_field", "display_name": NAME, "url": f"/r/{NAME}/", "created_utc": 1_700_000_000.0,
        "subscribers": 1234, "community_icon": "https://styles.redditmedia.com/icon.png?width=256&s=1",
        "icon_img": "", "banner_background_image": "", "banner_img": "", "over18": False,
        "user_is_moderator": True, "user_is_banned": False, "user_is_contributor": False,
        "submission_type": "any", "allow_images": True, "allow_galleries": True, "allow_videos": True,
        "allow_videogifs": True, "allow_polls": True, "subreddit_type": "public", **made,
    })  # fmt: skip


def settings(made: dict[str, Any]) -> dict[str, Any]:
    """GET about/edit, in its own names."""
    return thing("subreddit_settings", {
        "subreddit_id": "t5_field", "title": made["title"], "public_description": made["public_description"],
        "description": made["description"], "content_options": "any", "language": "ru", "default_set": True,
        "subreddit_type": "public", "over_18": False, "header_hover_text": "", "wikimode": "disabled",
        "comment_score_hide_mins": 0, "domain": None, "spam_links": "high",
    })  # fmt: skip
