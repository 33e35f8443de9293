"""Coming in: the first owner, an invitation, the demo's address; the language, the workspace one works in."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.people import invitations, services
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.people.models import Invitation, User
from niva.flows import invite as inviting
from niva.flows import sign_in
from niva.flows.found import found, is_open
from niva.web.people.doors import HOME, begin_session, from_this_machine, limited, safe_next, signed_in
from niva.web.people.forms import AcceptForm, FoundForm, WorkspaceForm, show
from niva.web.people.reading import client_roles_in_words


@never_cache
@limited("found")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """The first owner's form; once there is one, a page that says how to come in."""
    if not is_open():
        return render(request, "people/closed.html", status=403)
    form = FoundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actor = found(**form.cleaned_data, language=translation.get_language() or "ru")
        except Invalid as error:
            show(form, error)
        except Forbidden:
            return render(request, "people/closed.html", status=403)
        else:
            begin_session(request, actor)
            return redirect(HOME)
    return render(request, "people/found.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@limited("invitation")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to, and the button or the form to accept it."""
    try:
        found_one = invitations.find(token)
        if request.user.is_authenticated:
            return _accept_signed_in(request, found_one, token)
        if User.objects.filter(email__iexact=found_one.email).exists():
            return render(request, "people/invitation.html", _about(request, found_one, how="sign_in"))
        return _accept_as_new(request, found_one, token)
    except invitations.Spent as spent:
        return render(
            request, "people/spent.html", {"reason": spent.reason, "what": "invitation"}, status=410
        )


def _spent(request: HttpRequest, spent: invitations.Spent, what: str) -> HttpResponse:
    return render(request, "people/spent.html", {"reason": spent.reason, "what": what}, status=410)


def _about(request: HttpRequest, one: Invitation, **more: object) -> dict[str, object]:
    roles = client_roles_in_words(one)
    sign_in_url = f"{reverse('account_login')}?next={request.path}"
    return {"invitation": one, "roles": roles, "sign_in_url": sign_in_url, **more}


def _accept_signed_in(request: HttpRequest, one: Invitation, token: str) -> HttpResponse:
    user = request.user
    if not isinstance(user, User) or user.email.lower() != one.email.lower():
        return render(request, "people/invitation.html", _about(request, one, how="wrong"), status=403)
    if request.method == "POST":
        actor = inviting.accept(user, secret=token)
        request.session["workspace"] = actor.workspace.pk
        return redirect(HOME)
    return render(request, "people/invitation.html", _about(request, one, how="join"))


def _accept_as_new(request: HttpRequest, one: Invitation, token: str) -> HttpResponse:
    form = AcceptForm(request.POST or None, initial={"time_zone": one.workspace.time_zone})
    if request.method == "POST" and form.is_valid():
        language = translation.get_language() or "ru"
        try:
            actor = inviting.accept_as_new(secret=token, language=language, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            begin_session(request, actor)
            return redirect(HOME)
    context = _about(request, one, how="new", form=form)
    return render(request, "people/invitation.html", context, status=422 if form.errors else 200)


@never_cache
@limited("enter")
@require_http_methods(["GET", "HEAD"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Signs the owner of the demo in. Only from this machine, unless the desk was told otherwise."""
    if not settings.DEMO_OPEN and not from_this_machine(request):
        raise Http404
    if request.method == "HEAD":  # a messenger or a browser that only looks
        return HttpResponse()
    try:
        actor = sign_in.enter(token)
    except invitations.Spent as spent:
        return _spent(request, spent, "enter")
    begin_session(request, actor)
    return redirect(HOME)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The language of the pages: the person's own, or for strangers a cookie."""
    code = request.POST.get("language", "")
    response = redirect(safe_next(request, "/"))
    if code not in dict(settings.LANGUAGES):
        return response
    if isinstance(request.user, User):
        request.user.language = code
        request.user.save(update_fields=["language"])
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=31_536_000, samesite="Lax", secure=settings.HTTPS
    )
    return response


@require_POST
@signed_in
def switch_workspace(request: HttpRequest) -> HttpResponse:
    """Goes on in another of one's workspaces. One that is not his is not there (404)."""
    if not isinstance(request.user, User):
        raise NotFound("workspace")
    wanted = request.POST.get("workspace", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0
    workspace = access.workspaces_of(request.user).filter(pk=number).first()
    if workspace is None:
        raise NotFound("workspace")
    request.session["workspace"] = workspace.pk
    return redirect(HOME)


@signed_in
@limited("invite")
@require_http_methods(["GET", "HEAD", "POST"])
def new_workspace(request: HttpRequest) -> HttpResponse:
    """One more workspace; whoever owns or manages one may make it."""
    access.demand_workspace(request.actor)  # type: ignore[attr-defined]
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and isinstance(request.user, User):
        values = form.cleaned_data
        try:
            actor = services.create_workspace(
                user=request.user, name=values["workspace"], time_zone=values["time_zone"]
            )
        except Invalid as error:
            show(form, error)
        else:
            request.session["workspace"] = actor.workspace.pk
            return redirect(HOME)
    context = {"form": form, "title": _("One more workspace")}
    return render(request, "people/new_workspace.html", context, status=422 if form.errors else 200)
