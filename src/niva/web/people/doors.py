"""Getting in: who must be signed in for what, how a session begins, how often a door may be tried."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from niva.domains.people.actor import Actor
from niva.domains.people.models import User
from niva.web import answers

View = Callable[..., HttpResponse]
HOME = "/"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Our own doors beside allauth's; secrets of 256 bits are not guessed, the limit spares the machine.
RATES = {"found": "10/m/ip", "invitation": "30/m/ip", "enter": "30/m/ip", "invite": "30/m/user",
         "public_file": "600/m/ip", "public_feed": "120/m/ip", "plan_link": "60/m/ip",
         "messenger": "10/m/user", "assist": "20/m/user",
         "lead_form": "60/m/ip,600/m/key", "lead_hook": "300/m/ip,300/m/key",
         "decide": "120/m/ip,40/m/key", "decide_file": "600/m/ip"}  # fmt: skip
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_HOST", "HTTP_VIA")


def signed_in(view: View) -> View:
    """The view runs with `request.actor` set: strangers sign in first, people without a team are told."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if getattr(request, "actor", None) is None:
            return render(request, "people/no_workspace.html", status=403)
        return view(request, *args, **kwargs)

    return wrapped


def limited(action: str) -> Callable[[View], View]:
    """At most as many tries as RATES say, GET counted as well; then 429 in words."""

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            usage = ratelimit.consume(
                request, app="niva", action=action, config=RATES, user=request.user, limit_get=True
            )
            if usage is None:
                return answers.too_many(request)
            return view(request, *args, **kwargs)

        return wrapped

    return decorator


def begin_session(request: HttpRequest, actor: Actor) -> None:
    """Signs the actor in under a fresh session key, in his workspace."""
    if not isinstance(actor.user, User):
        raise ValueError("the machine does not sign in")
    login(request, actor.user, backend=BACKEND)
    request.session.cycle_key()
    request.session["workspace"] = actor.workspace.pk


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Where the form asks to go afterwards, when that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Only whole paths: `redirect` would take a bare word for the name of a page.
    return wanted if safe and wanted.startswith("/") else otherwise


def from_this_machine(request: HttpRequest) -> bool:
    """Whether the browser runs where the desk runs: a loopback address and nobody in between."""
    if any(header in request.META for header in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    # A socket that listens on both families gives IPv4 callers as ::ffff:127.0.0.1.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def absolute(request: HttpRequest, path: str) -> str:
    """A path as an address for letters and for copying: on the desk's own name where it is known."""
    return settings.BASE_URL + path if settings.BASE_URL else request.build_absolute_uri(path)
