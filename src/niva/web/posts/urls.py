"""Posts: the list, writing, the page of one, its media, and the buttons of its deliveries."""

from django.urls import path

from niva.web.posts import show

urlpatterns = [
    path("<int:post_id>/", show.show, name="post_show"),
    path("<int:post_id>/places/", show.places, name="post_places"),
    path("<int:post_id>/bin/", show.bin_post, name="post_bin"),
    path("<int:post_id>/copy/", show.copy_post, name="post_copy"),
    path("deliveries/<int:delivery_id>/<str:verb>/", show.act, name="delivery_act"),
]
