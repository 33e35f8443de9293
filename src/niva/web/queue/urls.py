"""Addresses of queues."""

from django.urls import path

from niva.web.queue import views

urlpatterns = [
    path("<int:pk>/", views.queue, name="queue"),
    path("<int:pk>/close-up/", views.close_up, name="queue_close_up"),
    path("<int:pk>/fill/", views.fill, name="queue_fill"),
    path("move/<int:delivery_id>/<str:to>/", views.move, name="queue_move"),
]
