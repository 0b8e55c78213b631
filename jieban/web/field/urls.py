"""URL patterns of the handler's pages."""

from django.urls import path

from jieban.web.field import field_views, offline_sync, service_worker

urlpatterns = [
    path("field-sw.js", service_worker.service_worker, name="field-worker"),
    path("field/", field_views.task_list, name="field"),
    path("field/near/", field_views.nearest_tasks, name="field-near"),
    path("field/shell/", service_worker.shell, name="field-shell"),
    path("field/token/", offline_sync.token, name="field-token"),
    path("field/send/", offline_sync.send, name="field-send"),
    path("field/queue/", offline_sync.queue, name="field-queue"),
    path("field/<str:number>/", field_views.case, name="field-case"),
    path("field/<str:number>/call/", field_views.call, name="field-call"),
    path("field/<str:number>/report-in/", field_views.report_in, name="field-report-in"),
    path("field/<str:number>/<str:name>/", field_views.act, name="field-act"),
]
