"""The page of a piece: its work, its remarks, its buttons, its files."""

from django.urls import path

from niva.web.pieces import editing, moving, page, remarks
from niva.web.tasks import files

urlpatterns = [
    path("<int:piece_id>/", page.piece, name="piece"),
    path("<int:piece_id>/edit/", editing.edit, name="piece_edit"),
    path("<int:piece_id>/move/", moving.move, name="piece_move"),
    path("<int:piece_id>/off/", moving.off, name="piece_off"),
    path("<int:piece_id>/tick/", moving.tick, name="piece_tick"),
    path("<int:piece_id>/wait/", moving.wait, name="piece_wait"),
    path("<int:piece_id>/files/", files.of_piece, name="piece_files"),
    path("<int:piece_id>/remarks/", remarks.add, name="remark_add"),
    path("remarks/<int:remark_id>/answer/", remarks.answer, name="remark_answer"),
    path("remarks/<int:remark_id>/settle/", remarks.settle, name="remark_settle"),
]
