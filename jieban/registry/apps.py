from django.apps import AppConfig
from django.utils.translation import gettext_lazy

# What these register at import: the lookup `among` of every model; how migrations write labelled enumerations.
from jieban.base.sql import among, migration_values  # noqa: F401


class RegistryConfig(AppConfig):
    name = "jieban.registry"
    verbose_name = gettext_lazy("登记册")
