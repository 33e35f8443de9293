"""A recorded hour becomes fragments, ten derivatives, real clips and a spread schedule: done and measured.

    python tools/evidence_repackaging.py [--minutes 60] [--clips 3] [--keep FOLDER]

Makes the recording itself: Russian speech by espeak-ng, a moving picture with the minute drawn on it, and an
SRT with the true moments. Then drives the desk as a browser does (Django's client, a throwaway PostgreSQL,
the real worker) and prints what came out: counts, durations read out of the cut files, how many pixels the
words changed in them, the days, seconds and memory. The last line is one JSON object; the exit code is 1 when
anything is not as it should be.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from datetime import time as clock_time
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

RATE: Final = 22_050  # samples a second that espeak-ng speaks with
FPS: Final = 5
SIZE: Final = (640, 360)
PAUSE: Final = 1.5  # seconds after every sixth sentence: where a speaker takes breath
LINES: Final = (
    "Почему мясо на углях сохнет?",
    "Потому что его режут сразу, как сняли с огня, и сок уходит на доску.",
    "Дайте куску постоять под фольгой десять минут.",
    "Вот пример: две одинаковые шеи, одну разрезали сразу, вторую подождали.",
    "У второй на доске сухо, а внутри сочно.",
    "Вывод простой: ждать дешевле, чем мариновать.",
)


def speaker() -> Callable[[str], bytes]:
    """Text -> 16-bit samples, one channel. Raises OSError where there is no espeak-ng."""
    try:
        import espeakng_loader

        library, data = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    except ImportError:
        library, data = "libespeak-ng.so.1", ""
    voice = ctypes.CDLL(library)
    heard = bytearray()
    callback_type = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
    )

    def hear(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, count * 2))
        return 0

    voice.keep = callback_type(hear)  # as long as the library may call it
    if voice.espeak_Initialize(1, 500, data.encode() or None, 0) != RATE:  # 1: samples are handed back
        raise OSError("espeak-ng does not start")
    voice.espeak_SetSynthCallback(voice.keep)
    if voice.espeak_SetVoiceByName(b"ru") != 0:
        raise OSError("espeak-ng has no Russian voice")

    def speak(text: str) -> bytes:
        heard.clear()
        said = text.encode() + b"\0"
        voice.espeak_Synth(said, ctypes.c_size_t(len(said)), 0, 1, 0, 1, None, None)  # 1: UTF-8
        voice.espeak_Synchronize()
        return bytes(heard)

    return speak


def spoken(seconds: float, speak: Callable[[str], bytes]) -> Iterator[tuple[float, float, str, bytes]]:
    """(begins, ends, words, samples) until the time is over; every sentence has the minute in it."""
    at, number = 0.0, 0
    kept: dict[str, bytes] = {}
    while True:
        line = LINES[number % len(LINES)]
        if number % len(LINES) == 0:
            line = f"Вопрос номер {number // len(LINES) + 1}. {line}"
        sound = kept.get(line) or speak(line)
        kept[line] = sound
        length = len(sound) / 2 / RATE
        if at + length > seconds:
            return
        yield at, at + length, line, sound
        number += 1
        at += length + (PAUSE if number % len(LINES) == 0 else 0.1)


def make_recording(folder: Path, seconds: int) -> tuple[Path, Path, int]:
    """The film, its SRT, and how many lines were spoken."""
    import av
    from PIL import Image, ImageDraw, ImageFont

    film, words = folder / "stream.mp4", folder / "stream.srt"
    track = bytearray(seconds * RATE * 2)
    blocks = []
    for number, (start, end, text, sound) in enumerate(spoken(seconds, speaker()), 1):
        first = int(start * RATE) * 2
        track[first : first + len(sound)] = sound
        blocks.append(f"{number}\n{_code(start)} --> {_code(end)}\nВедущий: {text}\n")
    words.write_text("\n".join(blocks), encoding="utf-8")
    font = ImageFont.load_default(48)
    with av.open(str(film), "w", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": str(FPS * 10)})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        audio = out.add_stream("aac", rate=RATE, layout="mono")
        for second in range(seconds):
            for n in range(FPS):
                picture = Image.new("RGB", SIZE, (30, 60 + second % 60, 90))
                brush = ImageDraw.Draw(picture)
                brush.text((270, 30), f"{second // 60:02}:{second % 60:02}", fill="white", font=font)
                x = (second * FPS + n) * 7 % SIZE[0]
                brush.rectangle((x, 250, x + 40, 290), fill=(220, 180, 60))
                frame = av.VideoFrame.from_image(picture)
                frame.pts, frame.time_base = second * FPS + n, Fraction(1, FPS)
                out.mux(video.encode(frame))
            piece = bytes(track[second * RATE * 2 : (second + 1) * RATE * 2])
            sound_frame = av.AudioFrame(format="s16", layout="mono", samples=RATE)
            sound_frame.planes[0].update(piece)
            sound_frame.sample_rate, sound_frame.pts = RATE, second * RATE
            out.mux(audio.encode(sound_frame))
        out.mux(video.encode(None))
        out.mux(audio.encode(None))
    return film, words, len(blocks)


def _code(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"


def drive(film: Path, words: Path, *, clips: int) -> dict[str, Any]:
    """Through the desk's doors, from an empty list of sources to files and days. Returns the figures."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client as Browser

    from niva.domains.clients.factories import make_actor, make_client, make_workspace
    from niva.domains.communities.factories import connect, make_community, make_slots
    from niva.domains.sources.models import Fragment, Source
    from niva.domains.sources.services.sources import PART

    actor = make_actor(make_workspace(), language="en")
    client = make_client(actor.workspace)
    places = [connect(make_community(client, name)) for name in ("vk", "telegram")]
    make_slots(places[0], (0, 2, 4), clock_time(19))
    browser = Browser(headers={"host": "localhost"})
    browser.force_login(actor.user)
    told: dict[str, Any] = {}
    browser.post(
        "/sources/new/", {"client": client.pk, "kind": "recording", "title": "Stream", "rights": "ours"}
    )
    source = Source.objects.get()
    begun = time.monotonic()
    size = film.stat().st_size
    with film.open("rb") as file:
        while piece := file.read(PART):
            address = (
                f"/sources/{source.pk}/part/?offset={file.tell() - len(piece)}&total={size}&name=stream.mp4"
            )
            answer = browser.post(address, piece, content_type="application/octet-stream")
            assert answer.status_code == 200, answer.content
    told["upload_seconds"] = round(time.monotonic() - begun, 1)
    begun = time.monotonic()
    transcript = SimpleUploadedFile("stream.srt", words.read_bytes())
    browser.post(f"/sources/{source.pk}/transcript/", {"file": transcript})
    browser.post(f"/sources/{source.pk}/propose/")
    told["transcript_seconds"] = round(time.monotonic() - begun, 1)
    source.refresh_from_db()
    fragments = list(Fragment.objects.filter(source=source).order_by("start"))
    told |= {
        "film_seconds": (source.duration or 0) / 1000, "film_mb": round(size / 1e6, 1),
        "cues": source.cues.count(), "notes": len(source.notes), "fragments": len(fragments),
    }  # fmt: skip
    chosen = fragments[:: max(1, len(fragments) // 5)][:5]  # from all over the hour
    told |= _derivatives(browser, source, chosen, places)
    told |= _clips(browser, source, chosen[-clips:])
    return told


def _derivatives(browser: Any, source: Any, fragments: list[Any], places: list[Any]) -> dict[str, Any]:
    """Two pieces of each of five fragments, in two places: ten, with days."""
    from niva.domains.sources.models import Derivative

    vk, telegram = places
    rows = [("clip", vk), ("quote", telegram)]
    cells = [f"{one.pk}:{row}:{place.pk}" for one in fragments for row, place in rows]
    address = f"/sources/{source.pk}/make/"
    page = browser.post(address, {"do": "choose", "cell": cells}).content.decode()
    typed: dict[str, str] = {"weeks": "3", "gap": "2", "do": "make", "count": str(len(cells))}
    for tag in re.findall(r"<input[^>]+>", page):
        name = re.search(r'name="(line-[\w-]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name:
            typed[name[1]] = value[1] if value else ""
    for n in range(len(cells)):
        typed |= {f"line-{n}-aim": "leads", f"line-{n}-hook": f"Hook {n}", f"line-{n}-call": f"Call {n}"}
    answer = browser.post(address, typed)
    assert answer.status_code == 302, answer.content.decode()
    made = list(Derivative.objects.filter(source=source).select_related("piece__post", "community"))
    days = sorted(one.piece.post.planned_at for one in made if one.piece and one.piece.post.planned_at)
    by_place: dict[int, list[datetime]] = {}
    for one in made:
        if one.piece and one.piece.post.planned_at and one.community_id:
            by_place.setdefault(one.community_id, []).append(one.piece.post.planned_at)
    nearest = min(
        (
            b - a
            for several in by_place.values()
            for a, b in zip(sorted(several), sorted(several)[1:], strict=False)
        ),
        default=timedelta(0),
    )
    return {
        "derivatives": len(made), "on_the_board": sum(one.piece_id is not None for one in made),
        "with_a_day": len(days), "spread_days": (days[-1] - days[0]).days if days else 0,
        "nearest_in_one_place_hours": round(nearest.total_seconds() / 3600, 1),
        "days": [f"{one:%d.%m %H:%M}" for one in days],
    }  # fmt: skip


def _clips(browser: Any, source: Any, fragments: list[Any]) -> dict[str, Any]:
    """Each fragment cut twice, with and without words, by the real handler; then the files are looked at."""
    from niva.domains.sources.models import Clip
    from niva.flows import clip as flow
    from niva.flows.tests.working import work
    from niva.kit.transcripts import clock

    wanted = []
    for one in fragments:
        for words in (True, False):
            end = min(one.end, one.start + 40_000)
            form = {"start": clock(one.start), "end": clock(end), "focus": "0.5"}
            browser.post(f"/sources/fragments/{one.pk}/cut/", form | ({"subtitles": "on"} if words else {}))
    begun = time.monotonic()
    for clip in Clip.objects.filter(source=source).order_by("pk"):
        work(flow.run, clip.pk)
    seconds = time.monotonic() - begun
    clips = list(Clip.objects.filter(source=source).select_related("asset").order_by("pk"))
    for with_words, without in zip(clips[::2], clips[1::2], strict=True):
        wanted.append(_looked_at(with_words, without))
    return {
        "clips": len(clips),
        "clips_cut": sum(one.state == "done" for one in clips),
        "clip_seconds_of_work": round(seconds, 1),
        "files": wanted,
        "attached_to_posts": sum(
            one.asset_id is not None and one.derivative is not None and one.derivative.piece is not None
            and one.derivative.piece.post.media.filter(asset=one.asset_id).exists()
            for one in clips
        ),
    }  # fmt: skip


def _looked_at(with_words: Any, without: Any) -> dict[str, Any]:
    """What is in the files themselves: probed length and shape, and how many pixels the words changed."""
    from django.conf import settings
    from PIL import ImageChops

    from niva.kit import videos

    paths = [Path(settings.MEDIA_ROOT) / one.asset.path for one in (with_words, without)]
    found = videos.probe(paths[0])
    first = with_words.source.cues.filter(end__gt=with_words.start + 300).first()
    middle = (max(first.start, with_words.start) + first.end) / 2000 - with_words.start / 1000
    stills = [videos.still(path, middle).convert("L") for path in paths]
    changed = ImageChops.difference(*stills).point(lambda value: 255 * (value > 48))
    box = changed.getbbox()
    return {
        "wanted_seconds": (with_words.end - with_words.start) / 1000,
        "seconds": round(found.duration or 0, 2),
        "size": f"{found.width}x{found.height}",
        "codecs": f"{found.codec}+{found.audio}",
        "pixels_changed_by_words": sum(changed.histogram()[255:]),
        "words_box": box,
    }


def judged(told: dict[str, Any], clips: int) -> list[str]:
    """What is not as it should be."""
    wrong = []
    if told["fragments"] < 5 or told["notes"]:
        wrong.append("fragments")
    if not told["derivatives"] == told["on_the_board"] == told["with_a_day"] == 10:
        wrong.append("derivatives")
    if told["spread_days"] < 7 or told["nearest_in_one_place_hours"] < 24:
        wrong.append("schedule")
    if told["clips_cut"] != clips * 2 or not told["attached_to_posts"]:
        wrong.append("clips")
    for one in told["files"]:
        exact = abs(one["seconds"] - one["wanted_seconds"]) < 0.3
        if not exact or one["pixels_changed_by_words"] < 500 or one["codecs"] != "h264+aac":
            wrong.append(f"file {one}")
    return wrong


def run(folder: Path, *, minutes: int, clips: int) -> dict[str, Any]:
    """Everything, with a database that Django knows already. Figures, with "wrong"."""
    begun = time.monotonic()
    film, words, lines = make_recording(folder, minutes * 60)
    told: dict[str, Any] = {"spoken_lines": lines, "making_seconds": round(time.monotonic() - begun, 1)}
    told |= drive(film, words, clips=clips)
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told |= {
        "all_seconds": round(time.monotonic() - begun, 1),
        "peak_mb": round(own.ru_maxrss / 1024),
        "peak_mb_of_a_cutting_process_at_most": round(children.ru_maxrss / 1024),
    }
    return {**told, "wrong": judged(told, clips)}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--clips", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="leave the recording and the clips in this folder")
    options = parser.parse_args()
    from niva.kit.postgres import FAST, Server

    with tempfile.TemporaryDirectory(prefix="niva-evidence-", ignore_cleanup_errors=True) as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        server = Server(Path(temporary) / "postgres", settings=FAST, die_with_us=True)
        server.start()
        try:
            os.environ["DATABASE_URL"] = server.url()
            os.environ["NIVA_HOME"] = str(folder / "home")
            os.environ["DJANGO_SETTINGS_MODULE"] = "niva.config.settings"
            from django.core.management import call_command

            from niva.cli import environment

            environment.django()
            call_command("migrate", verbosity=0)
            told = run(folder, minutes=options.minutes, clips=options.clips)
        finally:
            server.stop(immediately=True)
    for name, value in told.items():
        if name != "files":
            print(f"{name:32} {value}")
    for one in told["files"]:
        print(f"  clip {one['seconds']} s of {one['wanted_seconds']} wanted, {one['size']}, {one['codecs']}, "
              f"{one['pixels_changed_by_words']} pixels changed by words at {one['words_box']}")  # fmt: skip
    print(json.dumps(told, ensure_ascii=False))
    return 1 if told["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
