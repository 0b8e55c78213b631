"""Command that exports cases: python -m jieban export-cases FILE [--as USERNAME] [--state S] [--street CODE] ..."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jieban.base.clock import now
from jieban.base.errors import Invalid, NotFound
from jieban.base.text.cleaning import parse_datetime
from jieban.cases.flow.states import State
from jieban.cases.lists.case_export import export_file
from jieban.cases.lists.case_list import CaseFilter
from jieban.registry.identity.posts import SYSTEM, Actor, actor_in_post, posts_of
from jieban.registry.models import Person


class Command(BaseCommand):
    help = "把案件导出为 .xlsx 或 .csv；姓名、电话只显示部分，地址不导出。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="写入的 .xlsx 或 .csv 文件")
        parser.add_argument("--as", dest="username", default="", help="以此人的第一个岗位查看；不写则为系统")
        parser.add_argument("--state", default="", choices=["", "open", *State.values], help="状态")
        parser.add_argument("--street", default="", help="街道代码")
        parser.add_argument("--category", default="", help="分类代码，含其下级")
        parser.add_argument("--received-from", default="", help="受理时间自（含）")
        parser.add_argument("--received-to", default="", help="受理时间至（不含）")
        parser.add_argument("--q", default="", help="全文检索")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = CaseFilter(
            state=options["state"],
            street=options["street"],
            category=options["category"],
            received_from=_parse_time("received_from", options["received_from"]),
            received_to=_parse_time("received_to", options["received_to"]),
            q=options["q"],
        )
        count = export_file(options["file"], actor=_actor(options["username"], now()), chosen=chosen)
        self.stdout.write(_("已导出 %(count)d 件到 %(file)s。") % {"count": count, "file": options["file"]})


def _parse_time(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse_datetime(text)
    except ValueError as error:
        raise Invalid(str(error), fields={name: str(error)}) from None


def _actor(username: str, at: datetime) -> Actor:
    if not username:
        return SYSTEM
    person = Person.objects.filter(username=username).first()
    posts = posts_of(person, at) if person else []
    if person is None or not posts:
        raise NotFound(_("没有这个用户，或者其现在没有岗位：%s。") % username)
    return actor_in_post(person.pk, posts[0].pk, at)
