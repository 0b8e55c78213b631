"""Command that prints docs/actions.md: python -m jieban action-table > docs/actions.md."""

from typing import Any

from django.core.management.base import BaseCommand

from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.cards.card_table import action_table


class Command(BaseCommand):
    help = "Prints docs/actions.md: each action with who does it, what it asks for and who is told."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(action_table(CARDS.values()), ending="")
