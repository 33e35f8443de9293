"""How communities stand technically: the score with its parts, and the checks that led there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from niva.api.common import After, Limit, Moment, Page, actor_of, page_of
from niva.domains.communities import queries as communities
from niva.domains.condition import queries
from niva.domains.condition.models import Check
from niva.words import describe
from niva.words.condition import PREFIX

router = Router()


class FindingOut(Schema):
    """`state`: ok (seen), done (said by a person), broken, todo (a person is asked), unknown (could not be
    seen), not_applicable. `code` with `params` says why, `says` in words."""

    item: str
    title: str
    state: str
    required: bool
    code: str
    params: dict[str, Any]
    says: str
    since: Moment
    recheck_at: Moment | None
    proof_url: str


class ConditionOut(Schema):
    """`done` of `required` are in order; `unknown` of the rest could not be seen. What does not apply is not
    counted. `looked_at` null: nobody has looked. `failed`: code of why the last look, at `tried_at`, saw
    nothing. `findings`: what is to be done first stands first."""

    community_id: int
    done: int
    required: int
    unknown: int
    looked_at: Moment | None
    tried_at: Moment | None
    failed: str
    findings: list[FindingOut]


class CheckOut(Schema):
    """`cause`: night, hand, answer, mended. `changed`: [item, state before, state after]."""

    id: int
    at: Moment
    cause: str
    done: int
    required: int
    unknown: int
    failed: str
    changed: list[tuple[str, str, str]]


@router.get("/{int:community_id}/condition", response=ConditionOut, summary="Its technical condition")
def get_condition(request: HttpRequest, community_id: int) -> ConditionOut:
    actor = actor_of(request)
    community = communities.community(actor, community_id)
    found = queries.standing(actor, community)
    row = found.row
    return ConditionOut(
        community_id=community.pk,
        done=row.done if row else 0,
        required=row.required if row else 0,
        unknown=row.unknown if row else 0,
        looked_at=row.looked_at if row else None,
        tried_at=row.tried_at if row else None,
        failed=row.code if row else "",
        findings=[_finding(line) for line in (*found.todo, *found.rest)],
    )


def _finding(line: queries.Line) -> FindingOut:
    finding = line.finding
    code = f"{PREFIX}{finding.said}" if finding.said else ""
    return FindingOut(
        item=finding.item,
        title=line.item.title,
        state=finding.state,
        required=finding.required,
        code=code,
        params=finding.params,
        says=str(describe(code, finding.params)) if code else "",
        since=finding.since,
        recheck_at=line.answer.recheck_at if line.answer else None,
        proof_url=line.answer.proof_url if line.answer else "",
    )


@router.get(
    "/{int:community_id}/condition/checks",
    response=Page[CheckOut],
    summary="The checks of its technical condition",
)
def list_checks(request: HttpRequest, community_id: int, after: After, limit: Limit) -> Page[CheckOut]:
    actor = actor_of(request)
    rows = queries.checks(actor, communities.community(actor, community_id))
    return page_of(rows, after, limit, _check)


def _check(row: Check) -> CheckOut:
    return CheckOut(
        id=row.pk,
        at=row.at,
        cause=row.cause,
        done=row.done,
        required=row.required,
        unknown=row.unknown,
        failed=row.code,
        changed=[(one[0], one[1], one[2]) for one in row.changed],
    )
