"""The words for what networks count. One word for one thing; a network that lacks it says why (`Absent`)."""

from __future__ import annotations

from typing import Final, Literal

Subject = Literal["post", "community"]

POST_METRICS: Final = (
    "views",  # times shown, the same person may count twice
    "reach",  # different people who saw it
    "likes",
    "comments",
    "reposts",
    "saves",
    "clicks",  # presses on the link in the post
    "votes",  # in the poll: kept apart, they would inflate engagement
)
COMMUNITY_METRICS: Final = (
    "followers",  # the network's own count of subscribers or members
    "posts",
    "visitors",
    "messages",  # people who wrote to the community in private
)
METRICS: Final = frozenset(POST_METRICS + COMMUNITY_METRICS)
