"""Addresses of what the desk said and what came of it, forecasts among it."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
