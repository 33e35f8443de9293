"""What people publish themselves: the task, its files, its two answers; and a link given later."""

from django.urls import path

from niva.web.hand import views

urlpatterns = [
    path("<int:delivery_id>/", views.task, name="hand_task"),
    path("<int:delivery_id>/files/<int:number>/", views.file, name="hand_file"),
    path("<int:delivery_id>/out/", views.out, name="hand_out"),
    path("<int:delivery_id>/not-out/", views.not_out, name="hand_not_out"),
    path("links/<int:publication_id>/", views.link, name="put_link"),
]
