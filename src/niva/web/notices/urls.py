from django.urls import path

from niva.web.notices import views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("read/", views.read_all, name="notices_read"),
    path("ways/", views.ways, name="notice_ways"),
    path("ways/chat/", views.chat, name="notice_chat"),
    path("ways/bot/", views.bot, name="notice_bot"),
    path("<int:pk>/go/", views.go, name="notice_go"),
]
