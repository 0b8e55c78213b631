"""URL patterns of the call page and the intake page."""

from django.urls import path

from jieban.web.calls import call_panel, intake_views

urlpatterns = [
    path("calls/beside/", call_panel.call_sidebar, name="call-beside"),
    path("calls/drop/", call_panel.drop_draft, name="call-drop"),
    path("calls/places/", call_panel.places, name="call-places"),
    path("calls/point/", call_panel.point, name="call-point"),
    path("calls/ringing/", call_panel.ringing, name="call-ringing"),
    path("calls/follow/<str:number>/", call_panel.follow, name="call-follow"),
    path("cases/new/", intake_views.new, name="case-new"),
]
