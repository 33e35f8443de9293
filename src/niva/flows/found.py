"""The first owner: the person and his workspace in one go, and then the door closes."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from niva.domains.people import services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden
from niva.domains.people.models import Membership, User, Workspace

# Any constant will do: it only has to be the same for all who found. These are the letters of "niva".
_LOCK = 0x6E697661


def is_open() -> bool:
    """Whether anybody may still become the first owner. The people of the demo do not count."""
    if Workspace.objects.filter(is_demo=False).exists():
        return False
    in_demo = Membership.objects.filter(user=OuterRef("pk"), workspace__is_demo=True)
    return not User.objects.filter(~Exists(in_demo)).exists()


@transaction.atomic
def found(
    *, name: str, email: str, password: str, workspace: str, time_zone: str, language: str = "ru"
) -> Actor:
    """The first person and his workspace. Raises Invalid for the fields, Forbidden when the door is closed.

    Two at the same moment: the lock lets one through, the other then sees the door closed.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    if not is_open():
        raise Forbidden("found")
    user = services.create_person(
        email=email, name=name, password=password, language=language, time_zone=time_zone
    )
    return services.create_workspace(user=user, name=workspace, time_zone=time_zone)
