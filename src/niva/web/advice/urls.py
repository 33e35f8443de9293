"""Addresses of what the desk said and what came of it, forecasts among it."""

from django.urls import path

from niva.web.advice import ahead, listing

urlpatterns = [
    path("clients/<int:pk>/forecast/", ahead.client_forecast, name="client_forecast"),
    path("clients/<int:pk>/advice/", listing.client_advice, name="client_advice"),
]
