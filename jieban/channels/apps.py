from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "jieban.channels"
    verbose_name = "消息"
