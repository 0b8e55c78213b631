from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class ChannelsConfig(AppConfig):
    name = "jieban.channels"
    verbose_name = gettext_lazy("消息")
