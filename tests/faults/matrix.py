"""Every fault, every ability of a network, and how a delivery must end there: data, without a database.

`tests/faults/test_matrix.py` plays each cell with the real engine; `tools/docs.py` writes the same cells as
docs/reference/faults.md. A cell without an end (`None`) is a fault that the network does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

# --- columns ---


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of network. `ability`: what can be done there about an answer that never came."""

    name: str
    title: str
    ability: str


COLUMNS: Final = (
    Column("keyed", "own key", "the practice network, its community knows our keys for ever"),
    Column("searchable", "searchable", "the practice network, its community can be searched"),
    Column("neither", "neither", "the practice network, its community does neither"),
    Column("vk", "VK", "`guid` for an hour, and the wall can be read with an editor's key"),
    Column("vk_group", "VK, community key", "`guid` for an hour; with this key the wall cannot be read"),
    Column("telegram", "Telegram", "neither: a bot has no keys for posts and does not see them"),
    Column("mastodon", "Mastodon", "`Idempotency-Key` for an hour, and the account's posts can be read"),
)


# --- ends ---


@dataclass(frozen=True, slots=True)
class End:
    """How a delivery comes to rest, and what a person is asked then.

    `posts`: what the server holds at that moment. `tries`: how the attempts at the post ended, in order,
    equal neighbours as one. `code`: the delivery's code, where it is always the same.
    """

    word: str
    state: str
    posts: int
    tries: tuple[str, ...]
    told: str
    asked: str = ""
    code: str | None = None


OUT: Final = End("out", "published", 1, ("done",), "The answer came whole.", code="")
AGAIN: Final = End(
    "out, tried again", "published", 1, ("temporary", "done"),
    "Nothing can have left: it is tried again after a pause, longer each time.", code="",
)  # fmt: skip
LATER: Final = End(
    "out, after the pause", "published", 1, ("limited", "done"),
    "Certainly not done. It waits as long as the network says, else five seconds and more, and goes out.",
    code="",
)  # fmt: skip
SAME_KEY: Final = End(
    "out, same key again", "published", 1, ("unknown", "done"),
    "Sent again with the key of the first time: the network gives the first post back, or makes it now.",
    code="",
)  # fmt: skip
KEY_AND_PAUSES: Final = End(
    "out, same key at last", "published", 1, ("unknown", "temporary", "done"),
    "Sent again with the key of the first time as soon as the network takes connections.", code="",
)  # fmt: skip
FOUND: Final = End(
    "out, found", "published", 1, ("done",),
    "Not sent again: the search finds the post, and the first attempt is settled by it.", code="",
)  # fmt: skip
FOUND_LATE: Final = End(
    "out, found at last", "published", 1, ("done", "temporary"),
    "Sent again with the same key while the network was away and surely remembered it; after that it is "
    "searched for, and found.", code="",
)  # fmt: skip
LOOKED_AND_SENT: Final = End(
    "out, looked and sent", "published", 1, ("absent", "done"),
    "Several looks over a minute and a half find nothing, so the first call is believed lost; it is sent "
    "once more.", code="",
)  # fmt: skip
LOOKED_LATE_AND_SENT: Final = End(
    "out, looked and sent at last", "published", 1, ("absent", "done"),
    "When the network is back the search finds nothing, and it is sent once more.", code="",
)  # fmt: skip
RENEWED: Final = End(
    "out, keys renewed", "published", 1, ("needs_login", "done"),
    "Five posts hit the old key at once: one worker renews it, the others take what it got; the new renewal "
    "token is kept. Each post is out once.", code="",
)  # fmt: skip
SENT_AGAIN: Final = End(
    "out, picture sent again", "published", 1, ("done",),
    "A picture that no post refers to harms nobody: it is sent once more, then the post goes out with it.",
    code="",
)  # fmt: skip
COMMENT_IN_DOUBT: Final = End(
    "out, comment asked about", "published", 1, ("done",),
    "The post stays as it is and is never sent again, and the comment is not written twice.",
    "On the post's page: is the comment there? He looks under the post and says so.",
    code="comment_unknown",
)  # fmt: skip
ASKED_THERE: Final = End(
    "asked, it is there", "unknown", 1, ("unknown",),
    "Nobody but a person can tell, so nothing more is sent.",
    "On Today: the link to look at, “it is out”, “it is not out”. He sees the post and pastes its address.",
)  # fmt: skip
ASKED_ABSENT: Final = End(
    "asked, it is not there", "unknown", 0, ("unknown",),
    "Nobody but a person can tell, so nothing more is sent.",
    "On Today: the link to look at, “it is out”, “it is not out”. He sees nothing and sends it again.",
)  # fmt: skip
ASKED_LATE_THERE: Final = End(
    "asked when late, it is there", "unknown", 1, ("unknown", "temporary"),
    "Sent again with the same key as long as that is sure to be one post and not too late; then a person is "
    "asked.", "The same question. He sees the post and pastes its address.", code="ask_person",
)  # fmt: skip
ASKED_LATE_ABSENT: Final = End(
    "asked when late, it is not there", "unknown", 0, ("unknown", "temporary"),
    "Sent again with the same key as long as that is sure to be one post and not too late; then a person is "
    "asked.", "The same question. He sees nothing and sends it again.", code="ask_person",
)  # fmt: skip
ASKED_AFTER_REPEATS: Final = End(
    "asked after nine tries", "unknown", 0, ("unknown",),
    "Nine times with the same key within an hour, never a clear answer: then a person is asked.",
    "The same question. He sees nothing and sends it again.", code="ask_person",
)  # fmt: skip
LOOKED_AFTER_REPEATS_AND_SENT: Final = End(
    "out, same key, looked and sent", "published", 1, ("unknown", "absent", "done"),
    "Nine times with the same key, never a clear answer, so it is looked up; when the network is back the "
    "search finds nothing, and it is sent once more.", code="",
)  # fmt: skip
HELD: Final = End(
    "held, too late", "held", 0, ("temporary",),
    "Tried again until the community's lateness is used up, then held.",
    "On Today: too late for its hour. He sends it now, gives it another hour, or cancels it.",
    code="too_late",
)  # fmt: skip
HELD_LIMITED: Final = End(
    "held, limited too long", "held", 0, ("limited",),
    "Tried again until the community's lateness is used up, then held.", HELD.asked, code="too_late",
)  # fmt: skip
HELD_AFTER_LOOKING: Final = End(
    "looked, held", "held", 0, ("absent",),
    "When the network is back the search finds nothing; by then it is too late for its hour.", HELD.asked,
    code="too_late",
)  # fmt: skip
HELD_AFTER_REPEATS: Final = End(
    "same key, looked, held", "held", 0, ("absent", "temporary"),
    "Sent again with the same key while the network was away and surely remembered it; when it is back the "
    "search finds nothing, and by then it is too late.", HELD.asked, code="too_late",
)  # fmt: skip
SIGN_IN: Final = End(
    "sign-in needed", "needs_login", 0, ("needs_login",),
    "The keys are of no use. The community stops, its other posts wait too.",
    "On Today: connect the community again. Once that is done, the post goes out by itself.",
)  # fmt: skip
REFUSED: Final = End(
    "rejected", "rejected", 0, ("rejected",),
    "A clear no that will not pass by itself: not tried again.",
    "On Today: what the network said. He changes the post, or sends it again.",
)  # fmt: skip


# --- rows ---

Ends = Mapping[str, End | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. `late`: the community's minutes of lateness."""

    name: str
    says: str
    ends: Ends
    late: int = 180


def _row(
    keyed: End | None, searchable: End | None, neither: End | None, vk: End | None, vk_group: End | None,
    telegram: End | None, mastodon: End | None,
) -> Ends:  # fmt: skip
    ends = (keyed, searchable, neither, vk, vk_group, telegram, mastodon)
    return {column.name: end for column, end in zip(COLUMNS, ends, strict=True)}


def _all(end: End, *, but: tuple[str, ...] = ()) -> Ends:
    return {column.name: None if column.name in but else end for column in COLUMNS}


def _only(end: End, *columns: str) -> Ends:
    return {column.name: end if column.name in columns else None for column in COLUMNS}


# The answer never came: done by the server all the same, or not.
_DONE: Final = _row(SAME_KEY, FOUND, ASKED_THERE, SAME_KEY, SAME_KEY, ASKED_THERE, SAME_KEY)
_NOT_DONE: Final = _row(SAME_KEY, LOOKED_AND_SENT, ASKED_ABSENT, SAME_KEY, SAME_KEY, ASKED_ABSENT, SAME_KEY)
_NO_RENEWAL: Final = ("vk_group", "telegram", "mastodon")

GROUPS: Final[Mapping[str, tuple[Fault, ...]]] = {
    "The connection breaks": (
        Fault("refused_connection", "the connection is refused", _all(AGAIN)),
        Fault("cut_before_request", "taken, then cut before the request", _NOT_DONE),
        Fault("cut_in_request_head", "cut within the request's headers", _NOT_DONE),
        Fault("cut_in_request_body", "cut within the request's body", _NOT_DONE),
        Fault(
            "lost_before_server", "cut after the request's body; the server never got it", _NOT_DONE,
        ),
        Fault("cut_before_answer", "carried out, cut before the answer", _DONE),
        Fault("cut_in_status_line", "carried out, cut within the status line", _DONE),
        Fault("cut_in_answer_head", "carried out, cut within the answer's headers", _DONE),
        Fault("cut_in_answer_body", "carried out, cut within the answer's body", _DONE),
        Fault("cut_after_answer", "carried out, cut after the answer's last byte", _all(OUT)),
    ),
    "The answer is slow": (
        Fault("done_then_silence", "carried out, and no answer until our deadline", _DONE),
        Fault("silence", "not carried out, and no answer until our deadline", _NOT_DONE),
        Fault("trickle", "carried out, answered byte after byte beyond our deadline", _DONE),
    ),
    "The answer is wrong": (
        Fault("error_after_commit", "carried out, answered with HTTP 500", _DONE),
        Fault("error_not_done", "not carried out, answered with HTTP 500", _NOT_DONE),
        Fault("gateway_after_commit", "carried out, a proxy's page with HTTP 502", _DONE),
        Fault("gateway_not_done", "not carried out, a proxy's page with HTTP 502", _NOT_DONE),
        Fault("not_json", "carried out, answered 200 with plain text", _DONE),
        Fault("wrong_json", "carried out, answered 200 with JSON that holds no id", _DONE),
        Fault("json_list", "carried out, answered 200 with an empty list", _DONE),
        Fault("empty", "carried out, answered 200 with nothing", _DONE),
        Fault("empty_not_done", "not carried out, answered 200 with nothing", _NOT_DONE),
        Fault("page_of_a_proxy", "carried out, answered 200 with a web page", _DONE),
        Fault("page_not_done", "not carried out, answered 200 with a web page", _NOT_DONE),
        Fault("huge", "carried out, answered with more than 8 MB", _DONE),
        Fault("same_answer", "carried out, answered with the id of the post before", _DONE),
        Fault("same_answer_not_done", "not carried out, answered with the id of the post before", _NOT_DONE),
    ),
    "The network says no": (
        Fault("limited", "too often, and the network says for how long", _all(LATER)),
        Fault("limited_no_delay", "too often, without saying for how long", _all(LATER)),
        Fault("limited_by_proxy", "a proxy's page with HTTP 429 and Retry-After", _all(LATER)),
        Fault("refused", "the content is refused", _all(REFUSED)),
        Fault("captcha", "a captcha is asked for, once (VK 14)", _only(LATER, "vk", "vk_group")),
        Fault("captcha_stays", "a captcha is asked for every time", _only(HELD_LIMITED, "vk", "vk_group")),
    ),
    "The keys": (
        Fault("expired", "five posts at once meet an access token that has ended",
              _all(RENEWED, but=_NO_RENEWAL)),
        Fault("expired_and_lost", "the access token has ended, and the answer with the new keys is lost",
              _all(SIGN_IN, but=_NO_RENEWAL)),
        Fault("revoked", "the keys are taken back", _all(SIGN_IN)),
    ),
    "The network is away for six hours": (
        Fault("down", "nothing listens; the community allows three hours of lateness", _all(HELD)),
        Fault("down_but_late_allowed", "nothing listens; the community allows eight hours", _all(AGAIN),
              late=480),
        Fault("lost_then_down", "carried out and the answer lost, then nothing listens; three hours allowed",
              _row(ASKED_LATE_THERE, FOUND, ASKED_THERE, FOUND_LATE, ASKED_LATE_THERE, ASKED_THERE,
                   FOUND_LATE)),
        Fault("lost_then_down_but_late_allowed",
              "carried out and the answer lost, then nothing listens; eight hours allowed",
              _row(KEY_AND_PAUSES, FOUND, ASKED_THERE, FOUND_LATE, ASKED_LATE_THERE, ASKED_THERE, FOUND_LATE),
              late=480),
        Fault("unsent_then_down", "not carried out, the line cut, then nothing listens; three hours allowed",
              _row(ASKED_LATE_ABSENT, HELD_AFTER_LOOKING, ASKED_ABSENT, HELD_AFTER_REPEATS,
                   ASKED_LATE_ABSENT, ASKED_ABSENT, HELD_AFTER_REPEATS)),
        Fault("gateway_for_hours", "a proxy answers everything with 502; eight hours allowed",
              _row(ASKED_AFTER_REPEATS, LOOKED_LATE_AND_SENT, ASKED_ABSENT, LOOKED_AFTER_REPEATS_AND_SENT,
                   ASKED_AFTER_REPEATS, ASKED_ABSENT, LOOKED_AFTER_REPEATS_AND_SENT), late=480),
    ),
    "What goes with the post": (
        Fault("upload_lost", "a picture is taken, and the answer to it lost",
              _all(SENT_AGAIN, but=("vk_group", "telegram"))),
        Fault("upload_cut", "the line is cut amid a picture",
              _all(SENT_AGAIN, but=("vk_group", "telegram"))),
        Fault("picture_lost", "the picture goes with the post itself: both are out, and the answer is lost",
              _only(ASKED_THERE, "telegram")),
        Fault("comment_lost", "the post is out; its first comment is written, the answer to it lost",
              _all(COMMENT_IN_DOUBT, but=("telegram",))),
    ),
}  # fmt: skip
FAULTS: Final[Mapping[str, Fault]] = {fault.name: fault for rows in GROUPS.values() for fault in rows}


def ends() -> Iterator[End]:
    """Every end that some cell has, in the order in which the rows bring them."""
    yield from dict.fromkeys(end for _, _, end in cells())


def cells() -> Iterator[tuple[Fault, Column, End]]:
    """Every cell that has an end."""
    for fault in FAULTS.values():
        for column in COLUMNS:
            if (end := fault.ends[column.name]) is not None:
                yield fault, column, end


def cut_with_reset(fault: Fault, column: Column) -> bool:
    """With RST or with FIN: by turns along rows and columns, so that every ability meets both."""
    return (list(FAULTS).index(fault.name) + COLUMNS.index(column)) % 2 == 0
