"""The dictionary of measures as a page: what each figure means, its formula, who gives it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from niva.web.dictionary.formulas import everything
from niva.web.people.doors import signed_in


@require_safe
@signed_in
def dictionary(request: HttpRequest) -> HttpResponse:
    """Every measure of the desk."""
    return render(request, "dictionary/page.html", {"measures": everything()})
