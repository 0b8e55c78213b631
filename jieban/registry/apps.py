from django.apps import AppConfig

import jieban.base.sql.among  # noqa: F401 - the lookup `among` of every model


class RegistryConfig(AppConfig):
    name = "jieban.registry"
    verbose_name = "登记册"
