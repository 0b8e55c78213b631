"""The addresses of the pages. A view without a mark of jieban.web.access needs a post."""

from django.urls import URLPattern, URLResolver, path

from jieban.web import calls, case, desk, home, intake, maps, queue, signin, text_messages, visit_backs

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("login/", signin.login, name="login"),
    path("logout/", signin.logout, name="logout"),
    path("posts/", signin.posts, name="posts"),
    path("desk/", desk.desk, name="desk"),
    path("map/", maps.page, name="map"),
    path("map/streets/", maps.streets, name="map-streets"),
    path("map/spots/", maps.shown, name="map-spots"),
    path("cases/", queue.cases, name="cases"),
    path("calls/beside/", calls.beside, name="call-beside"),
    path("calls/drop/", calls.drop, name="call-drop"),
    path("cases/new/", intake.new, name="case-new"),
    path("cases/<str:number>/", case.case, name="case"),
    path("cases/<str:number>/contact/", case.contact, name="contact"),
    path("cases/<str:number>/visit-back/", visit_backs.visit_back, name="visit-back"),
    path("cases/<str:number>/attachments/<int:pk>/", case.attachment, name="attachment"),
    path("cases/<str:number>/<str:name>/", case.act, name="act"),
    path("text-messages/", text_messages.decide, name="text-messages"),
    path("visit-backs/", visit_backs.listed, name="visit-backs"),
]
