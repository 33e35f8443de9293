"""The first screen."""

from django.urls import path

from niva.web.today.views import acknowledge, today, today_lines

urlpatterns = [
    path("", today, name="today"),
    path("today/lines/", today_lines, name="today_lines"),
    path("today/<int:delivery_id>/let-be/", acknowledge, name="today_let_be"),
]
