"""Addresses of the tree of reasons and of the levers."""

from django.urls import path

from niva.web.why import levers, views

urlpatterns = [
    path("clients/<int:pk>/why/", views.client_why, name="client_why"),
    path("clients/<int:pk>/levers/", levers.client_levers, name="client_levers"),
]
