"""Addresses of the best time."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
