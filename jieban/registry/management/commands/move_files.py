"""python -m jieban move-files"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jieban.base.vault import Unreadable
from jieban.registry.documents.storage_checks import move_to_files


class Command(BaseCommand):
    help = "把数据库里的附件移到文件存储 / move attachments out of the database into files"

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        try:
            for moved in move_to_files():
                done += moved
        except Unreadable as error:
            raise CommandError(f"已移出 {done} 个附件后停止：{error}") from None
        self.stdout.write(f"已移出 {done} 个附件。 / {done} attachments moved.")
