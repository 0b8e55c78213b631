from django.urls import URLPattern, URLResolver, include, path

from jieban.api import health
from jieban.api.routes import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("metrics", health.metrics),
    path("api/v1/", api.urls),
    path("", include("jieban.web.urls")),
]

handler400 = "jieban.web.errors.bad_request"
handler403 = "jieban.web.errors.denied"
handler404 = "jieban.web.errors.not_found"
handler500 = "jieban.web.errors.server_error"
