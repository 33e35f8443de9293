"""Addresses of what went out of its usual way."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
