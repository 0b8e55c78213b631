from django.apps import AppConfig

import jieban.cases.flow.messages  # noqa: F401 - declares the messages of this app


class CasesConfig(AppConfig):
    name = "jieban.cases"
    verbose_name = "案件"
    ledgers = ("jieban.cases.history.case_ledger.CASES",)
