"""Command `python -m jieban new-key`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from jieban.base import keys, vault


class Command(BaseCommand):
    help = "在密钥文件中加入新的数据密钥并启用，旧密钥保留 / add a data key and use it from now on"
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--cipher", choices=sorted(vault.CIPHERS), default="aes-256-gcm", help="算法 / the cipher"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = keys.add_data_key(settings.KEY_FILE, options["cipher"])
        self.stdout.write(
            f"已加入密钥 {name} 并启用。请立即备份密钥文件，重启网页和后台进程，然后运行 python -m jieban reseal。"
            f" / Key {name} added. Back up the key file, restart web and worker, then run reseal."
        )
