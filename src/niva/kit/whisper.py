"""Speech into text on this very machine by faster-whisper, where somebody has installed it.

It is no dependency: with its model it weighs more than the whole desk. `pip install faster-whisper` into the
desk's environment is enough; the model is fetched by that library with the first recording.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from niva.kit import child
from niva.kit.images import Broken

MODEL: Final = "small"  # good Russian, at about the speed of speech on four cores
MOST_SECONDS: Final = 1800.0  # of work on one piece


def is_here() -> bool:
    return find_spec("faster_whisper") is not None


async def hear(path: Path) -> list[tuple[float, float, str]]:
    """(start, end, words) in seconds, by a process of its own. Raises Broken: broken, too_slow, not_here."""
    made = await child.ask(
        __name__, {"path": str(path)}, lambda share: None, most_seconds=MOST_SECONDS, silent_for=MOST_SECONDS
    )
    return [(float(start), float(end), str(text)) for start, end, text in made["said"]]


def listen(path: Path) -> list[tuple[float, float, str]]:
    """The same here and now."""
    if not is_here():
        raise Broken("not_here")
    from faster_whisper import WhisperModel  # type: ignore[import-not-found, unused-ignore]

    segments, _info = WhisperModel(MODEL, device="cpu", compute_type="int8").transcribe(
        str(path), vad_filter=True
    )
    return [(one.start, one.end, one.text.strip()) for one in segments if one.text.strip()]


def _work(job: dict[str, Any], on_done: Callable[[float], object]) -> dict[str, Any]:
    return {"said": listen(Path(job["path"]))}


if __name__ == "__main__":
    child.answer(_work)
