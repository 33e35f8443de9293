"""Addresses of the best time."""

from django.urls import path

from niva.web.best_time import views

urlpatterns = [
    path("clients/<int:pk>/best-time/", views.client_best_time, name="client_best_time"),
]
