from django.apps import AppConfig
from django.utils.translation import gettext_lazy

import jieban.cases.flow.messages  # noqa: F401 - declares the messages of this app


class CasesConfig(AppConfig):
    name = "jieban.cases"
    verbose_name = gettext_lazy("案件")
    ledgers = ("jieban.cases.history.case_ledger.CASES",)
