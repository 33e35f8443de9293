from django.urls import path

from niva.web.sources import clips, files, fragments, listing, making, page

urlpatterns = [
    path("", listing.sources, name="sources"),
    path("new/", listing.new, name="source_new"),
    path("<int:source_id>/", page.source, name="source"),
    path("<int:source_id>/edit/", listing.edit, name="source_edit"),
    path("<int:source_id>/delete/", listing.delete, name="source_delete"),
    path("<int:source_id>/file/", files.give_file, name="source_file"),
    path("<int:source_id>/part/", files.part, name="source_part"),
    path("<int:source_id>/transcript/", files.transcript, name="source_transcript"),
    path("<int:source_id>/hear/", files.hear, name="source_hear"),
    path("<int:source_id>/cue/<int:cue>/", files.cue, name="source_cue"),
    path("<int:source_id>/fragments/", fragments.add, name="fragment_add"),
    path("<int:source_id>/propose/", fragments.propose, name="source_propose"),
    path("<int:source_id>/make/", making.make, name="source_make"),
    path("<int:source_id>/clips/", clips.listed, name="source_clips"),
    path("fragments/<int:fragment_id>/", fragments.fragment, name="fragment"),
    path("fragments/<int:fragment_id>/delete/", fragments.delete, name="fragment_delete"),
    path("fragments/<int:fragment_id>/cut/", clips.cut, name="fragment_cut"),
    path("clips/<int:clip_id>/<str:doing>/", clips.act, name="clip_act"),
]
