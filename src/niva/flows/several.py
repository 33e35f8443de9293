"""A sign-in that opened several communities: what the person's session keeps until one is chosen."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from niva.domains.communities.models import Community, DeveloperApp
from niva.kit.seal import seal, unseal
from niva.networks.base.network import Candidate, SeveralFit
from niva.networks.base.types import Credential


@dataclass(frozen=True, slots=True)
class Several:
    """`kept`: for the session: which community and app, what can be chosen, and the keys, sealed."""

    community: Community
    kept: dict[str, Any]


def keep_several(community: Community, app: DeveloperApp, fit: SeveralFit, *, until: float) -> Several:
    """`until`: seconds since the epoch after which the choice is no longer taken."""
    found = fit.candidates
    sealed = seal({"candidates": [_packed(one) for one in found]}, settings.TOKEN_KEYS)
    kept = {
        "community": community.pk,
        "app": app.pk,
        "until": until,
        "together": fit.together,
        "places": [
            {"id": one.id, "name": one.name[:120] or _("Your own feed"), "detail": one.detail[:200]}
            for one in found
        ],
        "sealed": base64.b64encode(sealed).decode(),
    }
    return Several(community, kept)


def opened(kept: Mapping[str, Any]) -> dict[str, Credential]:
    """The keys of every community that can be chosen, by its id there."""
    found = unseal(base64.b64decode(kept["sealed"]), settings.TOKEN_KEYS)["candidates"]
    return {
        place["id"]: Credential(
            one["secrets"],
            one["facts"],
            datetime.fromisoformat(one["expires_at"]) if one["expires_at"] else None,
        )
        for place, one in zip(kept["places"], found, strict=True)
    }


def _packed(one: Candidate) -> dict[str, Any]:
    ends = one.credential.expires_at
    return {
        "secrets": dict(one.credential.secrets),
        "facts": dict(one.credential.facts),
        "expires_at": ends.isoformat() if ends else "",
    }
