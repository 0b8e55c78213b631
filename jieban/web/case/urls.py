"""URL patterns of a case's files and writing help."""

from django.urls import path

from jieban.web.case import file_links, reply_views

urlpatterns = [
    path("cases/<str:number>/reply/", reply_views.reply, name="reply"),
    path("cases/<str:number>/attachments/<int:pk>/", file_links.attachment, name="attachment"),
    path("cases/<str:number>/attachments/<int:pk>/small/", file_links.small, name="attachment-small"),
]
