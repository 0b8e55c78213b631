from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "jieban.web"
    verbose_name = "页面"
