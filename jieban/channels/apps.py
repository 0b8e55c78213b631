from django.apps import AppConfig

import jieban.channels.message_types  # noqa: F401 - declares the messages of this app


class ChannelsConfig(AppConfig):
    name = "jieban.channels"
    verbose_name = "消息"
