"""Initial data of the channels: the declared texts as the first dated wording of each text message.

The first migration and the tests add them.
"""

from datetime import date

from django.apps.registry import Apps

from jieban.channels import message_types

FROM = date(2019, 1, 1)
SOURCE = "平台初始设置，由区里按需要调整"


def add_initial_wordings(apps: Apps) -> None:
    """Inserts missing rows; existing ones stay.

    `apps` has the current models, or those of a migration.
    """
    model = apps.get_model("channels", "MessageWording")
    rows = [
        model(
            code=kind.code,
            recipient=recipient.value,
            language=language.value,
            text=text,
            source=SOURCE,
            valid_from=FROM,
        )
        for kind in message_types.registered()
        for recipient, wordings in kind.texts.items()
        for language, text in wordings.items()
    ]
    model._default_manager.bulk_create(rows, ignore_conflicts=True)
