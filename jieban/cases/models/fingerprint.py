"""By which near repeats of a text are found among all cases."""

from django.db import models

from jieban.cases.models.case import Case


class Fingerprint(models.Model):
    """A hashed piece of what a case says; cases that say nearly the same have one in common. Never changed.

    The key is the index by which it is sought: value, day of receipt, case. No constraint on the case, which is
    never deleted: eight checks for each case would cost more than the rows.
    """

    pk = models.CompositePrimaryKey("value", "received_on", "case_id")
    value = models.IntegerField()
    received_on = models.DateField()
    case = models.ForeignKey(Case, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
