"""Addresses of communities, their keys and slots, and the developer apps."""

from django.urls import path

from niva.web.communities import apps, choosing, connecting, hand, views

urlpatterns = [
    path("", views.communities, name="communities"),
    path("new/<int:client>/", views.new, name="community_new"),
    path("<int:pk>/", views.community, name="community"),
    path("<int:pk>/edit/", views.edit, name="community_edit"),
    path("<int:pk>/archive/", views.archive, name="community_archive"),
    path("<int:pk>/restore/", views.restore, name="community_restore"),
    path("<int:pk>/slots/", views.add_slots, name="slots_add"),
    path("<int:pk>/slots/<int:slot>/delete/", views.delete_slot, name="slot_delete"),
    path("<int:pk>/connect/", connecting.connect, name="community_connect"),
    path("<int:pk>/connect/keys/", connecting.by_keys, name="connect_keys"),
    path("<int:pk>/connect/oauth/", connecting.leave, name="connect_oauth"),
    path("<int:pk>/connect/choose/", choosing.choose, name="connect_choose"),
    path("<int:pk>/connect/hand/", hand.by_hand, name="connect_hand"),
    path("<int:pk>/feed/", hand.open_feed, name="feed_open"),
    path("<int:pk>/feed/renew/", hand.renew_feed, name="feed_renew"),
    path("<int:pk>/not-by-hand/", hand.not_by_hand, name="not_by_hand"),
    path("<int:pk>/test/", connecting.test, name="community_test"),
    path("<int:pk>/disconnect/", connecting.disconnect, name="community_disconnect"),
    path("oauth/back/", connecting.back, name="oauth_back"),
    path("apps/", apps.apps, name="apps"),
    path("apps/new/<slug:network>/", apps.new, name="app_new"),
    path("apps/<int:pk>/", apps.edit, name="app_edit"),
    path("apps/<int:pk>/delete/", apps.delete, name="app_delete"),
]
