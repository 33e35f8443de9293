"""What every request goes through: an id for the logs, who acts, in which language and time zone."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.web.answers import conflict, forbidden, invalid, not_found

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("niva.web")


class NivaRequest(HttpRequest):
    """What views get: a request with an id and, once signed in, an actor."""

    id: str
    actor: Actor | None


def request_id(get_response: Answer) -> Answer:
    """Names the request, so that an error page and a log line can be matched."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        response = get_response(request)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response

    return middleware


class actor:
    """Sets `request.actor` and turns the domains' errors into answers, on every page alike."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            wanted = request.session.get("workspace")
            request.actor = access.actor_for(request.user, wanted) or access.actor_for(request.user)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        match error:
            case NotFound():
                return not_found(request)
            case Forbidden():
                return forbidden(request, error.needs)
            case Invalid():
                return invalid(request, error)
            case Conflict():
                return conflict(request, error)
        return None


def language(get_response: Answer) -> Answer:
    """The person's own language and time zone; for strangers a cookie, then the browser's wish."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user if request.user.is_authenticated else None
        code = user.language if user else translation.get_language_from_request(request)
        translation.activate(code)
        request.LANGUAGE_CODE = code
        timezone.activate(ZoneInfo(user.time_zone if user else "Europe/Moscow"))
        try:
            response = get_response(request)
        finally:
            timezone.deactivate()
        response.headers.setdefault("Content-Language", code)
        return response

    return middleware
