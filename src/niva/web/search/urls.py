"""Search over everything."""

from django.urls import path

from niva.web.search import views

urlpatterns = [path("", views.search, name="search")]
