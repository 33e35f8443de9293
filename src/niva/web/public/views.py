"""Doors for networks: a signed file. Nobody signs in here; who has no right address finds nothing."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from niva.domains.people.errors import NotFound
from niva.domains.publishing.delivery.public import file_of
from niva.web.files import give
from niva.web.people.doors import limited


@require_safe
@limited("public_file")
def file(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """One fitted file for the network that was given its address; 404 for every other address."""
    found = file_of(token, name)
    if found is None:
        raise NotFound("file")
    path, mime = found
    stat = path.stat()
    tag = hashlib.sha256(f"{path.name}-{stat.st_size}-{stat.st_mtime_ns}".encode()).hexdigest()[:32]
    answer = give(request, path, mime, tag=tag, cache="private, max-age=3600")
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
