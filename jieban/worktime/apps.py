from django.apps import AppConfig


class WorktimeConfig(AppConfig):
    name = "jieban.worktime"
    verbose_name = "工作时间"
