from django.urls import URLPattern, URLResolver, include, path

from jieban.api.observability import health
from jieban.api.v1.routes import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("metrics", health.metrics),
    path("api/v1/", api.urls),
    path("", include("jieban.web.urls")),
]

handler400 = "jieban.web.shell.error_pages.bad_request"
handler403 = "jieban.web.shell.error_pages.denied"
handler404 = "jieban.web.shell.error_pages.not_found"
handler500 = "jieban.web.shell.error_pages.server_error"
