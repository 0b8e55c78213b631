from django.apps import AppConfig
from django.utils.translation import gettext_lazy

import jieban.channels.message_types  # noqa: F401 - declares the messages of this app


class ChannelsConfig(AppConfig):
    name = "jieban.channels"
    verbose_name = gettext_lazy("消息")
