"""Migration operation that runs many operations of one app as one step.

It uses private parts of Django: `apps` in the attributes of `ProjectState`. tests/base/sql/test_at_once.py fails
when an upgrade changes that.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class BatchedOperations(Operation):
    """Migration operation that batches tables, fields, indexes and constraints of one app.

    After each single operation Django would rebuild all related models: ten seconds for a hundred tables. Here they are
    built once, in their final state. A new table is created from that, with everything that belongs to it; for other
    tables, no two operations may be about the same thing.
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
        """Operations that have something to run; those on a new table are part of its creation."""
        new = {one.name_lower for one in self.operations if isinstance(one, CreateModel)}
        return [
            one
            for one in self.operations
            if isinstance(one, CreateModel) or getattr(one, "model_name", "").lower() not in new
        ]

    def describe(self) -> str:
        return "All at once"
