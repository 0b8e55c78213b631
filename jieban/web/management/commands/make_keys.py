import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from jieban.base import keys


class Command(BaseCommand):
    help = "生成密钥文件，已有的不动 / write the key file; an existing one stays as it is"
    requires_system_checks: list[str] = []
    needs_database = False
    needs_keys = False

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get("JIEBAN_KEYS"):
            self.stdout.write("已设置 JIEBAN_KEYS，没有写文件。 / JIEBAN_KEYS is set; nothing was written.")
        elif keys.make_key_file(settings.KEY_FILE):
            self.stdout.write(
                f"密钥已写入 {settings.KEY_FILE}，请另行备份：丢失后个人信息无法恢复。"
                " / Keys written; back them up apart from the data."
            )
        else:
            keys.load(settings.KEY_FILE)
            self.stdout.write(
                f"密钥文件 {settings.KEY_FILE} 已存在，没有改动。 / The key file was left as it is."
            )
