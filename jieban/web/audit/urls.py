"""The addresses of the auditor's pages."""

from django.urls import URLPattern, path

from jieban.web.audit import access, changes, events, seals

urlpatterns: list[URLPattern] = [
    path("events/", events.events, name="audit-events"),
    path("access/", access.access, name="audit-access"),
    path("alerts/", access.alerts, name="audit-alerts"),
    path("alerts/<int:pk>/", access.alert, name="audit-alert"),
    path("changes/", changes.changes, name="audit-changes"),
    path("seals/", seals.listed, name="audit-seals"),
    path("seals/<int:pk>/", seals.seal, name="audit-seal"),
]
