"""The keeper of an installation: who may see how the whole desk's engine is doing, all workspaces together.

An owner of the workspace that was founded first, the demo apart: whoever sets a desk up founds it. While
there is only the demo, its owner is the keeper: that is somebody trying the desk out on his own machine.
Where the demo is open to strangers, anybody may become an owner of something, so nobody is the keeper.
"""

from __future__ import annotations

from django.conf import settings

from niva.domains.people.actor import Actor
from niva.domains.people.errors import NotFound
from niva.domains.people.models import Membership, Workspace, WorkspaceRole


def is_keeper(actor: Actor | None) -> bool:
    """Whether this person keeps the installation, whichever of his workspaces he is in just now."""
    if actor is None or actor.user is None or settings.DEMO_OPEN or not actor.user.is_active:
        return False
    first = Workspace.objects.order_by("is_demo", "pk").values("pk")[:1]
    return Membership.objects.filter(
        user=actor.user, workspace_id__in=first, role=WorkspaceRole.OWNER
    ).exists()


def demand_keeper(actor: Actor | None) -> None:
    """Raises NotFound: to everybody else these pages are not there."""
    if not is_keeper(actor):
        raise NotFound("health")
