"""Making all tables of an app at once, for a database that begins with nothing."""

from typing import Any

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AtOnce(Operation):
    """Tables, fields, indexes and constraints of one app in one step.

    Step by step, Django makes all models that are tied to each other anew after each of them: twenty seconds for a
    hundred tables. Here the models are made once, as they are in the end, and each table is written from that.
    """

    reversible = True

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        vars(state).pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        _before: ProjectState,
        after: ProjectState,
    ) -> None:
        for model in self._models(app_label, after.apps):
            schema_editor.create_model(model)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        before: ProjectState,
        _after: ProjectState,
    ) -> None:
        for model in reversed(self._models(app_label, before.apps)):
            schema_editor.delete_model(model)

    def _models(self, app_label: str, apps: Apps) -> list[Any]:
        made = [one.name for one in self.operations if isinstance(one, CreateModel)]
        return [apps.get_model(app_label, name) for name in made]

    def describe(self) -> str:
        return "All tables at once"
