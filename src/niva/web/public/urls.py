"""What stands open to networks without sign-in, at addresses that nobody guesses."""

from django.urls import path

from niva.web.public import views

urlpatterns = [
    path("feeds/<str:token>/feed.xml", views.feed, name="public_feed"),
    path("items/<str:guid>/", views.item, name="public_item"),
    path("files/<str:token>/<str:name>", views.file, name="public_file"),
]
