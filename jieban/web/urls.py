"""The addresses of the pages. A view without a mark of jieban.web.access needs a post."""

from django.urls import URLPattern, URLResolver, include, path

from jieban.web import calls, case, desk, home, intake, maps, queue, signin, text_messages, visit_backs
from jieban.web.public import filing, following, supporting
from jieban.web.public import home as home_of_public

of_the_public: list[URLPattern | URLResolver] = [
    path("", home_of_public.home, name="public-home"),
    path("size/", home_of_public.size, name="public-size"),
    path("streets/", home_of_public.streets, name="public-streets"),
    path("new/", filing.what, name="public-new"),
    path("new/photo/", filing.drop_photo, name="public-photo"),
    path("new/same/", filing.likes, name="public-likes"),
    path("new/where/", filing.where, name="public-where"),
    path("new/who/", filing.who, name="public-who"),
    path("new/code/", filing.code, name="public-code"),
    path("new/check/", filing.check, name="public-check"),
    path("new/done/", filing.filed, name="public-filed"),
    path("follow/", following.follow, name="public-follow"),
    path("follow/code/", following.follow_code, name="public-follow-code"),
    path("leave/", following.leave, name="public-leave"),
    path("cases/", following.mine, name="public-mine"),
    path("cases/<str:number>/", following.case, name="public-case"),
    path("cases/<str:number>/attachments/<int:pk>/", following.attachment, name="public-attachment"),
    path("cases/<str:number>/<str:name>/", following.act, name="public-act"),
    path("open/", supporting.listed, name="public-open"),
    path("open/<int:pk>/", supporting.shown, name="public-open-case"),
    path("open/<int:pk>/support/", supporting.support, name="public-support"),
    path("open/<int:pk>/code/", supporting.support_code, name="public-support-code"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("login/", signin.login, name="login"),
    path("logout/", signin.logout, name="logout"),
    path("public/", include(of_the_public)),
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
