from django.apps import AppConfig

# What these register at import: the lookup `among` of every model; how migrations write labelled enumerations.
from jieban.base.sql import among, migration_values  # noqa: F401


class RegistryConfig(AppConfig):
    name = "jieban.registry"
    verbose_name = "登记册"
