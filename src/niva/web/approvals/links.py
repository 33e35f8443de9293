"""The link of a request, shown once: with a text for a messenger and word of whether a letter has left."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from niva.domains.publishing.approving import Approval
from niva.flows import approval_letters as letters
from niva.web.people.doors import absolute


def shown(request: HttpRequest, row: Approval, secret: str, *, again: bool = False) -> HttpResponse:
    """`again`: a new link of the same request; it is not mailed, the person came to copy it."""
    link = absolute(request, letters.path_of(secret))
    mailed = not again and letters.mail(row, link)
    context = {
        "row": row,
        "link": link,
        "text": letters.message(row, link),
        "mailed": mailed,
        "mail_works": settings.MAIL_WORKS,
        "again": again,
        "until": letters.until(row),
    }
    answer = render(request, "approvals/asked.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
