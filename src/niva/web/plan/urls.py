"""The plan: month, week and list, and moving what stands there."""

from django.urls import path

from niva.web.plan import moving, views

urlpatterns = [
    path("", views.plan, name="plan"),
    path("move/", moving.move, name="plan_move"),
    path("move/<str:ref>/", moving.ask, name="plan_ask"),
]
