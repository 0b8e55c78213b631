"""The supervisor for real: its own folder, port, database and children, killed in every way."""

import json
import os
import re
import shutil
import signal
import socket
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from jieban import commandline, launch
from jieban.base import embedded
from jieban.web.management.commands import check
from tests.platforms import Platform, free_port, wait_until


def kill(process: psutil.Process) -> None:
    process.kill()
    psutil.wait_procs([process], timeout=10)


def test_demo_says_where_it_is_and_makes_keys_for_their_owner_only(platform: Platform) -> None:
    assert platform.said == [f"Jieban is ready at http://127.0.0.1:{platform.port}\n"]
    assert (platform.var / "keys.json").stat().st_mode & 0o777 == 0o600


def test_all_web_processes_count_together(platform: Platform) -> None:
    """Each connection may reach another process; whichever answers knows of all."""
    before = requests_counted(platform)
    for _number in range(20):
        assert platform.answers()
    assert requests_counted(platform) - before >= 20


def requests_counted(platform: Platform) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{platform.port}/metrics", timeout=5) as answer:
        found = re.findall(r"^jieban_requests_total\{.*\} (.+)$", answer.read().decode(), re.MULTILINE)
    return sum(map(float, found))


def test_a_killed_web_server_is_back_within_two_seconds(platform: Platform) -> None:
    killed = platform.child("web")
    pages = killed.children()
    kill(killed)

    took = wait_until(lambda: platform.child("web").pid != killed.pid, 5)

    assert took < 2
    wait_until(platform.answers, 10)
    assert psutil.wait_procs(pages, timeout=5)[1] == []


def test_a_killed_process_that_serves_pages_is_replaced(platform: Platform) -> None:
    server = platform.child("web")
    wait_until(lambda: len(server.children()) == 2, 10)
    kill(server.children()[0])

    wait_until(lambda: len(server.children()) == 2, 10)
    wait_until(platform.answers, 10)
    assert platform.child("web") == server


def test_a_killed_worker_is_back_within_two_seconds(platform: Platform) -> None:
    killed = platform.child("worker")
    kill(killed)

    took = wait_until(lambda: platform.child("worker").pid != killed.pid, 5)

    assert took < 2


def test_a_killed_database_is_back_and_web_and_worker_outlive_it(platform: Platform) -> None:
    server, worker = platform.child("web"), platform.child("worker")
    kill(psutil.Process(embedded.server_pid(platform.var)))

    wait_until(platform.database_answers, 10)

    wait_until(platform.answers, 10)
    assert (platform.child("web"), platform.child("worker")) == (server, worker)
    with psycopg.connect(embedded.url(platform.var), autocommit=True) as straight:
        # The worker is at work again when it has registered anew or renewed its heartbeat.
        alive = (
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '9 seconds'"
        )
        wait_until(lambda: straight.execute(alive).fetchone() != (0,), 20)


def test_a_second_supervisor_on_the_same_folder_is_refused(platform: Platform) -> None:
    second = platform.run("demo", "--no-color")
    said, complained = second.communicate(timeout=30)

    assert (second.returncode, said) == (1, "")
    assert "已有一个接办在运行" in complained
    assert "Traceback" not in complained
    assert platform.is_up()


def test_a_command_beside_the_platform_leaves_the_database_running(platform: Platform) -> None:
    beside = platform.run("check", "--json")
    said, _ = beside.communicate(timeout=60)

    parts = {part["part"]: part["ok"] for part in json.loads(said)["parts"]}
    assert {name: parts[name] for name in ("database", "migrations", "keys", "settings")} == {
        "database": True,
        "migrations": True,
        "keys": True,
        "settings": True,
    }
    assert platform.database_answers()


@pytest.mark.parametrize("signals", [[signal.SIGTERM, signal.SIGTERM], [signal.SIGINT]])
def test_a_signal_ends_all_of_it_in_good_order(platform: Platform, signals: list[signal.Signals]) -> None:
    """Twice at once when a whole process group is asked to end: `make` hands the signal on as well."""
    assert platform.process
    for number in signals:
        platform.process.send_signal(number)
    platform.process.communicate(timeout=15)

    assert platform.process.returncode == 0
    assert platform.everything() == []


def test_a_killed_supervisor_takes_its_children_along_and_starts_again(platform: Platform) -> None:
    assert platform.process
    programs = [platform.child("web"), *platform.child("web").children(), platform.child("worker")]
    database = embedded.server_pid(platform.var)
    platform.process.kill()
    platform.process.communicate()

    _, alive = psutil.wait_procs(programs, timeout=5)
    assert alive == []
    platform.start()
    assert embedded.server_pid(platform.var) == database


def test_after_a_kill_of_everything_starting_again_is_enough(platform: Platform) -> None:
    platform.kill_everything()

    platform.start()

    assert platform.answers()


def test_a_taken_port_is_named_at_once() -> None:
    var = Path(tempfile.mkdtemp(prefix="jieban-launch-"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        started = Platform(var, port).run("demo", "--no-color")
        said, complained = started.communicate(timeout=30)

    assert (started.returncode, said) == (1, "")
    assert f"端口 {port} 已被其他程序占用" in complained
    assert not (var / "pg").exists()
    shutil.rmtree(var)


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", value)

    with pytest.raises(launch.PlatformNotStarted, match="PORT"):
        launch.listen_address()


def test_commands_are_listed_with_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert commandline.run([]) == 0

    lines = capsys.readouterr().out.splitlines()[2:]
    assert {"check", "database-url", "demo", "make-keys", "web", "worker"} <= {
        line.split()[0] for line in lines
    }
    assert all(len(line.split(None, 1)) == 2 for line in lines)


def test_an_unknown_command_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert commandline.run(["import-casse"]) == 1
    assert "没有命令 import-casse" in capsys.readouterr().err


def test_database_url_is_the_embedded_one(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    assert commandline.run(["database-url"]) == 0
    assert capsys.readouterr().out == f"{os.environ.get('DATABASE_URL') or settings.DATABASE_URL}\n"


def test_without_keys_a_server_does_not_start(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KEY_FILE, settings.EMBEDDED_DATABASE = tmp_path / "keys.json", False

    assert commandline.run(["web"]) == 1

    complained = capsys.readouterr().err
    assert "没有密钥" in complained
    assert "make-keys" in complained
    assert not settings.KEY_FILE.exists()


def test_keys_are_made_once(settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.KEY_FILE = tmp_path / "keys.json"

    call_command("make_keys")
    first = settings.KEY_FILE.read_text()
    call_command("make_keys")

    assert settings.KEY_FILE.read_text() == first
    assert "没有改动" in capsys.readouterr().out


def test_check_tells_every_part_though_the_database_is_away(settings: Any) -> None:
    settings.EMBEDDED_DATABASE = False
    settings.DATABASE_URL = f"postgresql://nobody@127.0.0.1:{free_port()}/none"

    findings = {finding.part: finding for finding in check.run_checks()}

    assert list(findings) == ["database", "migrations", "calendar", "directory", "keys", "disk", "settings"]
    assert findings["database"].ok is False
    assert "DATABASE_URL" in findings["database"].zh
    assert findings["migrations"].zh == "数据库连不上，未能检查"
    assert findings["keys"].ok is True


def test_check_tells_of_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100 * 1024**3, 96 * 1024**3, 4 * 1024**3))

    found = check.check_disk()

    assert found.ok is False
    assert "只剩 4.0 GB" in found.zh


@pytest.mark.parametrize(
    ("debug", "https", "hosts", "origins", "ok"),
    [
        (False, False, ["127.0.0.1"], [], True),
        (True, False, ["127.0.0.1"], [], True),
        (True, False, ["jieban.example.cn"], [], False),
        (True, True, ["127.0.0.1"], ["https://jieban.example.cn"], False),
        (False, True, ["jieban.example.cn"], [], False),
        (False, True, ["jieban.example.cn"], ["https://jieban.example.cn"], True),
    ],
)
def test_check_tells_of_settings_that_do_not_fit(
    settings: Any, debug: bool, https: bool, hosts: list[str], origins: list[str], ok: bool
) -> None:
    settings.DEBUG, settings.HTTPS, settings.SECOND_FACTOR = debug, https, "required"
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = hosts, origins

    assert check.check_settings().ok is ok


@pytest.mark.parametrize(
    ("https", "hosts", "ok"),
    [(False, ["127.0.0.1"], True), (True, ["127.0.0.1"], False), (False, ["jieban.example.cn"], False)],
)
def test_check_refuses_a_public_site_without_second_factors(
    settings: Any, https: bool, hosts: list[str], ok: bool
) -> None:
    settings.HTTPS, settings.ALLOWED_HOSTS, settings.SECOND_FACTOR = https, hosts, "offered"
    settings.CSRF_TRUSTED_ORIGINS = ["https://jieban.example.cn"]

    assert check.check_settings().ok is ok


@pytest.mark.parametrize(
    ("given", "runs_with", "says_so"), [(None, "offered", True), ("required", "required", False)]
)
def test_the_demonstration_asks_for_no_second_factor_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, given: str | None, runs_with: str, says_so: bool
) -> None:
    monkeypatch.delenv("JIEBAN_SECOND_FACTOR")
    if given:
        monkeypatch.setenv("JIEBAN_SECOND_FACTOR", given)

    launch._announce("127.0.0.1", 8000)

    assert launch._environment()["JIEBAN_SECOND_FACTOR"] == runs_with
    assert ("不要求两步验证" in capsys.readouterr().out) is says_so


@pytest.mark.django_db(transaction=True)
def test_jobs_of_dead_workers_are_done_by_another_but_not_for_ever() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, args, status, attempts) VALUES"
            " ('prune_finished', 'left', '{\"timestamp\": 0}', 'doing', 1),"
            " ('prune_finished', 'deadly', '{\"timestamp\": 0}', 'doing', 10)"
        )
    app.tasks["retry_stalled"].configure(queue="own").defer(timestamp=0)

    worker = app.with_connector(PsycopgConnector(kwargs=connector_params()))
    worker.run_worker(
        queues=["left", "deadly", "own"], wait=False, install_signal_handlers=False, listen_notify=False
    )

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name, status::text FROM procrastinate_jobs"
            " WHERE queue_name IN ('left', 'deadly', 'own')"
        )
        assert sorted(cursor.fetchall()) == [
            ("deadly", "failed"),
            ("left", "succeeded"),
            ("own", "succeeded"),
        ]
