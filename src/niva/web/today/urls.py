"""The first screen."""

from django.urls import path

from niva.web.today.note import write
from niva.web.today.nudging import nudge
from niva.web.today.views import acknowledge, today, today_lines

urlpatterns = [
    path("", today, name="today"),
    path("today/lines/", today_lines, name="today_lines"),
    path("today/nudge/<slug:kind>/<int:pk>/", nudge, name="today_nudge"),
    path("today/note/", write, name="today_note"),
    path("today/<int:delivery_id>/let-be/", acknowledge, name="today_let_be"),
]
