"""The board of the newsroom, moving cards on it, and the stages of each client."""

from django.urls import path

from niva.web.board import moving, stages, views

urlpatterns = [
    path("", views.board, name="board"),
    path("more/", views.more, name="board_more"),
    path("idea/", views.idea, name="board_idea"),
    path("move/<int:piece_id>/", moving.move, name="board_move"),
    path("stages/<int:client_id>/", stages.stages, name="stages"),
    path("stages/<int:client_id>/copy/", stages.copy, name="stages_copy"),
    path("stages/<int:client_id>/<int:stage_id>/", stages.edit, name="stage"),
    path("stages/<int:client_id>/<int:stage_id>/shift/", stages.shift, name="stage_shift"),
    path("stages/<int:client_id>/<int:stage_id>/away/", stages.away, name="stage_away"),
]
