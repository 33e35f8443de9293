"""The client's decision by a link: nobody signs in here."""

from django.urls import path

from niva.web.decide import views

urlpatterns = [
    path("<str:token>/", views.decide, name="decide"),
    path("<str:token>/files/<int:asset_id>/<int:variant_id>/", views.file, name="decide_file"),
]
