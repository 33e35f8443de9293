"""Addresses of a client's money."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
