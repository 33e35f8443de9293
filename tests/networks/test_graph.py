"""What Meta's networks share: refusals, usage headers, proof, paging, and the lists they are held against."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from niva.networks.base import graph, graph_spec
from niva.networks.base.errors import (
    Gone,
    Limited,
    NeedsLogin,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.transport import Reply
from niva.words import is_known

FOLDER = Path(graph.__file__).parent
FILES = [
    *FOLDER.glob("graph*.py"), FOLDER / "meta.py", FOLDER / "containers.py",
    *(file for name in ("facebook", "instagram", "threads") for file in (FOLDER.parent / name).glob("*.py")),
]  # fmt: skip
SAID = re.compile(
    r'(?:Rejected|NeedsLogin|Gone|Temporary|Limited|add|warn)\(\s*"(\w+)"|'
    r'(?:\((?:Rejected|NeedsLogin|Gone|Temporary|Limited)|Absent\((?:metric|"\w+")), "(\w+)"'
)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def reply(error: Mapping[str, Any] | None = None, status: int = 400, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps({"error": error}).encode())


def refused(
    code: int, subcode: int = 0, *, writes: bool = True, status: int = 400, **more: Any
) -> NetworkError:
    told = {"code": code, "error_subcode": subcode, "message": "words", **more}
    return graph.error_of(told, reply(told, status), writes=writes, now=NOW)


@pytest.mark.parametrize(
    ("code", "subcode", "kind", "ours"),
    [
        (190, 0, NeedsLogin, "token_revoked"),
        (190, 460, NeedsLogin, "token_revoked"),
        (190, 463, NeedsLogin, "token_expired"),
        (190, 459, NeedsLogin, "account_checkpoint"),
        (190, 492, NeedsLogin, "role_lost"),
        (102, 0, NeedsLogin, "token_expired"),
        (10, 0, NeedsLogin, "no_right"),
        (10, 2018278, Rejected, "reply_window_closed"),
        (200, 0, NeedsLogin, "no_right"),
        (299, 0, NeedsLogin, "no_right"),
        (4, 0, Limited, "too_often"),
        (17, 0, Limited, "too_often"),
        (32, 0, Limited, "too_often"),
        (613, 0, Limited, "too_often"),
        (80001, 0, Limited, "too_often"),
        (368, 0, Rejected, "action_blocked"),
        (506, 0, Rejected, "duplicate_post"),
        (2635, 0, Rejected, "api_version_withdrawn"),
        (12, 0, Rejected, "api_version_withdrawn"),
        (100, 33, Gone, "not_found"),
        (100, 0, Rejected, "refused"),
        (1609005, 0, Rejected, "link_refused"),
        (1, 0, OutcomeUnknown, "server_error"),
        (2, 0, OutcomeUnknown, "server_error"),
        (987_654, 0, Rejected, "refused"),
    ],
)
def test_what_a_code_means(code: int, subcode: int, kind: type[NetworkError], ours: str) -> None:
    found = refused(code, subcode)
    assert (type(found), found.code) == (kind, ours)
    assert str(code) in found.detail
    assert is_known(ours), f"{ours} has no words"


def test_whose_limit_it_is() -> None:
    scopes = {code: found.scope for code in (4, 17, 32) if isinstance(found := refused(code), Limited)}
    assert scopes == {4: "app", 17: "account", 32: "community"}


def test_a_passing_fault_is_unknown_for_a_write_and_temporary_for_a_read() -> None:
    assert isinstance(refused(2, writes=False), Temporary)
    assert isinstance(refused(100, is_transient=True), OutcomeUnknown)
    assert isinstance(refused(77, status=503), OutcomeUnknown)


def test_the_header_names_the_minutes() -> None:
    usage = {"1": [{"estimated_time_to_regain_access": 7}, {"estimated_time_to_regain_access": 19}]}
    header = {"X-Business-Use-Case-Usage": json.dumps(usage)}
    assert graph.until(Reply(400, header, b""), NOW) == NOW + timedelta(minutes=19)
    assert graph.until(Reply(400, {"Retry-After": "30"}, b""), NOW) == NOW + timedelta(seconds=30)
    usage["1"][0]["estimated_time_to_regain_access"] = 10**9
    header = {"X-Business-Use-Case-Usage": json.dumps(usage)}
    assert graph.until(Reply(400, header, b""), NOW) == NOW + timedelta(days=1), (
        "nobody is believed for longer"
    )
    for odd in ("", "{", "[]", '{"1": 5}', '{"1": [5, {"estimated_time_to_regain_access": "x"}]}'):
        assert graph.until(Reply(400, {"X-Business-Use-Case-Usage": odd}, b""), NOW) is None


def test_metas_words_come_without_the_key() -> None:
    found = refused(190, message="Malformed access token EAABsbCS1iHgBAJZCZCqZBZA0123456789")
    assert "EAABsbCS" not in f"{found} {found.detail}"


def test_insights_of_either_shape() -> None:
    told = {
        "data": [
            {"name": "reach", "values": [{"value": 3}, {"value": 5}]},
            {"name": "views", "total_value": {"value": 9}},
            {"name": "odd", "values": [{"value": {"a": 1}}]},
            {"name": "none", "values": []},
        ]
    }
    assert graph.insights(told) == {"reach": 5, "views": 9}


def test_moments_of_any_shape() -> None:
    assert graph.moment("2026-11-23T12:00:00+0000") == NOW
    assert graph.moment("2026-11-23T15:00:00+03:00") == NOW
    assert graph.moment(None).year == 1


@pytest.mark.skipif(not graph_spec.given(), reason="NIVA_CONTRACTS is not set: Meta's lists are not at hand")
def test_the_lists_do_find_faults() -> None:
    ask = graph_spec.request_faults
    assert ask("POST", "Page", "feed", {"message": "a", "published": "true"}) == []
    assert ask("POST", "Page", "feed", {"mesage": "a"}) == ["POST Page/feed: unknown parameter mesage"]
    assert ask("POST", "Page", "feed", {"published": "perhaps"}) != []
    assert ask("POST", "Page", "nowhere", {}) == ["POST Page/nowhere: no such call"]
    assert ask("POST", "Page", "messages", {"message": "{}"}) == ["POST Page/messages: recipient is missing"]
    assert ask("POST", "Page", "video_reels", {"upload_phase": "begin"}) != []
    assert ask("GET", "Page", "", {"fields": "id,name,published_posts.limit(1){id},of_mine"}) == [
        "GET Page/: no field of_mine of Page"
    ]
    assert graph_spec.reply_faults("PagePost", {"id": "1", "text": "a"}) == ["PagePost: no field text"]


@pytest.mark.parametrize(
    "code", sorted({a or b for file in FILES for a, b in SAID.findall(file.read_text())})
)
def test_every_code_has_words(code: str) -> None:
    assert is_known(code)
