from django.apps import AppConfig
from django.utils.translation import gettext_lazy

import jieban.base.sql.among  # noqa: F401 - the lookup `among` of every model


class RegistryConfig(AppConfig):
    name = "jieban.registry"
    verbose_name = gettext_lazy("登记册")
