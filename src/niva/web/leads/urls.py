"""Addresses of leads, their forms and the funnel."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
