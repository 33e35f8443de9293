"""What the pages of a strategy show, prepared so that templates only print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, KeyTask
from niva.domains.communities import queries as communities
from niva.domains.people.actor import Actor
from niva.domains.strategy import queries
from niva.domains.strategy.grounds import Ground, Message, NetworkTask, Place, Way
from niva.domains.strategy.guides import Step, Words, all_steps
from niva.domains.strategy.ledger import Table
from niva.domains.strategy.queries import Stand, Whole
from niva.kit.text import number
from niva.web.clients import contexts as client_contexts
from niva.web.clients import sentences
from niva.web.clients.words import in_language, metric_word
from niva.web.looks import network_name
from niva.web.templatetags.niva import day

# How each state of a step looks: the class of a state of posts, the icon and the word.
LOOKS = {
    "done": ("is-out", "circle-check", _("written")),
    "begun": ("is-waiting", "pencil", _("begun")),
    "skipped": ("is-cancelled", "player-skip-forward", _("left out")),
    "empty": ("is-draft", "circle-dashed", _("not begun")),
}


def said(words: Words) -> str:
    """In the person's language."""
    return in_language(words, get_language())


@dataclass(frozen=True, slots=True)
class StepView:
    """A step in words. `number` from 1."""

    code: str
    kind: str
    number: int
    title: str
    why: str
    what: str
    example: str
    state: str
    look: str
    icon: str
    word: str
    note: str
    rows: int


def step_view(number: int, stand: Stand) -> StepView:
    step = stand.step
    look, icon, word = LOOKS[stand.state]
    return StepView(
        code=step.code, kind=step.kind, number=number, title=said(step.title), why=said(step.why),
        what=said(step.what), example=said(step.example), state=stand.state, look=look, icon=icon,
        word=str(word), note=stand.answer.note if stand.answer else "", rows=stand.rows,
    )  # fmt: skip


def step_views(whole: Whole) -> list[StepView]:
    return [step_view(number, stand) for number, stand in enumerate(whole.steps, 1)]


def frame(actor: Actor, whole: Whole) -> dict[str, Any]:
    """What every page of the strategy needs."""
    context = client_contexts.frame(actor, whole.client, "strategy")
    context["may"]["strategy"] = access.may(actor, "strategy", client_id=whole.client.pk)
    context["may"]["work"] = access.may(actor, "work", client_id=whole.client.pk)
    return context | {
        "whole": whole,
        "guide": {
            "code": whole.guide.code,
            "title": said(whole.guide.title),
            "about": said(whole.guide.about),
        },
        "total": len(whole.steps),
    }


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as a name and its filled cells: (word, text, is it a link)."""

    row: Ground
    name: str
    cells: list[tuple[str, str, bool]]
    network: str = ""


def row_views(rows: Sequence[Ground], table: Table) -> list[RowView]:
    return [row_view(row, table) for row in rows]


def row_view(row: Ground, table: Table) -> RowView:
    first = table.fields[0] if table.word not in ("messages",) else "text"
    network = row.network if isinstance(row, NetworkTask) else ""
    cells = [
        (str(column(table, name).verbose_name), text, name == "link")
        for name in table.fields
        if name != first and (text := _cell(row, name))
    ]
    return RowView(row, network_name(network) if network else str(getattr(row, first)), cells, network)


def column(table: Table, name: str) -> models.Field[Any, Any]:
    column = table.model._meta.get_field(name)
    assert isinstance(column, models.Field)
    return column


def _cell(row: Ground, name: str) -> str:
    """A cell in words; "" for an empty one."""
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if value is None or value == "":
        return ""
    if hasattr(value, "year"):
        return day(value, timezone.localdate())
    if name in ("hours", "per_month"):
        return number(value, get_language() or "ru")
    return str(value)


def matrix(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages by segment (rows) and stage of the way (columns)."""
    by_segment: dict[str, dict[str, list[Message]]] = {}
    for one in messages:
        who = str(one.segment) if one.segment else str(_("everybody"))
        by_segment.setdefault(who, {}).setdefault(one.stage, []).append(one)
    return [
        {"who": who, "cells": [(Way(stage).label, found.get(stage, [])) for stage in Way.values]}
        for who, found in by_segment.items()
    ]


def network_hints(actor: Actor, client: Client, rows: Sequence[NetworkTask]) -> list[dict[str, str]]:
    """Networks where the client has communities and no reason is written, with the tasks they have now."""
    named = {row.network for row in rows}
    hints: dict[str, dict[str, str]] = {}
    for community in communities.of_client(actor, client.pk):
        if community.network not in named and community.network != "practice":
            hint = hints.setdefault(
                community.network,
                {"key": community.network, "name": network_name(community.network), "tasks": ""},
            )
            word = str(KeyTask(community.task).label)
            if word not in hint["tasks"]:
                hint["tasks"] = f"{hint['tasks']}, {word}" if hint["tasks"] else word
    return list(hints.values())


def figures(whole: Whole) -> dict[str, Any]:
    """The main figure, its supports, the price threshold, what is not measured: as they stand at the goal."""
    goal = whole.goal
    silences = client_contexts.silences(whole.client)
    if goal is None:
        return {"goal": None, "silences": silences}
    return {
        "goal": goal,
        "plan": sentences.amount(goal, goal.plan),
        "supports": [metric_word(metric) for metric in goal.supports],
        "silences": silences,
    }


def title_of(code: str) -> str:
    """The title of a step by its code, whatever guide has it; the code itself for one that is gone."""
    step: Step | None = all_steps().get(code)
    return said(step.title) if step else code


def rows_for(actor: Actor, client_id: int, table: Table, *, archived: bool = False) -> list[Ground]:
    return list(queries.rows_of(actor, client_id=client_id, table=table.word, archived=archived))


def free_again(rows: Sequence[Ground]) -> int:
    """How many places allow a post today."""
    today = timezone.localdate()
    return sum(isinstance(row, Place) and (row.again_on is None or row.again_on <= today) for row in rows)
