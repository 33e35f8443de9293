"""Addresses of the tree of reasons and of the levers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
