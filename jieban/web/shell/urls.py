"""URL patterns of the home page."""

from django.urls import path

from jieban.web.shell import home

urlpatterns = [
    path("", home.home, name="home"),
]
