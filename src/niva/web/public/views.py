"""Doors for networks: a signed file, a feed and its pieces. Nobody signs in; wrong addresses open nothing."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from niva.domains.people.errors import NotFound
from niva.domains.publishing.delivery.public import file_of
from niva.flows import feed as flow
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


@require_safe
@limited("public_feed")
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of one community for the robot that was given its address."""
    written = flow.serve(token, by=request.headers.get("User-Agent", ""))
    if written is None:
        raise NotFound("feed")
    answer = HttpResponse(written, content_type="application/rss+xml; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
@limited("public_feed")
def item(request: HttpRequest, guid: str) -> HttpResponse:
    """One piece of the feed as a page, where its link leads."""
    found = flow.article(guid)
    if found is None:
        raise NotFound("item")
    title, html = found
    # Written by the network's own module: everything that people typed is escaped there.
    answer = render(request, "public/item.html", {"title": title, "article": SafeString(html)})
    answer["X-Robots-Tag"] = "noindex"
    return answer
