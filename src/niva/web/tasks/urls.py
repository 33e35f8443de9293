"""Tasks: the list, setting one, its page and its buttons, its files."""

from django.urls import path

from niva.web.tasks import files, listing, page, setting

urlpatterns = [
    path("", listing.tasks, name="tasks"),
    path("new/", setting.new, name="task_new"),
    path("<int:task_id>/", page.task, name="task"),
    path("<int:task_id>/edit/", setting.edit, name="task_edit"),
    path("<int:task_id>/go/", page.go, name="task_go"),
    path("<int:task_id>/give/", page.give, name="task_give"),
    path("<int:task_id>/tick/", page.tick, name="task_tick"),
    path("<int:task_id>/say/", page.say, name="task_say"),
    path("<int:task_id>/wait/", page.wait, name="task_wait"),
    path("<int:task_id>/files/", files.of_task, name="task_files"),
    path("waits/<int:block_id>/end/", page.wait_end, name="wait_end"),
    path("files/<int:version_id>/", files.give_out, name="work_file"),
]
