"""The one address that signs the owner of the demo in."""

from __future__ import annotations

from niva.domains.clients import access
from niva.domains.people import sign_in_links
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import NotFound
from niva.domains.people.models import Membership, WorkspaceRole


def demo_address(base_url: str) -> str:
    """An address that signs the owner of the demo in for the next 24 hours; earlier ones end.

    It may be opened more than once. Raises NotFound when there is no demo.
    """
    owner = (
        Membership.objects.filter(workspace__is_demo=True, role=WorkspaceRole.OWNER, user__is_active=True)
        .select_related("user", "workspace")
        .order_by("joined_at", "pk")
        .first()
    )
    if owner is None:
        raise NotFound("demo")
    secret = sign_in_links.make(user=owner.user, workspace=owner.workspace)
    return f"{base_url.rstrip('/')}/enter/{secret}/"


def enter(secret: str) -> Actor:
    """Whom the address signs in. Raises NotFound and invitations.Spent; nothing but a demo can be entered."""
    link = sign_in_links.find(secret)
    actor = access.actor_for(link.user, link.workspace_id)
    if actor is None or not actor.workspace.is_demo:
        raise NotFound("sign-in link")
    record(actor, "person.entered_by_link", link.user)
    return actor
