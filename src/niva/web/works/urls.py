"""Addresses of what works."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
