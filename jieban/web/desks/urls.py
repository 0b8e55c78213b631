"""URL patterns of the desks and the page of a case."""

from django.urls import path

from jieban.web.desks import board_views, case_views, desk_views, supervisor_views, visit_back_views

urlpatterns = [
    path("desk/", desk_views.desk, name="desk"),
    path("cases/<str:number>/", case_views.case, name="case"),
    path("cases/<str:number>/contact/", case_views.contact, name="contact"),
    path("cases/<str:number>/visit-back/", visit_back_views.visit_back, name="visit-back"),
    path("cases/<str:number>/visit-back/number/", visit_back_views.number, name="visit-back-number"),
    path("cases/<str:number>/<str:name>/", case_views.act, name="act"),
    path("visit-backs/", visit_back_views.call_list, name="visit-backs"),
    path("oversight/", supervisor_views.oversight, name="oversight"),
    path("oversight/order/", supervisor_views.order, name="oversight-order"),
    path("leader/", board_views.leader, name="leader"),
    path("leader/instruct/", board_views.instruct, name="leader-instruct"),
    path("street/", board_views.street, name="street"),
    path("analysis/", board_views.analysis, name="analysis"),
    path("visit-backs/start/", visit_back_views.start, name="visit-back-start"),
]
