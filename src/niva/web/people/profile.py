"""One's own page: name, language, colours, time zone, keys, security, tokens, workspaces."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.people import queries, services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.people.models import User
from niva.web.context import THEME_COOKIE
from niva.web.people.doors import signed_in
from niva.web.people.forms import ProfileForm, TokenForm, show
from niva.web.people.reading import role_word


def _me(request: HttpRequest) -> tuple[Actor, User]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.user is None:
        raise NotFound("person")
    return actor, actor.user


def _security(user: User) -> dict[str, object]:
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {
        "has_password": user.has_usable_password(),
        "has_totp": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_codes": Authenticator.Type.RECOVERY_CODES in kinds,
    }


def _page(request: HttpRequest, *, status: int = 200, **forms: object) -> HttpResponse:
    actor, user = _me(request)
    now = timezone.now()
    tokens = queries.living_tokens(actor.workspace, user)
    memberships = queries.memberships_of(user)
    context: dict[str, object] = {
        "form": ProfileForm(instance=user),
        "token_form": TokenForm(auto_id="id_token_%s"),
        "security": _security(user),
        "tokens": [
            {"token": one, "expired": one.expires_at is not None and one.expires_at <= now} for one in tokens
        ],
        "workspaces": [
            {"membership": one, "role": role_word(one.role), "here": one.workspace_id == actor.workspace.pk}
            for one in memberships
        ],
        "may_found": actor.everywhere,
        **forms,
    }
    return render(request, "people/profile.html", context, status=status)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Shows and saves what one may choose for oneself."""
    if request.method != "POST":
        return _page(request)
    _actor, user = _me(request)
    # A copy, so that a refused value does not show in the rail.
    form = ProfileForm(request.POST, instance=User.objects.get(pk=user.pk))
    if not form.is_valid():
        return _page(request, status=422, form=form)
    saved = form.save()
    with override(saved.language):
        messages.success(request, _("Your settings are saved."))
    response = redirect("profile")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, saved.language, max_age=31_536_000, samesite="Lax")
    # The switch in the menu writes this cookie; what was chosen here is newer.
    if saved.theme == "auto":
        response.delete_cookie(THEME_COOKIE)
    else:
        response.set_cookie(THEME_COOKIE, saved.theme, max_age=31_536_000, samesite="Lax")
    return response


@never_cache
@require_POST
@signed_in
def make_token(request: HttpRequest) -> HttpResponse:
    """Makes a token and shows it: this once."""
    actor, _user = _me(request)
    form = TokenForm(request.POST, auto_id="id_token_%s")
    if form.is_valid():
        try:
            token, secret = services.create_token(actor, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            response = render(request, "people/token.html", {"token": token, "secret": secret})
            response["Cache-Control"] = "no-store"
            return response
    return _page(request, status=422, token_form=form)


@require_POST
@signed_in
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a token."""
    actor, _user = _me(request)
    token = services.revoke_token(actor, token_id=pk)
    messages.info(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("profile")
