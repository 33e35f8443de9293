"""Makers of pieces with sensible defaults, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

from typing import Any

from niva.domains.clients.models import Client
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.services.pieces import adopt
from niva.domains.publishing.models import Post


def make_stages(client: Client) -> dict[str, Stage]:
    """The default pipeline of the client, by kind."""
    return {stage.kind: stage for stage in stages_of(client)}


def make_piece(client: Client, title: str = "Рёбрышки к выходным", *, at: str = "", **extra: Any) -> Piece:
    """A piece in the stage of kind `at` (default: where a new post stands); `extra`: fields of the piece."""
    post = Post.objects.create(client=client, workspace_id=client.workspace_id, title=title)
    piece = adopt(post)
    if at:
        stage = make_stages(client)[at]
        piece.stays.update(stage=stage)
        extra["stage"] = stage
    for name, value in extra.items():
        setattr(piece, name, value)
    piece.save()
    return piece
