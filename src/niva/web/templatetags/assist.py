"""The assistant's share of a post's pages: the mark of words that nobody accepted, and the door to ask."""

from __future__ import annotations

from typing import Any

from django import template

from niva.domains.clients import access
from niva.domains.editorial.services import proposals
from niva.domains.publishing.models import Post
from niva.flows import assist

register = template.Library()


@register.inclusion_tag("assistant/mark.html", takes_context=True)
def assist_mark(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """{% assist_mark post %}: nothing for those who do not work on the post, two queries for the others."""
    actor = getattr(context.get("request"), "actor", None)
    if actor is None or not access.may(actor, "write", client_id=post.client_id):
        return {}
    marked = proposals.marked(actor, post=post)
    return {"post": post, "marked": marked, "ready": assist.is_ready(actor)}
