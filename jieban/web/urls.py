"""The addresses of the pages. A view without a mark of jieban.web.access needs a post."""

from django.urls import URLPattern, URLResolver, path

from jieban.web import home, signin

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("login/", signin.login, name="login"),
    path("logout/", signin.logout, name="logout"),
    path("posts/", signin.posts, name="posts"),
]
