"""The assistant: its settings, what it is asked for a post, what becomes of its proposals."""

from django.urls import path

from niva.web.assistant import propose, settings

urlpatterns = [
    path("", settings.settings_page, name="assistant"),
    path("try/", settings.try_out, name="assistant_try"),
    path("posts/<int:post_id>/", propose.propose, name="assist"),
    path("proposals/<int:proposal_id>/<str:decision>/", propose.decide, name="proposal_decide"),
]
