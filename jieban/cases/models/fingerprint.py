"""Fingerprints: the index by which near duplicates of a text are found among all cases."""

from django.db import models

from jieban.cases.models.case import Case


class Fingerprint(models.Model):
    """Hashed piece of a case's text; near duplicates share at least one. Never changed.

    The primary key is the search index: value, day of receipt, case. It has no foreign key to the case, which is never
    deleted: eight checks per case would cost more than the rows.
    """

    pk = models.CompositePrimaryKey("value", "received_on", "case_id")
    value = models.IntegerField()
    received_on = models.DateField()
    case = models.ForeignKey(Case, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
