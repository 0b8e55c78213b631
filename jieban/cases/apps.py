from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class CasesConfig(AppConfig):
    name = "jieban.cases"
    verbose_name = gettext_lazy("案件")
