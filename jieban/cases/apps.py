from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "jieban.cases"
    verbose_name = "案件"
