"""Posts: the list, writing, the page of one, its media, and the buttons of its deliveries."""

from django.urls import path

from niva.web.posts import compose, evergreen, framing, listing, media, mending, scatter, show
from niva.web.repeats import views as repeats

urlpatterns = [
    path("", listing.posts, name="posts"),
    path("new/", compose.new, name="post_new"),
    path("<int:post_id>/", show.show, name="post_show"),
    path("<int:post_id>/places/", show.places, name="post_places"),
    path("<int:post_id>/edit/", compose.edit, name="post_edit"),
    path("<int:post_id>/save/", compose.save, name="post_save"),
    path("<int:post_id>/repeat/", repeats.start, name="post_repeat"),
    path("<int:post_id>/scatter/", scatter.scatter, name="post_scatter"),
    path("<int:post_id>/evergreen/", evergreen.evergreen, name="post_evergreen"),
    path("<int:post_id>/files/", media.upload, name="asset_upload"),
    path("<int:post_id>/correct/", mending.correct, name="post_correct"),
    path("<int:post_id>/bin/", show.bin_post, name="post_bin"),
    path("<int:post_id>/copy/", show.copy_post, name="post_copy"),
    path("files/<int:asset_id>/", media.file, name="asset_file"),
    path("<int:post_id>/converting/", framing.converting, name="post_converting"),
    path("files/<int:asset_id>/still/", framing.still, name="asset_still"),
    path("files/<int:asset_id>/for/<int:variant_id>/", framing.as_sent, name="asset_fitted"),
    path("files/<int:asset_id>/thumb/", media.thumb, name="asset_thumb"),
    path("deliveries/<int:delivery_id>/<str:verb>/", show.act, name="delivery_act"),
]
