"""The answers that are not pages of their own: 400, 403, 404, 409, 413, 422, 429, 500.

Whole pages for people, a short fragment for htmx, JSON for islands; never a stack trace.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.people.errors import Conflict, Invalid

CAPABILITY_WORDS = {
    "work": gettext_lazy("see the newsroom"),
    "write": gettext_lazy("write posts"),
    "edit": gettext_lazy("lead the newsroom"),
    "strategy": gettext_lazy("change the strategy"),
    "pay": gettext_lazy("see and settle pay"),
    "approve": gettext_lazy("decide for the client"),
    "publish": gettext_lazy("publish and take back"),
    "stop": gettext_lazy("stop publishing for the client"),
    "connect": gettext_lazy("connect communities"),
    "goals": gettext_lazy("change goals and costs"),
    "manage": gettext_lazy("change the client"),
    "workspace": gettext_lazy("manage the workspace"),
    "owner": gettext_lazy("make and unmake owners"),
}


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _answer(request: HttpRequest, status: int, sentence: str, **context: object) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": sentence, **context}, status=status)
    if request.headers.get("HX-Request"):
        return render(request, "errors/fragment.html", {"sentence": sentence, **context}, status=status)
    return render(request, f"errors/{status}.html", {"sentence": sentence, **context}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, _("The address or the form cannot be read. Go back and try again."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, _("There is no such page, or it is not yours to see."))


def forbidden(request: HttpRequest, needs: str = "") -> HttpResponse:
    what = str(CAPABILITY_WORDS.get(needs, ""))
    sentence = _("Your role does not let you do this.")
    if what:
        sentence = _("Your role does not let you %(what)s. Ask the owner of the workspace.") % {"what": what}
    return _answer(request, 403, sentence)


def invalid(request: HttpRequest, error: Invalid) -> HttpResponse:
    """A form normally shows its own errors; this is for what reached no form."""
    return _answer(request, 422, error.sentence, errors=error.errors)


def conflict(request: HttpRequest, error: Conflict) -> HttpResponse:
    return _answer(request, 409, str(error))


def too_many(request: HttpRequest) -> HttpResponse:
    return _answer(
        request, 429, _("Too many tries in a row. Wait a few minutes and try again: nothing is lost.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(
        request,
        500,
        _("Something broke on our side. What you typed stays in the form: go back and try again."),
        request_id=getattr(request, "id", ""),
    )


def forbidden_by_django(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What Django itself refuses (a suspicious request, a permission of its own)."""
    return forbidden(request)
