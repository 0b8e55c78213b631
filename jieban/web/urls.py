"""The addresses of the pages. A view without a mark of jieban.web.access needs a post."""

from django.urls import URLPattern, URLResolver, path

from jieban.web import calls, case, desk, home, intake, knowledge, maps, queue, signin, visit_backs

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
    path("visit-backs/", visit_backs.listed, name="visit-backs"),
    path("knowledge/", knowledge.search, name="knowledge"),
    path("knowledge/new/", knowledge.new, name="knowledge-new"),
    path("knowledge/waiting/", knowledge.waiting, name="knowledge-waiting"),
    path("knowledge/beside/", knowledge.beside, name="knowledge-beside"),
    path("knowledge/corrections/<int:pk>/", knowledge.decide, name="knowledge-decide"),
    path("knowledge/<int:pk>/", knowledge.article, name="knowledge-article"),
    path("knowledge/<int:pk>/edit/", knowledge.edit, name="knowledge-edit"),
    path("knowledge/<int:pk>/correct/", knowledge.correct, name="knowledge-correct"),
    path("knowledge/<int:pk>/withdraw/", knowledge.withdraw, name="knowledge-withdraw"),
    path("knowledge/<int:pk>/aloud/", knowledge.aloud, name="knowledge-aloud"),
]
