"""A caller for services that speak the two calls of OpenAI's API which we need: a text, and a transcript.

`POST {base}/chat/completions` and `POST {base}/audio/transcriptions`, as described at
https://platform.openai.com/docs/api-reference/chat/create and …/audio/createTranscription; Ollama, vLLM,
LM Studio, speaches and many firms answer to the same. Only what all of them know is sent: no temperature
and no limit of tokens, whose names and ranges differ.

The address was given by a person, so every call passes the guard; redirects are not followed, for they would
carry the key elsewhere. Time and bytes are bounded. Nothing here keeps or logs what is sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

import aiohttp

from niva.kit.net.guard import Allowed, Blocked, blocked_by, check_url, guarded_connector
from niva.kit.redaction import HIDDEN, hide

TEXT_SECONDS: Final = 90.0  # somebody waits at the screen, and a model on a laptop is slow
SPEECH_SECONDS: Final = 1800.0
TEXT_BYTES: Final = 1024 * 1024  # of the answer; a post has some thousands
SPEECH_BYTES: Final = 32 * 1024 * 1024  # an hour with its words has about two millions
AUDIO_BYTES: Final = 25 * 1024 * 1024  # OpenAI takes no larger file; a server of one's own may
_DETAIL: Final = 300  # characters of what the service said

Code = Literal[
    "address_bad",  # no web address
    "address_inside",  # leads into our own house
    "no_answer",  # nobody there, or the line broke
    "too_slow",  # no whole answer in the time given
    "moved",  # it sends us elsewhere; we do not follow with a key in hand
    "key_refused",  # 401, 403, or a key that cannot be one
    "not_there",  # 404: the address or the model's name is wrong
    "enough",  # 429: too many calls, or the money is spent
    "too_much",  # 413: more was sent than it takes
    "refused",  # any other 4xx
    "broken",  # 5xx
    "too_large",  # the answer is longer than we read
    "unreadable",  # the answer is not what was asked for
    "empty",  # the answer is in order and holds no text
]
CODES: Final[tuple[Code, ...]] = get_args(Code)
_BY_STATUS: Final[dict[int, Code]] = {
    401: "key_refused",
    403: "key_refused",
    404: "not_there",
    413: "too_much",
    429: "enough",
}


class ServiceFailed(Exception):
    """`code`: one of CODES. `detail`: the service's own words, short and without secrets; may be ""."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code: Code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Service:
    """`base`: up to and without "/chat/completions", e.g. "https://api.openai.com/v1". `key`: "" for none.
    `allowed`: inner (host, port) pairs that the keeper of this desk lets us call."""

    base: str
    key: str = field(default="", repr=False)
    allowed: Allowed = ()


@dataclass(frozen=True, slots=True)
class Written:
    """`model`: as the service names it. `cut`: it stopped for want of room, not because it was done."""

    text: str
    model: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """Seconds from the start of the recording."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """`segments` may be empty: not every service gives times. `language`, `seconds`: "" and 0, not told."""

    text: str
    segments: tuple[Segment, ...] = ()
    language: str = ""
    seconds: float = 0.0


def chat_body(model: str, messages: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Exactly what `chat` sends, to be shown beforehand. `messages`: ("system" or "user", text)."""
    return {
        "model": model,
        "messages": [{"role": role, "content": text} for role, text in messages],
        "stream": False,
    }


async def chat(
    service: Service, *, model: str, messages: Sequence[tuple[str, str]], seconds: float = TEXT_SECONDS
) -> Written:
    """One answer to the messages. Raises ServiceFailed."""
    body = await _post(
        service, "chat/completions", seconds=seconds, most=TEXT_BYTES, json=chat_body(model, messages)
    )
    try:
        choice = body["choices"][0]
        text = choice["message"].get("content") or ""
        if not isinstance(text, str):
            raise TypeError("content is no text")
        finish = choice.get("finish_reason")
        named = body.get("model")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ServiceFailed("unreadable", "no choices with a message") from error
    if not text.strip():
        raise ServiceFailed("empty")
    return Written(text.strip(), named if isinstance(named, str) and named else model, finish == "length")


async def transcribe(
    service: Service,
    *,
    model: str,
    path: Path,
    mime: str = "application/octet-stream",
    language: str = "",
    seconds: float = SPEECH_SECONDS,
) -> Heard:
    """The words of a recording, with times where the service gives them. Raises ServiceFailed, OSError.

    `language`: ISO 639-1, "" lets the service find out. The file's name is sent only as "audio" with its
    ending, by which services tell the format. Larger files than AUDIO_BYTES are for the caller to cut.
    """
    with path.open("rb") as file:  # read by aiohttp in pieces, in a thread of its own
        form = aiohttp.FormData()
        form.add_field("file", file, filename=f"audio{path.suffix.lower()}", content_type=mime)
        form.add_field("model", model)
        form.add_field("response_format", "verbose_json")
        form.add_field("timestamp_granularities[]", "segment")
        if language:
            form.add_field("language", language)
        body = await _post(service, "audio/transcriptions", seconds=seconds, most=SPEECH_BYTES, data=form)
    text = body.get("text")
    if not isinstance(text, str):
        raise ServiceFailed("unreadable", "no text")
    segments = _segments(body.get("segments"))
    if not text.strip() and not segments:
        raise ServiceFailed("empty")
    spoken, told = body.get("language"), body.get("duration")
    return Heard(
        text.strip(),
        segments,
        spoken if isinstance(spoken, str) else "",
        float(told) if isinstance(told, int | float) and told > 0 else 0.0,
    )


def _segments(found: object) -> tuple[Segment, ...]:
    """Those that can be used, in their order; one without a time or with its end first is left out."""
    kept: list[Segment] = []
    for one in found if isinstance(found, list) else ():
        try:
            start, end, text = float(one["start"]), float(one["end"]), str(one["text"]).strip()
        except (KeyError, TypeError, ValueError):
            continue
        if text and 0 <= start <= end < float("inf"):
            kept.append(Segment(start, end, text))
    return tuple(kept)


async def _post(service: Service, call: str, *, seconds: float, most: int, **body: Any) -> dict[str, Any]:
    """The answer's JSON object. `most`: bytes of it."""
    url = f"{service.base.rstrip('/')}/{call}"
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Niva/1.0"}
    if service.key:
        if not service.key.isascii() or not service.key.isprintable():
            raise ServiceFailed("key_refused", "the key holds signs that no key has")
        headers["Authorization"] = f"Bearer {service.key}"
    try:
        check_url(url, service.allowed)
        async with (
            asyncio.timeout(seconds),
            aiohttp.ClientSession(
                connector=guarded_connector(service.allowed, limit=2),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),  # ours, above, bounds it all
                auto_decompress=False,
            ) as session,
            session.post(url, headers=headers, allow_redirects=False, **body) as reply,
        ):
            return _read(service, reply.status, await _bounded(reply, most))
    except Blocked as error:
        raise ServiceFailed("address_bad" if error.code == "address_bad" else "address_inside") from error
    except TimeoutError as error:
        raise ServiceFailed("too_slow") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if blocked_by(error) is not None:
            raise ServiceFailed("address_inside") from error
        raise ServiceFailed("no_answer", type(error).__name__) from error


async def _bounded(reply: aiohttp.ClientResponse, most: int) -> bytes:
    if reply.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
        raise ServiceFailed("unreadable", "packed, though asked not to")
    read = bytearray()
    async for piece in reply.content.iter_chunked(65536):
        read += piece
        if len(read) > most:
            raise ServiceFailed("too_large", f"over {most} bytes")
    return bytes(read)


def _read(service: Service, status: int, raw: bytes) -> dict[str, Any]:
    if 300 <= status < 400:
        raise ServiceFailed("moved", str(status))
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if status >= 400:
        code: Code = _BY_STATUS.get(status, "broken" if status >= 500 else "refused")
        raise ServiceFailed(code, _said(service, status, body))
    if not isinstance(body, dict):
        raise ServiceFailed("unreadable", "not JSON")
    return body


def _said(service: Service, status: int, body: object) -> str:
    """The service's own sentence: {"error": {"message": …}} or {"error": …}, as OpenAI and Ollama say it."""
    error = body.get("error") if isinstance(body, dict) else None
    words = error.get("message") if isinstance(error, dict) else error
    if not isinstance(words, str):
        return str(status)
    if service.key:
        words = words.replace(service.key, HIDDEN)
    return f"{status}: {hide(' '.join(words.split()))[:_DETAIL]}"
