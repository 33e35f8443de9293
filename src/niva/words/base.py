"""One entry of the dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from niva.networks.base.words import Amount


@dataclass(frozen=True, slots=True)
class Words:
    """`what` happened and what `todo`: lazy strings with %(name)s places, or lazy plurals over "n".

    `amount`: what `limit` and `actual` are counted in, so that bytes are shown as megabytes.
    `with_media`: the variant of `what` for texts that stand under a picture, where the limit differs.
    """

    what: Any
    todo: Any = ""
    amount: Amount = "count"
    with_media: Any = None

    @property
    def what_with_media(self) -> Any:
        return self.what if self.with_media is None else self.with_media
