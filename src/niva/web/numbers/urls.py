"""Addresses of the pages of numbers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
