"""The REST API's addresses."""

from django.urls import path

from niva.api.v1 import api

urlpatterns = [path("v1/", api.urls)]
