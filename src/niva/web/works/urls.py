"""Addresses of what works."""

from django.urls import path

from niva.web.works import views

urlpatterns = [
    path("clients/<int:pk>/works/", views.client_works, name="client_works"),
]
