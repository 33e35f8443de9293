"""Marks of tasks in templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from niva.domains.editorial.task_states import TaskState
from niva.domains.publishing.approving import Remark
from niva.web.tasks.words import LOOKS

register = template.Library()


@register.inclusion_tag("parts/status.html")
def task_status(state: str) -> dict[str, Any]:
    """A task's state as icon, word and colour."""
    return {"look": LOOKS[TaskState(state)], "note": ""}


@register.simple_tag
def said(remark: Remark, shown: Mapping[int, SafeString]) -> SafeString | str:
    """The words of a remark with the names of people of here marked; `shown`: by its number."""
    return shown.get(remark.pk, remark.text)
