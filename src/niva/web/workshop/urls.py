"""Addresses of the workshop of avatars and covers, under those of a client."""

from django.urls import path

from niva.web.workshop import views

urlpatterns = [
    path("<int:pk>/workshop/", views.workshop, name="workshop"),
    path("<int:pk>/workshop/<int:artwork>/", views.artwork, name="artwork"),
    path("<int:pk>/workshop/<int:artwork>/file/", views.file, name="artwork_file"),
    path("<int:pk>/workshop/<int:artwork>/sizes.zip", views.pack, name="artwork_pack"),
    path("<int:pk>/workshop/<int:artwork>/set/", views.put, name="artwork_set"),
]
