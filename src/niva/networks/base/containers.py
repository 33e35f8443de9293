"""Publishing in two steps, as Instagram and Threads have it: a container is made, then it is published.

A container shows nothing: made twice it harms nobody. Publishing it is the one write that counts; afterwards
the container itself tells whether it was published. It ends after 24 hours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from niva.networks.base import meta
from niva.networks.base.errors import Gone, OutcomeUnknown, Rejected
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, MediaFile, Outgoing, Step

WHOLE: Final = "upload:whole"  # the container of a carousel, after those of its files


@dataclass(frozen=True, slots=True)
class Containers:
    """`single`, `child`, `carousel`: the fields of a container; `make` makes one and gives its id;
    `state`: EXPIRED, FINISHED, IN_PROGRESS or PUBLISHED (raises what an error stands for); `publish`: the
    write, with the id of what came of it; `fill`: sends a file that has no public address into its
    container, where the network lets it.
    """

    single: Callable[[Outgoing], JSON]
    child: Callable[[MediaFile], JSON]
    carousel: Callable[[Outgoing, Sequence[str]], JSON]
    make: Callable[[Call, JSON], Awaitable[str]]
    state: Callable[[Call, str], Awaitable[str]]
    publish: Callable[[Call, str], Awaitable[str]]
    fill: Callable[[Call, str, MediaFile], Awaitable[None]] | None = None

    def steps(self, out: Outgoing) -> list[Step]:
        """A container for each file (or one for a text), one for a whole carousel, then publishing."""
        count = max(1, len(out.media))
        made = [Step(f"upload:{index}", "upload", repeatable=True) for index in range(count)]
        if count > 1:
            made.append(Step(WHOLE, "upload", repeatable=True))
        return [*made, Step("create", "create", searchable=True)]

    async def prepare(
        self, call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]
    ) -> dict[str, Any]:
        """The container of an upload step."""
        if step.name == WHOLE:
            return {"id": await self._whole(call, out, done)}
        return {"id": await self._one(call, out, int(step.name.split(":")[1]))}

    async def _one(self, call: Call, out: Outgoing, index: int) -> str:
        fields = self.child(out.media[index]) if len(out.media) > 1 else self.single(out)
        container = await self.make(call, fields)
        if self.fill is not None and not out.media[index].url:
            await self.fill(call, container, out.media[index])
        return container

    async def _whole(self, call: Call, out: Outgoing, done: Mapping[str, JSON]) -> str:
        """The container of a carousel, when all of its files are through."""
        children = []
        for index in range(len(out.media)):
            known = done.get(f"upload:{index}")
            child = str(known["id"]) if known else await self._one(call, out, index)
            if await self._settled(call, child) == "EXPIRED":
                child = await self._one(call, out, index)
                await self._settled(call, child)
            children.append(child)
        return await self.make(call, self.carousel(out, children))

    async def send(self, call: Call, out: Outgoing, done: Mapping[str, JSON]) -> str:
        """Publish; the id of what came of it. A new container takes the place of one that ended."""
        container = _kept(done)
        word = await self._settled(call, container) if container else "EXPIRED"
        if word == "PUBLISHED":
            raise OutcomeUnknown("no_answer", "the container was published before")
        if word == "EXPIRED":
            container = await (self._whole(call, out, {}) if len(out.media) > 1 else self._one(call, out, 0))
            await self._settled(call, container)
        return await self.publish(call, container)

    async def _settled(self, call: Call, container: str) -> str:
        return await meta.settled(lambda: self.state(call, container))

    async def word(self, call: Call, done: Mapping[str, JSON]) -> str:
        """The state of the container that was to be published, ERROR for one that failed; "" where another
        one may have been published in its place."""
        container = _kept(done)
        if not container:
            return ""
        try:
            word = await self.state(call, container)
        except Gone:
            return ""
        except Rejected:
            return "ERROR"
        return "" if word == "EXPIRED" else word


def _kept(done: Mapping[str, JSON]) -> str:
    """The container that is to be published, where its step went before."""
    made = done.get(WHOLE) or (done.get("upload:0") if "upload:1" not in done else None)
    return str(made["id"]) if made else ""
