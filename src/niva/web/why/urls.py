"""Addresses of the tree of reasons and of the levers."""

from django.urls import path

from niva.web.why import views

urlpatterns = [
    path("clients/<int:pk>/why/", views.client_why, name="client_why"),
]
