"""URL patterns of the auditor's pages."""

from django.urls import URLPattern, path

from jieban.web.audit import access_log_views, config_log_views, event_views, seal_views

urlpatterns: list[URLPattern] = [
    path("events/", event_views.events, name="audit-events"),
    path("access/", access_log_views.access, name="audit-access"),
    path("alerts/", access_log_views.alerts, name="audit-alerts"),
    path("alerts/<int:pk>/", access_log_views.alert, name="audit-alert"),
    path("changes/", config_log_views.changes, name="audit-changes"),
    path("seals/", seal_views.seal_list, name="audit-seals"),
    path("seals/<int:pk>/", seal_views.seal, name="audit-seal"),
]
