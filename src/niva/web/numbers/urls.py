"""Addresses of the pages of numbers."""

from django.urls import path

from niva.web.numbers import client, mine, overall, rows

urlpatterns = [
    path("numbers/", overall.numbers, name="numbers"),
    path("numbers/mine/", mine.my_numbers, name="my_numbers"),
    path("numbers/rows/", rows.number_rows, name="number_rows"),
    path("clients/<int:pk>/numbers/", client.client_numbers, name="client_numbers"),
    path("clients/<int:pk>/rubrics/<int:rubric>/numbers/", client.rubric_numbers, name="rubric_numbers"),
    path("communities/<int:pk>/numbers/", client.community_numbers, name="community_numbers"),
]
