from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jieban.web.urls")),
]

handler400 = "jieban.web.errors.bad_request"
handler403 = "jieban.web.errors.denied"
handler404 = "jieban.web.errors.not_found"
handler500 = "jieban.web.errors.server_error"
