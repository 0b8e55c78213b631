"""URL patterns of the office tools."""

from django.urls import path

from jieban.web.office import (
    duty_views,
    inbox_views,
    knowledge_views,
    message_wording_views,
    suggestion_quality_views,
    text_message_views,
    topic_views,
)

urlpatterns = [
    path("text-messages/", text_message_views.decide, name="text-messages"),
    # Set by the administrator, beside what is looked after here.
    path("admin/messages/", message_wording_views.wording_list, name="admin-messages"),
    path("admin/messages/<str:name>/new/", message_wording_views.new, name="admin-message-new"),
    path("admin/messages/<int:pk>/withdraw/", message_wording_views.withdraw, name="admin-message-withdraw"),
    path("proposals/", suggestion_quality_views.quality_report, name="proposal-quality"),
    path("hot-topics/", topic_views.topic_list, name="hot-topics"),
    path("hot-topics/<int:pk>/", topic_views.topic_detail, name="hot-topic"),
    path("hot-topics/<int:pk>/merge/", topic_views.merge, name="hot-topic-merge"),
    path("hot-topics/<int:pk>/split/", topic_views.split, name="hot-topic-split"),
    path("hot-topics/<int:pk>/put-out/", topic_views.put_out, name="hot-topic-put-out"),
    path("hot-topics/<int:pk>/rename/", topic_views.rename, name="hot-topic-rename"),
    path("knowledge/", knowledge_views.search, name="knowledge"),
    path("knowledge/new/", knowledge_views.new, name="knowledge-new"),
    path("knowledge/waiting/", knowledge_views.owner_tasks, name="knowledge-waiting"),
    path("knowledge/beside/", knowledge_views.suggested_articles, name="knowledge-beside"),
    path("knowledge/corrections/<int:pk>/", knowledge_views.decide, name="knowledge-decide"),
    path("knowledge/<int:pk>/", knowledge_views.article, name="knowledge-article"),
    path("knowledge/<int:pk>/edit/", knowledge_views.edit, name="knowledge-edit"),
    path("knowledge/<int:pk>/correct/", knowledge_views.correct, name="knowledge-correct"),
    path("knowledge/<int:pk>/withdraw/", knowledge_views.withdraw, name="knowledge-withdraw"),
    path("knowledge/<int:pk>/aloud/", knowledge_views.read_aloud, name="knowledge-aloud"),
    path("duty/", duty_views.roster, name="duty"),
    path("duty/new/", duty_views.new, name="duty-new"),
    path("duty/copy/", duty_views.copy, name="duty-copy"),
    path("duty/<int:pk>/take-off/", duty_views.take_off, name="duty-take-off"),
    path("duty/hand-over/", duty_views.hand_over, name="hand-over"),
    path("duty/hand-over/<int:pk>/confirm/", duty_views.confirm, name="hand-over-confirm"),
    path("messages/", inbox_views.message_list, name="messages"),
    path("messages/read/", inbox_views.mark_all_read, name="messages-read"),
    path("messages/<int:pk>/read/", inbox_views.open_message, name="message-read"),
]
