"""The page of the search: what was found, by kind, with the found words marked."""

from __future__ import annotations

import re
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from niva.domains.people.actor import Actor
from niva.flows.search import KIND_NAMES, MOST_PAGES, Found, Hit, find
from niva.kit.full_text import BEGIN, END, tidy
from niva.web.people.doors import signed_in

KIND_WORDS: Final[dict[str, str | Promise]] = {
    "post": _("Posts"),
    "piece": _("What is asked of pieces"),
    "remark": _("Remarks"),
    "task": _("Tasks"),
    "source": _("Sources"),
    "fragment": _("Fragments"),
    "client": _("Clients"),
    "community": _("Communities"),
    "rubric": _("Rubrics"),
    "segment": _("Audiences"),
    "message": _("Messages of the strategy"),
    "proof": _("Proof"),
}
_MARKED: Final = re.compile(f"{BEGIN}([^{BEGIN}{END}]*){END}")


@signed_in
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`q`: the question; `kind`: that one alone, page by page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    text = tidy(request.GET.get("q", ""))
    kind = request.GET.get("kind", "")
    kind = kind if kind in KIND_NAMES else ""
    page = _number(request.GET.get("page", ""))
    found = find(actor, text, kind=kind, page=page) if text else []
    context = {
        "text": text,
        "kind": kind,
        "kind_word": KIND_WORDS.get(kind, ""),
        "groups": [_group(one) for one in found],
        "page": page,
        "before": page - 1,
        "after": page + 1 if kind and page < MOST_PAGES and any(one.more for one in found) else 0,
    }
    return render(request, "search/search.html", context)


def _number(value: str) -> int:
    known = value.isascii() and value.isdecimal() and len(value) < 6
    return min(max(int(value), 1), MOST_PAGES) if known else 1


def _group(found: Found) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "word": KIND_WORDS[found.kind],
        "hits": [
            {
                "url": _url(hit),
                "client": hit.client,
                "title": marked(hit.title),
                "snippet": marked(hit.snippet),
            }
            for hit in found.hits
        ],
        "more": found.more,
    }


def _url(hit: Hit) -> str:
    try:
        return reverse(hit.page, args=[hit.number])
    except NoReverseMatch:
        return ""


def marked(text: str) -> SafeString:
    """A snippet for the page: everything escaped, the found words in <mark>."""
    shown = _MARKED.sub(r"<mark>\1</mark>", str(escape(text)))
    return mark_safe(shown.replace(BEGIN, "").replace(END, ""))  # noqa: S308 escaped above
