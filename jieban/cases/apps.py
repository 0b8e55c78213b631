from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "jieban.cases"
    verbose_name = "案件"
    ledgers = ("jieban.cases.history.case_ledger.CASES",)
