"""Sources, transcripts and fragments through their services."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.people.models import WorkspaceRole
from niva.domains.sources import queries
from niva.domains.sources.factories import make_fragment, make_source
from niva.domains.sources.models import Source
from niva.domains.sources.services import fragments, sources, transcripts
from niva.kit.tests.test_clips import recording

pytestmark = pytest.mark.django_db
SRT = (
    "1\n00:00:00,500 --> 00:00:02,000\nПочему мясо сохнет?\n\n"
    "2\n00:00:02,000 --> 00:00:05,000\nЕго режут сразу.\n"
)


@pytest.fixture
def actor(settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_actor(make_workspace(), language="en")


@pytest.fixture
def source(actor: Actor) -> Source:
    return make_source(make_client(actor.workspace), duration=60_000)


def test_permission_has_to_be_quoted_with_its_date(actor: Actor, source: Source) -> None:
    with pytest.raises(Invalid) as raised:
        sources.change(actor, source_id=source.pk, rights="permitted", rights_words="You may")
    assert set(raised.value.errors) == {"rights_words"}


def test_a_recording_comes_in_parts_and_goes_on_where_it_broke_off(
    actor: Actor, source: Source, tmp_path: Path
) -> None:
    whole = recording(tmp_path / "a.mp4", seconds=2).read_bytes()
    half = len(whole) // 2

    def send(offset: int, part: bytes) -> tuple[Source, int]:
        return sources.take_part(
            actor,
            source_id=source.pk,
            body=io.BytesIO(part),
            offset=offset,
            total=len(whole),
            name="Эфир.mp4",
        )

    assert send(0, whole[:half])[1] == half
    assert sources.arrived(actor, source_id=source.pk, total=len(whole), name="Эфир.mp4") == half
    with pytest.raises(Conflict) as raised:
        send(half + 5, whole[half + 5 :])
    assert raised.value.current == half
    row, here = send(half, whole[half:])
    assert here == len(whole) and row.file_name == "Эфир.mp4" and row.has_sound
    assert (row.width, row.height) == (160, 90) and abs((row.duration or 0) - 2000) < 150
    assert sources.file_of(row).read_bytes() == whole
    assert not list((sources.root() / "incoming").iterdir())


def test_what_is_no_recording_is_thrown_away_with_words(actor: Actor, source: Source) -> None:
    with pytest.raises(Invalid) as raised:
        sources.take_part(
            actor, source_id=source.pk, body=io.BytesIO(b"x" * 900), offset=0, total=900, name="a.mp4"
        )
    assert "file" in raised.value.errors
    assert sources.arrived(actor, source_id=source.pk, total=900, name="a.mp4") == 0


def test_a_full_disk_is_said_and_what_came_stays(actor: Actor, source: Source, monkeypatch: Any) -> None:
    def full(*args: Any, **more: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources, "_append", full)
    with override("en"), pytest.raises(Invalid) as raised:
        sources.take_part(actor, source_id=source.pk, body=io.BytesIO(b"x"), offset=0, total=9, name="a.mp4")
    assert "no room left" in raised.value.errors["file"][0]


def test_a_transcript_longer_than_the_recording_is_cut_and_said(actor: Actor, source: Source) -> None:
    late = SRT + "\n3\n00:05:00,000 --> 00:05:02,000\nПосле конца\n"
    transcripts.bring(actor, source_id=source.pk, data=late.encode())
    source.refresh_from_db()
    assert source.cues.count() == 2
    assert [note["code"] for note in source.notes] == ["beyond"]
    assert "После" not in source.transcript


def test_the_words_are_found_in_other_forms(actor: Actor, source: Source) -> None:
    transcripts.bring(actor, source_id=source.pk, data=SRT.encode())
    assert [row.pk for row in queries.sources(actor, text="мяса")] == [source.pk]
    assert not queries.sources(actor, text="колбаса")


def test_a_text_without_moments_is_spread_or_kept_as_text(actor: Actor, source: Source) -> None:
    transcripts.bring(actor, source_id=source.pk, data="Раз два.\nТри.".encode())
    source.refresh_from_db()
    assert not source.exact and source.cues.last().end == 60_000
    interview = make_source(source.client, kind="interview")
    transcripts.bring(actor, source_id=interview.pk, data="Раз два.\nТри.".encode())
    interview.refresh_from_db()
    assert interview.text == "Раз два.\nТри." and not interview.cues.exists()


def test_two_people_mend_one_line(actor: Actor, source: Source) -> None:
    transcripts.bring(actor, source_id=source.pk, data=SRT.encode())
    cue = source.cues.first()
    mend = {"source_id": source.pk, "cue_id": cue.pk, "speaker": "Анна", "seen": cue.text}
    transcripts.mend(actor, text="Почему сохнет мясо?", **mend)
    with pytest.raises(Conflict) as raised:
        transcripts.mend(actor, text="Отчего?", **mend)
    assert "Почему сохнет мясо?" in str(raised.value)
    source.refresh_from_db()
    assert source.transcript.startswith("Почему сохнет мясо?")


def test_a_fragment_outside_or_backwards_is_refused(actor: Actor, source: Source) -> None:
    for start, end, field in ((50_000, 61_000, "end"), (9, 9, "end"), (5, None, "end")):
        with pytest.raises(Invalid) as raised:
            fragments.add(actor, source_id=source.pk, theme="a", start=start, end=end)
        assert field in raised.value.errors
    with pytest.raises(Invalid) as raised:
        fragments.add(actor, source_id=source.pk, theme=" ", strength=9)
    assert {"theme", "strength"} <= set(raised.value.errors)


def test_two_people_edit_one_fragment(actor: Actor, source: Source) -> None:
    fragment = make_fragment(source, start=0, end=9000)
    fragments.change(actor, fragment_id=fragment.pk, version=1, theme="Первый")
    with pytest.raises(Conflict):
        fragments.change(actor, fragment_id=fragment.pk, version=1, theme="Второй")
    fragment.refresh_from_db()
    assert (fragment.theme, fragment.version) == ("Первый", 2)


def test_proposed_fragments_leave_alone_what_is_there(actor: Actor, source: Source) -> None:
    lines = [f"00:00:{n:02},000 --> 00:00:{n + 5:02},000\nСлова {n}\n" for n in range(0, 55, 5)]
    transcripts.bring(actor, source_id=source.pk, data="\n".join(lines).encode())
    make_fragment(source, start=0, end=20_000)
    before = fragments.propose(actor, source_id=source.pk)
    assert fragments.propose(actor, source_id=source.pk) == 0
    assert source.fragments.count() == before + 1


def test_who_may(actor: Actor, source: Source) -> None:
    def person(role: str) -> Actor:
        user = make_person(actor.workspace, WorkspaceRole.MEMBER, name=role)
        give_role(source.client, user, role)
        return Actor(actor.workspace, user, WorkspaceRole.MEMBER, {source.client_id: role})

    assert queries.source(person(Role.ADVERTISER), source.pk)
    with pytest.raises(Forbidden):
        sources.change(person(Role.ADVERTISER), source_id=source.pk, title="a")
    for read in (queries.source, queries.fragments, queries.derivatives, queries.clips):
        with pytest.raises(Forbidden):
            read(person(Role.CLIENT), source.pk)
    with pytest.raises(Forbidden):
        queries.sources(person(Role.CLIENT))
    stranger = make_actor(make_workspace("Чужие"))
    with pytest.raises(NotFound):
        queries.source(stranger, source.pk)
    assert not queries.sources(stranger)


def test_the_ledger_counts_in_the_database(
    actor: Actor, source: Source, django_assert_num_queries: Any
) -> None:
    from django.utils import timezone

    now = timezone.now()
    make_fragment(source, start=0, end=30_000, strength=5)
    make_fragment(source, start=30_000, end=40_000, taken_at=now)
    make_fragment(source, start=40_000, end=45_000, taken_at=now - timedelta(days=91), evergreen=True)
    make_fragment(source, start=45_000, end=50_000, permission="asked")
    with django_assert_num_queries(1):
        row = queries.sources(actor).get()
    told = queries.taken(row)
    assert (told.fragments, told.used, told.free, told.used_ms) == (4, 2, 2, 15_000)
    with django_assert_num_queries(1):
        found = queries.free(actor)
    assert [one.strength for one in found] == [5, 3]
    Source.objects.update(rights="forbidden")
    assert queries.free(actor) == []


def test_deleting_takes_the_file_along(
    actor: Actor, source: Source, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    sources.take_file(actor, source_id=source.pk, path=recording(tmp_path / "a.mp4", seconds=1), name="a.mp4")
    source.refresh_from_db()
    path = sources.file_of(source)
    assert path.is_file()
    with django_capture_on_commit_callbacks(execute=True):
        sources.delete(actor, source_id=source.pk)
    assert not path.exists() and not Source.objects.exists()


def test_two_files_that_come_at_once_never_mix(actor: Actor, source: Source, tmp_path: Path) -> None:
    files = {
        name: recording(tmp_path / name, seconds=seconds).read_bytes()
        for name, seconds in (("a.mp4", 2), ("b.mp4", 3))
    }

    def send(name: str, begin: int, end: int) -> tuple[Source, int]:
        whole = files[name]
        part = io.BytesIO(whole[begin:end])
        return sources.take_part(
            actor, source_id=source.pk, body=part, offset=begin, total=len(whole), name=name
        )

    halves = {name: len(whole) // 2 for name, whole in files.items()}
    for name, half in halves.items():
        send(name, 0, half)
    send("a.mp4", 0, halves["a.mp4"])  # the same part twice
    for name, half in halves.items():
        row, _here = send(name, half, len(files[name]))
        assert sources.file_of(row).read_bytes() == files[name]
    assert not list((sources.root() / "incoming").iterdir())


def test_two_parts_of_one_file_at_one_moment_are_written_one_after_the_other(
    actor: Actor, source: Source, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sources, "WAIT", 0.0)
    answers = []

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if not answers:
                with pytest.raises(Conflict) as raised:
                    sources.take_part(
                        actor, source_id=source.pk, body=io.BytesIO(b"y" * 9), offset=9, total=99, name="a"
                    )
                answers.append(raised.value.current)
            return super().read(size)

    one = {"source_id": source.pk, "total": 99, "name": "a"}
    sources.take_part(actor, body=io.BytesIO(b"x" * 9), offset=0, **one)
    assert sources.take_part(actor, body=Slow(b"x" * 9), offset=9, **one)[1] == 18
    assert answers == [9]


def test_a_source_deleted_amid_its_upload_leaves_no_file(
    actor: Actor, source: Source, tmp_path: Path, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    whole = recording(tmp_path / "a.mp4", seconds=2).read_bytes()
    one = {"source_id": source.pk, "total": len(whole), "name": "a.mp4"}
    sources.take_part(actor, body=io.BytesIO(whole[:500]), offset=0, **one)
    probe = sources.recordings.probe

    def deleted(path: Path) -> Any:
        found = probe(path)
        with django_capture_on_commit_callbacks(execute=True):
            sources.delete(actor, source_id=source.pk)
        path.touch()  # as where the delete came a moment earlier and the part was written after it
        return found

    monkeypatch.setattr(sources.recordings, "probe", deleted)
    with pytest.raises(NotFound):
        sources.take_part(actor, body=io.BytesIO(whole[500:]), offset=500, **one)
    assert not [path for path in sources.root().rglob("*") if path.is_file()]


def test_what_nobody_comes_back_for_is_thrown_away(actor: Actor, source: Source, tmp_path: Path) -> None:
    path = recording(tmp_path / "a.mp4", seconds=2)
    kept = sources.take_file(actor, source_id=source.pk, path=path, name="a.mp4")
    loose = sources.root() / "recordings" / "loose.mp4"
    loose.write_bytes(b"x")
    sources.take_part(actor, source_id=source.pk, body=io.BytesIO(b"x"), offset=0, total=9, name="b.mp4")
    (part,) = (sources.root() / "incoming").iterdir()
    sources.clear_out()
    assert loose.exists() and part.exists()
    sources.clear_out(loose.stat().st_mtime + sources.KEPT_LOOSE + 1)
    assert not loose.exists() and part.exists()
    sources.clear_out(part.stat().st_mtime + sources.KEPT_PARTS + 1)
    assert not part.exists() and sources.file_of(kept).exists()
