from django.apps import AppConfig

import jieban.base.rows  # noqa: F401 - the lookup `among` of every model


class RegistryConfig(AppConfig):
    name = "jieban.registry"
    verbose_name = "登记册"
