import json
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.module_loading import import_string

from jieban.base import embedded, keys
from jieban.base.errors import Refused

LEAST_FREE_BYTES = 1024**3
LEAST_FREE_SHARE = 0.05
LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]"}


@dataclass(frozen=True)
class StartupCheck:
    """Result of one startup check; when not `ok`, both sentences say what to do."""

    part: str
    ok: bool
    zh: str
    en: str


class Command(BaseCommand):
    help = "启动前检查：数据库、迁移、密钥、日历、责任单位、磁盘 / everything needed before a start"
    requires_system_checks: list[str] = []
    needs_database = False  # a missing database is a finding, too
    needs_keys = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = run_checks()
        ok = all(finding.ok for finding in findings)
        if options["json"]:
            report = {"ok": ok, "parts": [asdict(finding) for finding in findings]}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
        else:
            for finding in findings:
                mark = "正常" if finding.ok else "有误"
                self.stdout.write(f"{mark}  {finding.part:11} {finding.zh} / {finding.en}")
        if not ok:
            sys.exit(1)


def run_checks() -> list[StartupCheck]:
    """Runs every check; one that fails does not stop the others."""
    with ExitStack() as stack:
        database = _run_check("database", lambda: check_database(stack))
        on_database: dict[str, Callable[[], StartupCheck]] = {
            "migrations": check_migrations,
            "calendar": check_calendar,
            "directory": check_directory,
        }
        return [
            database,
            *(
                _run_check(part, look) if database.ok else _skipped_check(part)
                for part, look in on_database.items()
            ),
            _run_check("keys", check_keys),
            _run_check("disk", check_disk),
            _run_check("settings", check_settings),
        ]


def check_database(stack: ExitStack) -> StartupCheck:
    try:
        if settings.EMBEDDED_DATABASE:
            stack.enter_context(embedded.running(settings.VAR))
        with psycopg.connect(settings.DATABASE_URL, connect_timeout=5) as straight:
            version = straight.info.server_version // 10000
    except (psycopg.OperationalError, Refused) as error:
        return StartupCheck(
            "database",
            False,
            f"数据库连不上，请检查 DATABASE_URL、网络和数据库服务：{error}",
            "The database cannot be reached; look at DATABASE_URL, the network and the server.",
        )
    return StartupCheck("database", True, f"PostgreSQL {version}", f"PostgreSQL {version}")


def check_migrations() -> StartupCheck:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        return StartupCheck(
            "migrations",
            False,
            f"有 {len(pending)} 个数据库迁移没有执行，请运行 python -m jieban migrate。",
            f"{len(pending)} migrations have not been run: python -m jieban migrate.",
        )
    return StartupCheck("migrations", True, "数据表是最新的", "The tables are up to date.")


def check_calendar() -> StartupCheck:
    gaps = import_string("jieban.worktime.calendar_gaps.calendar_gaps")(timezone.localdate())
    return _gap_check(
        "calendar", gaps, "今明两年的工作日历齐全", "The calendar of this and next year is there."
    )


def check_directory() -> StartupCheck:
    gaps = import_string("jieban.registry.district.directory.gaps")(timezone.localdate())
    return _gap_check(
        "directory", gaps, "所有事项和区域都有责任单位", "Every category and place has a responsible unit."
    )


def check_keys() -> StartupCheck:
    try:
        keys.load(settings.KEY_FILE)
    except keys.NoKeys as error:
        if settings.EMBEDDED_DATABASE and not settings.KEY_FILE.exists():
            return StartupCheck("keys", True, "首次启动时自动生成密钥", "Keys are made at the first start.")
        return StartupCheck("keys", False, str(error), "No usable keys: set JIEBAN_KEYS or run make-keys.")
    return StartupCheck("keys", True, "密钥可用", "The keys are usable.")


def check_disk() -> StartupCheck:
    folder: Path = next(path for path in (settings.VAR, *settings.VAR.resolve().parents) if path.exists())
    space = shutil.disk_usage(folder)
    free = f"{space.free / 1024**3:.1f} GB"
    if space.free < LEAST_FREE_BYTES or space.free < space.total * LEAST_FREE_SHARE:
        return StartupCheck(
            "disk",
            False,
            f"{settings.VAR} 所在磁盘只剩 {free}，请清理或扩容：磁盘写满后无法受理诉求。",
            f"Only {free} are left for {settings.VAR}; with a full disk no case can be received.",
        )
    return StartupCheck("disk", True, f"可用 {free}", f"{free} free")


def check_settings() -> StartupCheck:
    public = settings.HTTPS or bool(set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS)
    if settings.DEBUG and public:
        return StartupCheck(
            "settings",
            False,
            "对外服务时不能打开 JIEBAN_DEBUG：出错页面会泄露数据。",
            "JIEBAN_DEBUG must be off on a public site: its error pages give data away.",
        )
    if settings.SECOND_FACTOR == "offered" and public:
        return StartupCheck(
            "settings",
            False,
            "对外服务时工作人员须用两步验证登录：请去掉 JIEBAN_SECOND_FACTOR=offered，它只供演示。",
            "On a public site staff need a second factor: JIEBAN_SECOND_FACTOR=offered is for demonstrations.",
        )
    if settings.HTTPS and not settings.CSRF_TRUSTED_ORIGINS:
        return StartupCheck(
            "settings",
            False,
            "使用 HTTPS 时请用 JIEBAN_ORIGINS 写明网址（如 https://jieban.example.cn），否则无法提交表单。",
            "With HTTPS, name the site in JIEBAN_ORIGINS, or no form can be sent.",
        )
    if settings.HTTPS and settings.SMS_GATEWAY.startswith("file:"):
        return StartupCheck(
            "settings",
            False,
            "对外服务时短信不能写入文件：JIEBAN_SMS_GATEWAY 请填短信网关的 https 网址，或不填。",
            "JIEBAN_SMS_GATEWAY must be a gateway's https address on a public site, not a file.",
        )
    return StartupCheck("settings", True, "设置没有冲突", "The settings fit together.")


def _run_check(part: str, look: Callable[[], StartupCheck]) -> StartupCheck:
    try:
        return look()
    except Exception as error:  # whatever went wrong belongs in the report, with the rest
        return StartupCheck(part, False, f"检查时出错：{error!r}", f"The check itself failed: {error!r}")


def _skipped_check(part: str) -> StartupCheck:
    return StartupCheck(
        part, False, "数据库连不上，未能检查", "Not looked at: the database cannot be reached."
    )


def _gap_check(part: str, gaps: list[Any], zh: str, en: str) -> StartupCheck:
    if not gaps:
        return StartupCheck(part, True, zh, en)
    named = "；".join(map(str, gaps[:5]))
    more = f"……（共 {len(gaps)} 项）" if len(gaps) > 5 else ""
    return StartupCheck(part, False, f"{named}{more}", f"{len(gaps)} gaps, named in Chinese beside this.")
