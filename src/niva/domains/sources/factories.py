"""Makers of sources with sensible defaults, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

from typing import Any

from niva.domains.clients.models import Client
from niva.domains.sources.models import Fragment, Source
from niva.domains.sources.states import Rights, SourceKind


def make_source(client: Client, title: str = "Эфир про мясо", **extra: Any) -> Source:
    values: dict[str, Any] = {"kind": SourceKind.RECORDING, "rights": Rights.OURS}
    return Source.objects.create(
        client=client, workspace_id=client.workspace_id, title=title, **{**values, **extra}
    )


def make_fragment(source: Source, theme: str = "Почему мясо сохнет", **extra: Any) -> Fragment:
    return Fragment.objects.create(
        workspace_id=source.workspace_id, client_id=source.client_id, source=source, theme=theme, **extra
    )
