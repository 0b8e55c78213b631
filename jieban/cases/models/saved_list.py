from django.db import models
from django.utils.translation import gettext_lazy as _

from jieban.registry.models import Person, Post


class SavedView(models.Model):
    """Saved view of the case list: a person's filters and columns under a name (常用视图)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    name = models.CharField(_("名称"), max_length=20)
    # The query string of the list's URL.
    query = models.CharField(max_length=1000)
    # The default view, used without a query string.
    first = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="view_name_once"),
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(first=True), name="view_first_once"
            ),
        ]


class Export(models.Model):
    """Log of exports: who, in which post, when, with which query, how many rows."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    query = models.CharField(max_length=1000)
    rows = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="export_at")]
