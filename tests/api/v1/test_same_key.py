"""One key, thirty-two at once: one case, thirty-two equal answers."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from jieban.cases.models import Case
from tests.api.programs import Program, program
from tests.cases.scene import make_scene

SENDERS = 32


@pytest.mark.django_db(transaction=True)
def test_thirty_two_with_one_key_make_one_case() -> None:
    token = program(make_scene(), "operator").headers["authorization"].split()[1]
    barrier, answers = Barrier(SENDERS), []

    def send() -> None:
        sender = Program(token)
        barrier.wait()
        answer = sender.create("one-key")
        answers.append((answer.status_code, answer.content))
        connection.close()

    threads = [Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(status for status, _ in answers) == [200] * (SENDERS - 1) + [201]
    assert len({content for _, content in answers}) == 1
    assert Case.objects.count() == 1
