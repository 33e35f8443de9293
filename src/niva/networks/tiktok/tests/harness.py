"""TikTok for the tests that run over every network. It takes no PNG and no video under 360 pixels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from niva.networks.base.testing import Harness, open_session, sample_image, sample_upright
from niva.networks.base.types import MediaFile, Outgoing
from niva.networks.tiktok import NETWORK
from niva.networks.tiktok.tests.fake import FAULTS, FakeTikTok

OPTIONS = {"privacy": "PUBLIC_TO_EVERYONE", "consent": True}


class Fitting(Harness):
    """The samples as the desk would fit them before they are sent."""

    def _as_taken(self, out: Outgoing) -> Outgoing:
        return Harness._as_taken(self, replace(out, media=tuple(fitted(file) for file in out.media)))


def fitted(file: MediaFile) -> MediaFile:
    if file.kind == "image":
        name = f"{file.path.stem}.jpg"
        return sample_image(file.path.parent, name, width=file.width, height=file.height, alt=file.alt)
    return sample_upright(file.path.parent)


@asynccontextmanager
async def open_tiktok() -> AsyncIterator[tuple[Harness, FakeTikTok]]:
    """A connected account on a fake of its own; at the end nothing may have gone against the pages."""
    async with FakeTikTok() as fake, open_session() as session:
        yield (
            Fitting(
                NETWORK, fake.credential(), fake.posts, fake.fault, FAULTS, session, options=OPTIONS,
                public=True,
            ),
            fake,
        )  # fmt: skip
        assert fake.violations == [], fake.violations


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_tiktok() as (harness, _):
        yield harness
