"""Command for key rotation: python -m jieban reseal"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jieban.base.vault import Unreadable
from jieban.cases.integrity.key_rotation import reseal


class Command(BaseCommand):
    help = "用当前密钥重新加密个人信息和附件 / seal personal data anew under the current key"

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        try:
            for changed in reseal():
                done += changed
        except Unreadable as error:
            raise CommandError(f"已重新加密 {done} 行后停止：{error}") from None
        self.stdout.write(
            f"已重新加密 {done} 行，其余已在当前密钥之下；旧密钥可在不再需要旧备份后从密钥文件中删除。"
            f" / {done} rows sealed anew; an earlier key is needed for earlier backups only."
        )
