from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "jieban.api"
    verbose_name = "接口"
