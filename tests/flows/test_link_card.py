"""What stands behind a post's link: read from a real server on this machine, with all that may go wrong."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.services.freeze import check
from niva.flows import link_card
from niva.kit.net.preview import PreviewFailed

pytestmark = pytest.mark.django_db
HEAD = '<meta property="og:title" content="Рёбрышки &lt;b&gt;"><meta name="description" content="С фермы">'


class Site(ThreadingHTTPServer):
    pages: dict[str, tuple[str, bytes]]


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = self.server.pages.get(self.path, ("", b""))  # type: ignore[attr-defined]
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = Site(("127.0.0.1", 0), Handler)
    image = io.BytesIO()
    Image.effect_noise((1600, 900), 60).convert("RGB").save(image, "JPEG", quality=95)
    server.pages = {
        "/": ("text/html", (HEAD + '<meta property="og:image" content="/p.jpg">').encode()),
        "/p.jpg": ("image/jpeg", image.getvalue()),
        "/lying": ("text/html", (HEAD + '<meta property="og:image" content="/no.jpg">').encode()),
        "/no.jpg": ("image/jpeg", b"no picture at all"),
    }
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def post(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    return make_post(make_community(make_client(make_workspace())))


def read(post: Any, site: Site, path: str, *, allowed: bool = True) -> bool:
    post.link_url = f"http://127.0.0.1:{site.server_port}{path}"
    post.save()
    inner = [("127.0.0.1", site.server_port)] if allowed else []
    return link_card.read(make_actor(post.workspace), post_id=post.pk, allowed=inner)


def test_title_words_and_a_light_picture_are_kept(post: Any, site: Site) -> None:
    assert read(post, site, "/")
    post.refresh_from_db()
    assert (post.link_card["title"], post.link_card["description"]) == ("Рёбрышки <b>", "С фермы")
    out = check(post.variants.get()).out
    assert out.link is not None and out.link.image is not None
    assert out.link.image.path.is_file()
    assert out.link.image.size <= 900_000


def test_a_picture_that_is_none_leaves_the_rest(post: Any, site: Site) -> None:
    read(post, site, "/lying")
    post.refresh_from_db()
    assert post.link_card == {"title": "Рёбрышки <b>", "description": "С фермы"}


@pytest.mark.parametrize(
    ("path", "allowed", "code"), [("/gone", True, "page_refused"), ("/", False, "address_inside")]
)
def test_what_cannot_be_read_says_why_and_changes_nothing(
    post: Any, site: Site, path: str, allowed: bool, code: str
) -> None:
    with pytest.raises(PreviewFailed) as failed:
        read(post, site, path, allowed=allowed)
    assert failed.value.code == code
    post.refresh_from_db()
    assert post.link_card == {}
