"""URL patterns of the public pages."""

from django.urls import path

from jieban.web.public import following_views, public_home, submission_views, support_views

urlpatterns = [
    path("", public_home.home, name="public-home"),
    path("size/", public_home.type_size, name="public-size"),
    path("language/", public_home.language_choice, name="public-language"),
    path("streets/", public_home.streets, name="public-streets"),
    path("new/", submission_views.what_step, name="public-new"),
    path("new/photo/", submission_views.drop_photo, name="public-photo"),
    path("new/same/", submission_views.similar_step, name="public-likes"),
    path("new/where/", submission_views.where_step, name="public-where"),
    path("new/who/", submission_views.who_step, name="public-who"),
    path("new/code/", submission_views.code_step, name="public-code"),
    path("new/check/", submission_views.check_step, name="public-check"),
    path("new/done/", submission_views.confirmation, name="public-filed"),
    path("follow/", following_views.follow, name="public-follow"),
    path("follow/code/", following_views.follow_code, name="public-follow-code"),
    path("leave/", following_views.leave, name="public-leave"),
    path("cases/", following_views.my_cases, name="public-mine"),
    path("cases/<str:number>/", following_views.case, name="public-case"),
    path("cases/<str:number>/attachments/<int:pk>/", following_views.attachment, name="public-attachment"),
    path("cases/<str:number>/<str:name>/", following_views.requester_action, name="public-act"),
    path("open/", support_views.publication_list, name="public-open"),
    path("open/<int:pk>/", support_views.publication_detail, name="public-open-case"),
    path("open/<int:pk>/support/", support_views.support, name="public-support"),
    path("open/<int:pk>/code/", support_views.support_code, name="public-support-code"),
]
