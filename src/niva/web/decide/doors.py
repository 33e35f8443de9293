"""What every answer behind a secret link has in common: nothing of it is kept, framed, found or passed on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from niva.domains.people.errors import NotFound
from niva.domains.people.secrets import fingerprint
from niva.web import answers
from niva.web.people.doors import RATES

View = Callable[..., HttpResponse]


def secret_door(action: str, *, keep: bool = False) -> Callable[[View], View]:
    """For views whose first argument is the secret. Limited by address and by secret; `keep`: files may be
    kept by this one browser.

    No CSRF token is asked for: the secret in the address is all that lets anybody in, no cookie is looked at,
    and under Referrer-Policy "no-referrer" browsers send `Origin: null`, which Django would refuse.
    """

    def decorator(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def wrapped(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
            usage = ratelimit.consume(
                request, app="niva", action=action, config=RATES, key=fingerprint(token), limit_get=True
            )
            with translation.override(_language(request)):
                if usage is None:
                    return _dressed(answers.too_many(request), keep=False)
                try:
                    answer = view(request, token, *args, **kwargs)
                except NotFound:
                    return _dressed(answers.not_found(request), keep=False)
            return _dressed(answer, keep=keep)

        return wrapped

    return decorator


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("in", "")
    return wanted if wanted in dict(settings.LANGUAGES) else translation.get_language() or "ru"


def _dressed(answer: HttpResponse, *, keep: bool) -> HttpResponse:
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    if not keep or answer.status_code >= 400:
        answer["Cache-Control"] = "no-store"
    # 4xx answers are told to the log by Django with their address; this one is a secret.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def origin(request: HttpRequest) -> dict[str, str]:
    """From where somebody decides, for the evidence."""
    return {
        "address": get_adapter().get_client_ip(request) or "",
        "browser": request.headers.get("User-Agent", "")[:300],
    }
