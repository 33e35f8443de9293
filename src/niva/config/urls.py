"""All addresses of the desk. Sections own their own lists."""

from django.urls import include, path

from niva.web import answers
from niva.web.kit_page import kit

urlpatterns = [
    path("", include("niva.web.health.urls")),
    path("kit/", kit, name="kit"),
    path("", include("niva.web.today.urls")),
    path("plan/", include("niva.web.plan.urls")),
    path("plan/", include("niva.web.sheets.urls")),
    path("board/", include("niva.web.board.urls")),
    path("pieces/", include("niva.web.board.table_urls")),
    path("pieces/", include("niva.web.pieces.urls")),
    path("tasks/", include("niva.web.tasks.urls")),
    path("approvals/", include("niva.web.approvals.urls")),
    path("decide/", include("niva.web.decide.urls")),
    path("sources/", include("niva.web.sources.urls")),
    path("kaizen/", include("niva.web.kaizen.urls")),
    path("pay/", include("niva.web.pay.urls")),
    path("notices/", include("niva.web.notices.urls")),
    path("assistant/", include("niva.web.assistant.urls")),
    path("search/", include("niva.web.search.urls")),
    path("posts/", include("niva.web.posts.urls")),
    path("numbers/", include("niva.web.figures.urls")),
    path("by-hand/", include("niva.web.hand.urls")),
    path("repeats/", include("niva.web.repeats.urls")),
    path("queue/", include("niva.web.queue.urls")),
    path("clients/", include("niva.web.clients.urls")),
    path("clients/", include("niva.web.strategy.urls")),
    path("communities/", include("niva.web.communities.urls")),
    path("communities/", include("niva.web.condition.urls")),
    path("", include("niva.web.numbers.urls")),
    path("", include("niva.web.dictionary.urls")),
    path("", include("niva.web.why.urls")),
    path("", include("niva.web.best_time.urls")),
    path("", include("niva.web.works.urls")),
    path("", include("niva.web.alarms.urls")),
    path("", include("niva.web.advice.urls")),
    path("", include("niva.web.experiments.urls")),
    path("", include("niva.web.money.urls")),
    path("", include("niva.web.leads.urls")),
    path("", include("niva.web.people.urls")),
    path("public/", include("niva.web.public.urls")),
    path("api/", include("niva.api.urls")),
]

handler400 = answers.bad_request
handler403 = "niva.web.answers.forbidden_by_django"
handler404 = answers.not_found
handler429 = answers.too_many  # read by allauth
handler500 = answers.server_error
