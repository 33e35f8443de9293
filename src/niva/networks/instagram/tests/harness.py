"""An account for the common suite. It takes JPEG and videos from three seconds: samples are such."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from niva.networks.base.graph_fake import FAULTS
from niva.networks.base.testing import Clock, Harness, open_session, sample_image, sample_upright
from niva.networks.base.types import Credential, MediaFile, Outgoing
from niva.networks.instagram import NETWORK
from niva.networks.instagram.tests.fake import IG, PAGE, FakeInstagram


class Fitting(Harness):
    """The samples as the desk would fit them before they are sent."""

    def _as_taken(self, out: Outgoing) -> Outgoing:
        return super()._as_taken(replace(out, media=tuple(fitted(file) for file in out.media)))


def fitted(file: MediaFile) -> MediaFile:
    if file.kind == "image":
        name = f"{file.path.stem}.jpg"
        return sample_image(file.path.parent, name, width=file.width, height=file.height, alt=file.alt)
    return sample_upright(file.path.parent)


@asynccontextmanager
async def open_account() -> AsyncIterator[tuple[Harness, FakeInstagram]]:
    async with FakeInstagram() as fake, open_session() as session:
        clock = Clock()
        fake.clock = clock
        facts = {"api_base": fake.url, "upload_base": fake.url, "page_id": PAGE, "ig_id": IG}
        credential = Credential({"access_token": fake.token}, facts)
        yield (
            Fitting(
                NETWORK, credential, lambda: list(fake.posts), fake.fault, FAULTS, session, clock,
                public=True, say=fake.say,
            ),
            fake,
        )  # fmt: skip
    assert not fake.violations, "against Meta's lists:\n" + "\n".join(fake.violations)


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_account() as (harness, _):
        yield harness
