"""From a recording to pieces on the board, through the pages; and what they say to bad input."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from niva.domains.clients.factories import make_actor
from niva.domains.communities.factories import make_slots
from niva.domains.editorial.models import Piece
from niva.domains.editorial.tasking import Task
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.domains.sources.factories import make_fragment, make_source
from niva.domains.sources.models import Clip, Derivative, Fragment, Source
from niva.kit.jobs import testing
from niva.kit.tests.test_clips import recording
from niva.web.posts.tests.conftest import Farm

pytest_plugins = ()
pytestmark = pytest.mark.django_db
SRT = "\n".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\nАнна: Строка {n}\n" for n in range(5))


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def farm() -> Farm:
    return Farm()


@pytest.fixture
def source(farm: Farm) -> Source:
    return make_source(farm.client, happened_on=timezone.localdate())


def send(browser: Any, source: Source, content: bytes, *, size: int = 20_000) -> Any:
    answer = None
    for offset in range(0, len(content), size):
        answer = browser.post(
            f"/sources/{source.pk}/part/?offset={offset}&total={len(content)}&name=a.mp4",
            content[offset : offset + size],
            content_type="application/octet-stream",
        )
    return answer


def test_from_an_empty_list_to_pieces_on_the_board(farm: Farm, tmp_path: Path) -> None:
    browser = farm.browser(farm.gleb)
    assert b"fifteen to thirty pieces" in browser.get("/sources/").content
    values = {"client": farm.client.pk, "kind": "recording", "title": "Meat live", "rights": "ours"}
    made = browser.post("/sources/new/", {**values, "marks": "0:02 foil", "parts": "One\nTwo"})
    source = Source.objects.get()
    assert made.headers["Location"] == f"/sources/{source.pk}/"
    assert source.marks == [{"at": 2000, "word": "foil"}]
    content = recording(tmp_path / "a.mp4", seconds=5).read_bytes()
    assert send(browser, source, content).json() == {"here": len(content), "done": True}
    file = SimpleUploadedFile("a.srt", SRT.encode("cp1251"))
    browser.post(f"/sources/{source.pk}/transcript/", {"file": file})
    assert source.cues.count() == 5 and set(source.cues.values_list("speaker", flat=True)) == {"Анна"}
    cues = list(source.cues.all())
    answer = browser.post(f"/sources/{source.pk}/fragments/", {"cue": [cues[1].pk, cues[3].pk]})
    fragment = Fragment.objects.get()
    assert answer.headers["Location"] == f"/sources/fragments/{fragment.pk}/"
    assert (fragment.start, fragment.end, fragment.quote) == (1000, 4000, "Строка 1 Строка 2 Строка 3")
    page = browser.get(f"/sources/{source.pk}/").content.decode()
    assert "Строка 4" in page and "taken 0 of 1" in page

    matrix = browser.get(f"/sources/{source.pk}/make/?fragment={fragment.pk}").content.decode()
    cells = re.findall(r'name="cell" value="([^"]+)"', matrix)
    vk, telegram = (farm.variants[name].community for name in ("vk", "telegram"))
    wanted = [
        f"{fragment.pk}:clip:{vk.pk}",
        f"{fragment.pk}:poll:{telegram.pk}",
        f"{fragment.pk}:post:{vk.pk}",
    ]
    assert set(wanted) <= set(cells)
    lines = browser.post(
        f"/sources/{source.pk}/make/", {"do": "choose", "cell": wanted, "fragment": fragment.pk}
    )
    assert lines.status_code == 200 and Piece.objects.filter(derivative__isnull=False).count() == 0
    typed = values_in(lines.content.decode())
    assert typed["count"] == "3" and all(typed[f"line-{n}-at"] for n in range(3))
    assert "The same hook stands" in lines.content.decode()

    refused = browser.post(f"/sources/{source.pk}/make/", {**typed, "do": "make"})
    assert refused.status_code == 422 and "what this piece is to bring" in refused.content.decode()
    assert not Derivative.objects.exists()
    for n in range(3):
        typed |= {f"line-{n}-aim": "leads", f"line-{n}-hook": f"Hook {n}", f"line-{n}-call": f"Call {n}"}
    kept = browser.post(f"/sources/{source.pk}/make/", {**typed, "do": "make", "gap": "x"})
    assert kept.status_code == 422 and "Hook 2" in kept.content.decode()
    done = browser.post(
        f"/sources/{source.pk}/make/",
        {**typed, "do": "make", "assignee": farm.gleb.pk, "audience": "Those who grill"},
    )
    assert done.status_code == 302, done.content.decode()
    pieces = list(Piece.objects.filter(derivative__isnull=False).order_by("pk"))
    assert [(one.hook, one.unit) for one in pieces] == [
        ("Hook 0", "reel"),
        ("Hook 1", "post"),
        ("Hook 2", "post"),
    ]
    assert {one.post.variants.get().community_id for one in pieces} == {vk.pk, telegram.pk}
    planned = typed["line-0-at"]
    zone = ZoneInfo(vk.time_zone)
    assert pieces[0].post.planned_at == datetime.fromisoformat(planned).replace(tzinfo=zone)
    assert sorted(Task.objects.values_list("norm_minutes", flat=True)) == [20, 40, 60]
    fragment.refresh_from_db()
    assert fragment.taken_at is not None
    page = browser.get(f"/sources/{source.pk}/").content.decode()
    assert "taken 1 of 1" in page and "Hook 1" in page and "not known" in page


def values_in(html: str) -> dict[str, str]:
    """What the form on the page would send."""
    found = dict(re.findall(r'<input type="hidden" name="(count|line-[\w-]+)" value="([^"]*)"', html))
    for tag in re.findall(r"<input[^>]+>", html):
        name = re.search(r'name="((?:line|gap)[\w-]*)"', tag)
        if name and 'type="hidden"' not in tag:
            value = re.search(r'value="([^"]*)"', tag)
            found[name[1]] = value[1] if value else ""
    return {**found, "weeks": "3"}


def test_days_respect_slots_and_what_stands_already(farm: Farm, source: Source) -> None:
    browser = farm.browser()
    vk = farm.variants["vk"].community
    make_slots(vk, (0, 3), time(19, 30))
    fragments = [make_fragment(source, f"Theme {n}", start=n * 1000, end=n * 1000 + 900) for n in range(3)]
    cells = [f"{one.pk}:post:{vk.pk}" for one in fragments]
    typed = values_in(
        browser.post(f"/sources/{source.pk}/make/", {"do": "choose", "cell": cells}).content.decode()
    )
    moments = [datetime.fromisoformat(typed[f"line-{n}-at"]) for n in range(3)]
    assert all(at.weekday() in (0, 3) and (at.hour, at.minute) == (19, 30) for at in moments)
    assert len({at.date() for at in moments}) == 3


def test_a_recording_that_is_none_and_a_part_out_of_order(farm: Farm, source: Source) -> None:
    browser = farm.browser()
    answer = send(browser, source, b"no film" * 9)
    assert (
        answer.status_code == 422 and "no recording" in answer.json()["error"]
    ) or "damaged" in answer.json()["error"]
    out = browser.post(
        f"/sources/{source.pk}/part/?offset=5&total=9&name=a",
        b"1234",
        content_type="application/octet-stream",
    )
    assert out.status_code == 409 and out.json()["here"] == 0
    assert browser.post(f"/sources/{source.pk}/part/", b"1", content_type="text/plain").status_code == 400
    huge = browser.post(
        f"/sources/{source.pk}/part/?offset=0&total={9 * 1024**3}",
        b"1",
        content_type="application/octet-stream",
    )
    assert huge.status_code == 422


def test_the_recording_is_given_by_ranges_to_workers_only(farm: Farm, source: Source, tmp_path: Path) -> None:
    content = recording(tmp_path / "a.mp4", seconds=1).read_bytes()
    send(farm.browser(), source, content)
    address = f"/sources/{source.pk}/file/"
    part = farm.browser(farm.gleb).get(address, headers={"range": "bytes=10-19"})
    assert part.status_code == 206 and b"".join(part.streaming_content) == content[10:20]
    assert "private" in part["Cache-Control"]
    assert farm.browser(farm.klava).get(address).status_code == 403
    assert farm.browser(farm.zoya).get(address).status_code == 404


def test_the_client_sees_nothing_of_it_and_strangers_find_nothing(farm: Farm, source: Source) -> None:
    fragment = make_fragment(source)
    for path in (
        "",
        f"{source.pk}/",
        f"fragments/{fragment.pk}/",
        f"{source.pk}/make/",
        f"{source.pk}/clips/",
    ):
        assert farm.browser(farm.klava).get(f"/sources/{path}").status_code == 403, path
        if path:
            assert farm.browser(farm.zoya).get(f"/sources/{path}").status_code == 404, path


def test_odd_lines_of_a_transcript_are_said_with_their_numbers(farm: Farm, source: Source) -> None:
    browser = farm.browser()
    bad = SRT + "\n00:00:99,000 --> 00:01:00,000\nлишнее\n"
    browser.post(f"/sources/{source.pk}/transcript/", {"file": SimpleUploadedFile("a.srt", bad.encode())})
    page = browser.get(f"/sources/{source.pk}/").content.decode()
    assert "1 oddity" in page and "1 line left out" in page and "Line 21" in page
    browser.post(f"/sources/{source.pk}/transcript/", {"file": SimpleUploadedFile("a.srt", b"\x00\x01")})
    assert source.cues.count() == 5
    assert browser.get(f"/sources/{source.pk}/transcript/").content.decode().count("-->") == 5


def test_two_people_edit_one_fragment(farm: Farm, source: Source) -> None:
    fragment = make_fragment(source)
    values = {"strength": "4", "permission": "given", "version": "1"}
    first = farm.browser().post(f"/sources/fragments/{fragment.pk}/", {**values, "theme": "First"})
    assert first.status_code == 302
    second = farm.browser(farm.gleb).post(f"/sources/fragments/{fragment.pk}/", {**values, "theme": "Second"})
    html = second.content.decode()
    assert second.status_code == 409 and "“First”" in html and 'value="Second"' in html
    assert 'name="version" value="2"' in html
    again = farm.browser(farm.gleb).post(
        f"/sources/fragments/{fragment.pk}/", {**values, "theme": "Second", "version": "2"}
    )
    assert again.status_code == 302


def test_a_clip_waits_its_turn_and_can_be_called_off(farm: Farm, source: Source, tmp_path: Path) -> None:
    browser = farm.browser()
    send(browser, source, recording(tmp_path / "a.mp4", seconds=3).read_bytes())
    fragment = make_fragment(source, start=500, end=2500)
    form = {"start": "0:00.5", "end": "0:02.5", "focus": "own", "subtitles": "on"}
    browser.post(f"/sources/fragments/{fragment.pk}/cut/", form)
    assert not Clip.objects.exists()  # a place of one's own, but none was given
    browser.post(f"/sources/fragments/{fragment.pk}/cut/", {**form, "place": "25"})
    clip = Clip.objects.get()
    assert (clip.start, clip.end, clip.focus, clip.state) == (500, 2500, 0.25, "waiting")
    assert [job.payload for job in testing.waiting() if job.kind == "clip"] == [{"clip": clip.pk}]
    assert "every 2s" in browser.get(f"/sources/{source.pk}/clips/").content.decode()
    browser.post(f"/sources/clips/{clip.pk}/cancel/")
    clip.refresh_from_db()
    assert clip.state == "cancelled"
    assert "every 2s" not in browser.get(f"/sources/{source.pk}/clips/").content.decode()
    fragment.permission = "refused"
    fragment.save()
    browser.post(f"/sources/clips/{clip.pk}/again/")
    assert Clip.objects.count() == 1


@pytest.mark.parametrize("path", ["", "?view=free", "?q=мясо"])
def test_lists_ask_the_same_however_long_they_are(
    farm: Farm, path: str, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        source = make_source(farm.client, f"Мясо {n}")
        make_fragment(
            source, start=0, end=5000, taken_at=timezone.now() - timedelta(days=n * 20), evergreen=True
        )
        make_fragment(source)
    browser = farm.browser()
    browser.get(f"/sources/{path}")
    with django_assert_max_num_queries(16):
        assert "Мясо 11" in browser.get(f"/sources/{path}").content.decode()


def test_the_page_of_a_long_source_asks_the_same(
    farm: Farm, source: Source, django_assert_max_num_queries: Any
) -> None:
    lines = (
        f"00:{n // 60:02}:{n % 60:02},000 --> 00:{n // 60:02}:{n % 60:02},900\nСлова {n}\n"
        for n in range(900)
    )
    browser = farm.browser()
    browser.post(
        f"/sources/{source.pk}/transcript/", {"file": SimpleUploadedFile("a.srt", "\n".join(lines).encode())}
    )
    for n in range(30):
        make_fragment(source, start=n * 1000, end=n * 1000 + 900)
    with django_assert_max_num_queries(28):
        page = browser.get(f"/sources/{source.pk}/").content.decode()
    assert "Слова 149" in page and "Слова 150<" not in page


def test_two_people_mend_one_line_and_nothing_typed_is_lost(farm: Farm, source: Source) -> None:
    browser = farm.browser()
    browser.post(f"/sources/{source.pk}/transcript/", {"text": SRT})
    cue = source.cues.all()[2]
    address, seen = f"/sources/{source.pk}/cue/{cue.pk}/", {"seen": cue.text, "speaker": "Аня", "page": "1"}
    assert browser.post(address, {**seen, "text": "Первое"})["Location"].endswith(f"?page=1#cue-{cue.pk}")
    late = farm.browser(farm.gleb).post(address, {**seen, "text": "Второе, длинное"})
    html = late.content.decode()
    assert late.status_code == 409 and "Второе, длинное</textarea>" in html and "“Первое”" in html
    assert 'name="seen" value="Первое"' in html  # pressed once more it is meant so
    cue.refresh_from_db()
    assert (cue.text, cue.speaker) == ("Первое", "Аня")


def test_what_is_out_of_a_forbidden_source_is_named_on_its_page(farm: Farm, source: Source) -> None:
    fragment = make_fragment(source, theme="Про фольгу")
    post = make_post(farm.communities[0], title="Фольга не нужна")
    Derivative.objects.create(
        workspace_id=source.workspace_id, client_id=source.client_id, source=source, fragment=fragment,
        row="post", hook="h", aim="a", call="c", unit="post", minutes=30, piece=post.piece,
    )  # fmt: skip
    actor = make_actor(farm.workspace, language="en")
    schedule.schedule(actor, post_id=post.pk, at=timezone.now() + timedelta(hours=2))
    delivery = Delivery.objects.get(post=post)
    Delivery.objects.update(state="published")
    Publication.objects.create(
        workspace=delivery.workspace, client=delivery.client, delivery=delivery, post=post,
        community=farm.communities[0], revision=delivery.revision, remote_id="7", published_at=timezone.now(),
    )  # fmt: skip
    browser = farm.browser()
    assert 'id="withdrawn"' not in browser.get(f"/sources/{source.pk}/").content.decode()
    sent = {"strength": "4", "permission": "refused", "version": "1", "theme": "Про фольгу"}
    answer = browser.post(f"/sources/fragments/{fragment.pk}/", sent)
    assert answer.headers["Location"] == f"/sources/{source.pk}/"
    html = browser.get(f"/sources/{source.pk}/").content.decode()
    assert 'id="withdrawn"' in html and "Фольга не нужна" in html
