"""The URL patterns of the pages, by area. A view without a mark of jieban.web.page.access needs a post.

The order matters where a number and a word can stand in the same place: `cases/new/` before `cases/<number>/`.
"""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jieban.web.shell.urls")),
    path("", include("jieban.web.account.urls")),
    path("public/", include("jieban.web.public.urls")),
    path("", include("jieban.web.lists.urls")),
    path("", include("jieban.web.calls.urls")),
    path("", include("jieban.web.case.urls")),
    path("", include("jieban.web.desks.urls")),
    path("", include("jieban.web.office.urls")),
    path("", include("jieban.web.field.urls")),
    path("admin/", include("jieban.web.admin.urls")),
    path("audit/", include("jieban.web.audit.urls")),
]
