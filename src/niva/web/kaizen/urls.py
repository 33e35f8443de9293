"""Addresses of the weekly review and of changes on trial."""

from django.urls import path

from niva.web.kaizen import views

urlpatterns = [
    path("", views.review, name="kaizen"),
    path("rows/", views.rows, name="kaizen_rows"),
    path("cards/", views.below_board, name="kaizen_cards"),
    path("changes/new/", views.new, name="change_new"),
    path("changes/<int:change>/decide/", views.decide, name="change_decide"),
]
