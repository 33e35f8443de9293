"""Cuts, covers and videos under way, through the composer's form and its addresses."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from niva.domains.publishing.converting import Conversion, ConversionState
from niva.web.posts.tests.conftest import Farm, picture

pytestmark = pytest.mark.django_db


def film(path: Path) -> bytes:
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=12)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        for n in range(24):
            frame = av.VideoFrame.from_image(Image.effect_noise((160, 120), n * 4 + 20).convert("RGB"))
            frame.pts, frame.time_base = n, Fraction(1, 12)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path.read_bytes()


def save(farm: Farm, **more: Any) -> Any:
    farm.post.refresh_from_db()
    data = farm.form(**more)
    return farm.browser().post(f"/posts/{farm.post.pk}/save/", data, headers={"Accept": "application/json"})


def test_the_form_keeps_a_focus_point_and_shows_the_cut(farm: Farm, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    asset = farm.take(picture(4200, 100))
    answer = save(farm, media=[asset.pk], **{f"framing-{asset.pk}": "1", f"focus-{asset.pk}": "0.9,0.5"})
    assert answer.status_code == 200
    assert farm.post.media.get().framing == {"focus": [0.9, 0.5]}
    variant = farm.post.variants.get(community__network="vk")  # long side : short side is 20 at most
    address = f"/posts/files/{asset.pk}/for/{variant.pk}/"
    assert address in json.loads(answer.content)["html"]["#previews"]
    shown = farm.browser().get(address)
    with Image.open(_file(shown)) as cut:
        assert cut.size == (2000, 100)
    assert farm.browser(farm.zoya).get(address).status_code == 404
    plain = save(farm, media=[asset.pk], **{f"framing-{asset.pk}": "1"})
    assert plain.status_code == 200
    assert farm.post.media.get().framing == {}


def _file(answer: Any) -> Any:
    import io

    return io.BytesIO(b"".join(answer.streaming_content))


def test_a_film_tells_how_far_it_is_and_gives_stills(farm: Farm, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    asset = farm.take(film(tmp_path / "a.mkv"), name="film.mkv")
    how = {f"framing-{asset.pk}": "1", f"cover-{asset.pk}": "at", f"cover-at-{asset.pk}": "1.5"}
    answer = save(farm, media=[asset.pk], **how)
    assert farm.post.media.get().framing == {"cover_at": 1.5}
    assert "0 %" in json.loads(answer.content)["html"]["#converting"].replace("\xa0", " ")
    Conversion.objects.update(progress=40)
    told = farm.browser().get(f"/posts/{farm.post.pk}/converting/").content.decode()
    assert "40" in told
    assert "hx-trigger" in told
    Conversion.objects.update(state=ConversionState.FAILED, code="too_heavy")
    told = farm.browser().get(f"/posts/{farm.post.pk}/converting/").content.decode()
    assert "hx-trigger" not in told
    assert 'id="previews" hx-swap-oob' in told
    browser = farm.browser()
    assert browser.get(f"/posts/files/{asset.pk}/still/?at=1").headers["Content-Type"] == "image/jpeg"
    for at in ("", "x", "nan", "1e999"):
        assert browser.get(f"/posts/files/{asset.pk}/still/?at={at}").status_code in (200, 404)
    assert farm.browser(farm.zoya).get(f"/posts/files/{asset.pk}/still/").status_code == 404
