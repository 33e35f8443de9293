"""What tests of networks share: the harness that every network offers, sample files, sample posts.

A network puts `open_harness` into its `tests/harness.py`; the common suite (`tests/networks/test_suite.py`)
and the tests of the delivery engine drive it through the shape below and know nothing else of the network.
"""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import aiohttp

from niva.networks.base.inbox import MessageKind
from niva.networks.base.network import Call, Network
from niva.networks.base.transport import Transport
from niva.networks.base.types import (
    JSON,
    Credential,
    LinkCard,
    MediaFile,
    MediaKind,
    Outgoing,
    Part,
    Poll,
    Remote,
)

# What `Harness.fault` may be asked for. Each hits once, the next call that it can hit, unless said otherwise.
FAULTS: Final = {
    "accepted_then_timeout": "the next create is carried out, but its answer never comes",
    "error_after_commit": "the next create is carried out and answered with HTTP 500",
    "reset": "the next create is carried out, then the connection is cut",
    "nonsense": "the next call, read or write, is answered 200 with something that is no answer",
    "limited": "the next call is refused as too frequent, and the network says for how long",
    "limited_no_delay": "the next call is refused as too frequent, without saying for how long",
    "refused": "the next create is refused for its content",
    "revoked": "the keys stop working for good",
    "expired": "the keys are too old from now on",
    "captcha": "the next create is answered with a demand for a captcha",
    "forgotten": "the newest post vanishes, as if a person or the network had removed it",
    "surplus": "from now on every reply carries fields and words that no contract knows",
}


class Clock:
    """A clock that stands still (aware UTC) until it is told to go on. Starts at the real time.

    Fakes that stamp their posts with the real time therefore always stamp them at or after it.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self.time = start or datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass(slots=True)
class Harness:
    """One network, connected to a server of its own on loopback.

    `posts`: what the server really holds, oldest first; each at least {"id": str, "text": str,
    "media": int}, comments not among them. `fault`: arms one of FAULTS; `faults`: those this server can do.
    `session`: open until the harness is left. `parts`: the texts of all further parts of chains that the
    server holds, oldest first; they are not among `posts`. `options`: what every post must say to this
    network (a title, a board). `public`: it fetches files itself, so samples get public addresses.
    `say`: somebody says something there: (kind of `Message`, text, id of the post for a comment, else "").
    """

    network: Network
    credential: Credential
    posts: Callable[[], list[dict[str, Any]]]
    fault: Callable[[str], None]
    faults: frozenset[str]
    session: aiohttp.ClientSession
    clock: Clock = field(default_factory=Clock)
    parts: Callable[[], list[str]] = list
    options: Mapping[str, Any] = field(default_factory=dict)
    public: bool = False
    say: Callable[[MessageKind, str, str], None] | None = None

    def samples(self, folder: Path) -> dict[str, Outgoing]:
        """`sample_posts` as this network takes them; where no text goes alone, a comment's has a file."""
        made = {name: self._as_taken(out) for name, out in sample_posts(folder).items()}
        plain = made[self._plainest()]
        made["first_comment"] = replace(plain, first_comment=made["first_comment"].first_comment)
        return made

    def _plainest(self) -> str:
        kinds = (*PLAIN, *self.network.manifest.abilities)
        return next(kind for kind in kinds if kind in self.network.manifest.abilities)

    def plain(self, folder: Path) -> Outgoing:
        """The simplest post that this network takes: text alone where it can, else with a file."""
        return self.samples(folder)[self._plainest()]

    def _as_taken(self, out: Outgoing) -> Outgoing:
        files = out.media
        if self.public:
            files = tuple(replace(one, url=f"{PUBLIC}/{one.path.name}") for one in files)
        return replace(out, media=files, options={**self.options, **out.options})

    def call(
        self,
        key: str = "post-1",
        *,
        timeout: float = 5.0,
        credential: Credential | None = None,
        session: aiohttp.ClientSession | None = None,
        before_send: Callable[[], Any] | None = None,
    ) -> Call:
        """A call as the engine would make it. `key`: any word; turned into a UUID, always the same one."""
        transport = Transport(session or self.session, before_send=before_send, deadline=timeout)
        return Call(transport, credential or self.credential, self.clock, idempotency_key(key))

    async def publish(self, out: Outgoing, key: str = "post-1") -> Remote:
        """All steps in order, as the engine does when nothing goes wrong."""
        return self.network.remote(await self.perform_all(out, key))

    async def perform_all(self, out: Outgoing, key: str = "post-1") -> Mapping[str, JSON]:
        """The results of all steps by name. Every step has a key of its own, drawn from `key`."""
        done: dict[str, JSON] = {}
        for step in self.network.steps(out, self.credential):
            done[step.name] = await self.network.perform(
                self.call(f"{key}/{step.name}"), step, out, dict(done)
            )
        return done


def idempotency_key(word: str) -> str:
    """A UUID that is always the same for the same word."""
    return str(uuid5(NAMESPACE_URL, f"niva:test:{word}"))


@asynccontextmanager
async def open_session(*, refusing: bool = False) -> AsyncIterator[aiohttp.ClientSession]:
    """A session for tests. `refusing`: every connection is refused, wherever it would go."""
    connector = aiohttp.TCPConnector(socket_factory=_refuse) if refusing else aiohttp.TCPConnector()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


def _refuse(address: Any) -> Any:
    raise OSError(errno.ECONNREFUSED, f"refused: {address[4]}")


# --- sample files: small, real, made here ---------------------------------------------------------------


def sample_image(
    folder: Path, name: str = "field.png", *, width: int = 320, height: int = 200, alt: str = "Поле"
) -> MediaFile:
    """A drawn picture; the ending of `name` chooses PNG, JPEG, GIF or WebP."""
    from PIL import Image, ImageDraw

    path = folder / name
    picture = Image.new("RGB", (width, height), "#8fc1e3")
    brush = ImageDraw.Draw(picture)
    brush.rectangle((0, height * 2 // 3, width, height), fill="#c9a227")
    brush.ellipse((width // 8, height // 8, width // 4, height // 8 + width // 8), fill="#fff3b0")
    picture.save(path)
    kind = {".jpg": "jpeg", ".jpeg": "jpeg"}.get(path.suffix, path.suffix[1:])
    return MediaFile(path, "image", f"image/{kind}", path.stat().st_size, width, height, alt)


def sample_video(
    folder: Path, name: str = "field.mp4", *, width: int = 160, height: int = 120, seconds: float = 1.0
) -> MediaFile:
    """A real MP4 of moving colour (10 frames a second), H.264 where the encoder is there, else MPEG-4."""
    import av
    from PIL import Image

    path = folder / name
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(max(1, round(seconds * 10))):
            picture = Image.new("RGB", (width, height), (60, (40 + index * 12) % 256, 90))
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))  # type: ignore[no-untyped-call]
        container.mux(stream.encode())
    kind: MediaKind = "video"
    return MediaFile(path, kind, "video/mp4", path.stat().st_size, width, height, duration=seconds)


def sample_upright(folder: Path) -> MediaFile:
    """An upright video of 720 x 1280 and four seconds, as stories and reels want it; encoded only once."""
    path = folder / "upright.mp4"
    path.write_bytes(_upright())
    return MediaFile(path, "video", "video/mp4", path.stat().st_size, 720, 1280, duration=4.0)


@cache
def _upright() -> bytes:
    with TemporaryDirectory() as folder:
        return sample_video(Path(folder), width=720, height=1280, seconds=4).path.read_bytes()


PUBLIC: Final = "https://niva.example.org/files/signed"  # where samples are for those who fetch them
PLAIN: Final = ("text", "image", "video", "reel", "story")  # the simplest first
TEXT: Final = "Урожай собран: 12 тонн & <честный> счёт 🌾"


def sample_posts(folder: Path) -> dict[str, Outgoing]:
    """One post for every ability of content: "text", "image", "album", "video", "link", "poll", ..."""
    upright = sample_upright(folder)
    photos = tuple(
        sample_image(folder, f"photo{i}.jpg", width=320 + 16 * i, alt=f"Снимок {i}") for i in (1, 2, 3)
    )
    text = Outgoing(TEXT)
    return {
        "text": text,
        "image": replace(text, media=(sample_image(folder),)),
        "album": replace(text, media=photos),
        "video": replace(text, media=(sample_video(folder),)),
        "link": replace(text, link=LinkCard("https://example.org/harvest", "Жатва", "Как прошла жатва")),
        "poll": replace(text, poll=Poll("Что сеять весной?", ("Рожь", "Пшеницу"), closes_in=86400)),
        "thread": replace(text, thread=(Part("Вторая часть"), Part("Третья часть"))),
        "first_comment": replace(text, first_comment="Подробности в следующем посте"),
        "story": replace(text, media=(upright,), options={"form": "story"}),
        "reel": replace(text, media=(upright,), options={"form": "reel"}),
    }
