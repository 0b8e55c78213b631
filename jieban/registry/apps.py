from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "jieban.registry"
    verbose_name = "登记册"
