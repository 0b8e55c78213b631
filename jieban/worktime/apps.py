from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class WorktimeConfig(AppConfig):
    name = "jieban.worktime"
    verbose_name = gettext_lazy("工作时间")
