"""The team's page: who is here with which roles, and who was invited."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.clients.models import ClientRole
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, Invalid
from niva.domains.people.keeper import is_keeper
from niva.domains.people.models import Invitation, Membership, WorkspaceRole
from niva.flows import invite as inviting
from niva.flows import team
from niva.web.middleware import NivaRequest
from niva.web.people import reading
from niva.web.people.doors import HOME, absolute, limited, signed_in
from niva.web.people.forms import InviteForm, RolesForm, show

log = logging.getLogger("niva.web.people")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@require_safe
@signed_in
def people(request: NivaRequest) -> HttpResponse:
    """Members in one table, open invitations under it."""
    actor = _actor(request)
    context = {
        "people": reading.people(actor),
        "waiting": reading.waiting(actor),
        "may_invite": actor.everywhere,
        "keeper": is_keeper(actor),
        "owner": _is_owner(actor),
    }
    return render(request, "people/team.html", context)


def _is_owner(actor: Actor) -> bool:
    return actor.role == WorkspaceRole.OWNER


@never_cache
@signed_in
@limited("invite")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """The form; then the link, which is shown this once."""
    actor = _actor(request)
    access.demand_workspace(actor)
    form = InviteForm(request.POST or None, clients=reading.manageable(actor), may_own=_is_owner(actor))
    if request.method == "POST" and form.is_valid():
        chosen = {pk: role for pk, role in form.roles().items() if role}
        values = form.cleaned_data
        try:
            invitation, secret = inviting.invite(
                actor, email=values["email"], role=values["role"], client_roles=chosen
            )
        except Invalid as error:
            show(form, error)
        else:
            return _show_link(request, invitation, secret)
    return render(request, "people/invite.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@signed_in
@limited("invite")
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link for an invitation that waits; the old one ends."""
    invitation, secret = inviting.renew(_actor(request), invitation_id=pk)
    return _show_link(request, invitation, secret)


def _show_link(request: HttpRequest, invitation: Invitation, secret: str) -> HttpResponse:
    link = absolute(request, reverse("invitation", args=[secret]))
    mailed = settings.MAIL_WORKS and _mail(_actor(request), invitation, link)
    context = {"invitation": invitation, "link": link, "mailed": mailed, "mail_works": settings.MAIL_WORKS}
    response = render(request, "people/invited.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _mail(actor: Actor, invitation: Invitation, link: str) -> bool:
    """Sends the letter; False when the mail server did not take it (the link is on the page all the same)."""
    context = {"invitation": invitation, "link": link, "by": actor.name, "workspace": actor.workspace.name}
    subject = _("%(by)s invites you to “%(workspace)s”") % context
    text = render_to_string("people/mail/invitation.txt", context)
    try:
        sent = send_mail(" ".join(subject.split()), text, None, [invitation.email])
    except (SMTPException, OSError):
        log.warning("an invitation could not be mailed", exc_info=True)
        return False
    return sent == 1


@require_POST
@signed_in
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """The invitation's link stops working."""
    invitation = inviting.revoke(_actor(request), invitation_id=pk)
    messages.info(request, _("The link of %(email)s no longer works.") % {"email": invitation.email})
    return redirect("people")


def _form(request: HttpRequest, actor: Actor, target: Membership, *, typed: bool = True) -> RolesForm:
    clients = reading.manageable(actor)
    now = dict(ClientRole.objects.filter(membership=target).values_list("client_id", "role"))
    initial = {"role": target.role, **{f"client_{one.pk}": now.get(one.pk, "") for one in clients}}
    may_role = actor.everywhere and (_is_owner(actor) or target.role != WorkspaceRole.OWNER)
    return RolesForm(
        (request.POST or None) if typed else None,
        clients=clients,
        may_own=_is_owner(actor),
        may_role=may_role,
        initial=initial,
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's roles."""
    actor = _actor(request)
    target = team.member(actor, pk)
    form = _form(request, actor, target)
    if not form.fields:
        raise Forbidden("manage")
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                if "role" in form.fields:
                    team.set_workspace_role(actor, membership_id=pk, role=form.cleaned_data["role"])
                team.set_client_roles(actor, membership_id=pk, roles=form.roles())
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The roles of %(name)s are changed.") % {"name": target.user})
            return redirect("people")
    context = {"form": form, "member": target, "may_remove": actor.everywhere}
    return render(request, "people/member.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a person out of the team, or lets one leave by himself."""
    actor = _actor(request)
    target = team.member(actor, pk)
    try:
        name = team.remove(actor, membership_id=pk)
    except Invalid as error:
        context = {
            "form": _form(request, actor, target, typed=False),
            "member": target,
            "may_remove": actor.everywhere,
            "refused": error.sentence,
        }
        return render(request, "people/member.html", context, status=422)
    if actor.user is not None and target.user_id == actor.user.pk:
        request.session.pop("workspace", None)
        return redirect(HOME)
    messages.info(request, _("%(name)s is no longer in the team. What was done stays.") % {"name": name})
    return redirect("people")
