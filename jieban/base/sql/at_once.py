"""A migration operation that changes many tables of an app in one step.

Touches what Django keeps to itself: `apps` in the attributes of `ProjectState`. tests/base/sql/test_at_once.py fails
when an upgrade changes that.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class BatchedOperations(Operation):
    """Tables, fields, indexes and constraints of one app in one step.

    Step by step, Django makes all models that are tied to each other anew after each of them: ten seconds for a
    hundred tables. Here the models are made once, as they are in the end. A new table is written from that, with all
    that belongs to it; of other tables no two operations may be about the same thing.
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
        before: ProjectState,
        after: ProjectState,
    ) -> None:
        for operation in self._own():
            operation.database_forwards(app_label, schema_editor, before, after)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        before: ProjectState,
        after: ProjectState,
    ) -> None:
        for operation in reversed(self._own()):
            operation.database_backwards(app_label, schema_editor, before, after)

    def _own(self) -> list[Operation]:
        """Those that have something to write: what belongs to a new table is written with it."""
        new = {one.name_lower for one in self.operations if isinstance(one, CreateModel)}
        return [
            one
            for one in self.operations
            if isinstance(one, CreateModel) or getattr(one, "model_name", "").lower() not in new
        ]

    def describe(self) -> str:
        return "All at once"
