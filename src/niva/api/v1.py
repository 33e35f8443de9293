"""`/api/v1`: tokens, errors and the routers put together. The document is `/api/v1/openapi.json`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle

from niva.api import by_hand, clients, communities, condition, figures, leads, pieces, posts, publications
from niva.api.parsing import SoundParser
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.flows.tokens import actor_by_token
from niva.networks.base.errors import NetworkError
from niva.words import describe


class TokenAuth(HttpBearer):
    """`Authorization: Bearer niva_…`, made by `niva token create` or in one's profile."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = actor_by_token(token)
        if actor is not None:
            request.actor = actor  # type: ignore[attr-defined]
        return actor


class PerPerson(AuthRateThrottle):
    """Counted by the person, not by the token's text."""

    def get_cache_key(self, request: HttpRequest) -> str:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        return f"api:{actor.workspace.pk}:{actor.user.pk if actor.user else 0}"


api = NinjaAPI(
    title="Niva API",
    version="1",
    urls_namespace="api-v1",
    description="One desk for the whole job of an SMM manager. Times are ISO 8601 with an offset.",
    auth=TokenAuth(),
    throttle=[PerPerson("600/m")],
    docs_url=None,
    parser=SoundParser(),
)
api.add_router("/clients", clients.router, tags=["clients"])
api.add_router("/goals", clients.goals_router, tags=["goals"])
api.add_router("/communities", communities.router, tags=["communities"])
api.add_router("/communities", condition.router, tags=["condition"])
api.add_router("/leads", leads.router, tags=["leads"])
api.add_router("/posts", posts.router, tags=["posts"])
api.add_router("/pieces", pieces.router, tags=["pieces"])
api.add_router("/deliveries", posts.deliveries_router, tags=["deliveries"])
api.add_router("/publications", publications.router, tags=["publications"])
api.add_router("", by_hand.router, tags=["by hand"])
api.add_router("", figures.router, tags=["figures"])


def _answer(request: HttpRequest, status: int, error: str, **more: Any) -> HttpResponse:
    return api.create_response(request, {"error": error, **more}, status=status)


@api.exception_handler(NotFound)
def _not_found(request: HttpRequest, error: NotFound) -> HttpResponse:
    return _answer(request, 404, "There is no such thing, or it is not yours to see.")


@api.exception_handler(Forbidden)
def _forbidden(request: HttpRequest, error: Forbidden) -> HttpResponse:
    return _answer(request, 403, "Your role does not allow this.", needs=error.needs)


@api.exception_handler(Invalid)
def _invalid(request: HttpRequest, error: Invalid) -> HttpResponse:
    return _answer(request, 422, "The input cannot be taken.", fields=error.errors)


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for one in error.errors:
        where = ".".join(str(part) for part in one.get("loc", ())[1:] if part not in ("payload", "data"))
        fields.setdefault(where, []).append(str(one.get("msg", "")))
    return _answer(request, 422, "The input cannot be taken.", fields=fields)


@api.exception_handler(Conflict)
def _conflict(request: HttpRequest, error: Conflict) -> HttpResponse:
    version = getattr(error.current, "version", None)
    return _answer(request, 409, str(error), version=version)


@api.exception_handler(NetworkError)
def _network(request: HttpRequest, error: NetworkError) -> HttpResponse:
    return _answer(request, 502, str(describe(error.code, {"detail": error.detail})), code=error.code)
