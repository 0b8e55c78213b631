from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.states import (
    OPEN_STATES,
    RUNNING_STATES,
    CaseKind,
    Channel,
    Nature,
    State,
    Urgency,
)
from jieban.channels.message_types import Language
from jieban.registry.models import Category, LedgerEntity, Person, Place, Unit

if TYPE_CHECKING:  # these modules import this one
    from jieban.cases.models.assignment import Assignment, Dispute
    from jieban.cases.models.visit import Request, Visit


class NumberDay(models.Model):
    """First value of the number sequence on a day, so that each day's case numbers begin at 1."""

    day = models.DateField(primary_key=True)
    base = models.BigIntegerField()


class Case(LedgerEntity):
    """Case: one concern from one source (诉求, 案件, 工单)."""

    number = models.CharField(_("单号"), max_length=24, unique=True)
    kind = models.CharField(_("类型"), max_length=12, choices=CaseKind.choices)
    channel = models.CharField(_("渠道"), max_length=12, choices=Channel.choices)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices)
    received_at = models.DateTimeField(_("受理时间"))
    subject = models.CharField(_("主题"), max_length=200)

    # `db_index=False`: an index of several columns begins with the field.
    requester = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="cases", db_index=False
    )
    anonymous = models.BooleanField(_("匿名"), default=False)
    # The requester asked that handlers do not see who complained.
    hidden = models.BooleanField(_("要求保密"), default=False)
    # The requester agreed that the property company sees the contact.
    shared_with_property = models.BooleanField(_("同意告知物业"), default=False)
    found_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="found_cases", db_index=False
    )
    phone_index = models.BinaryField(max_length=16, default=b"")

    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="cases")
    street = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="street_cases", db_index=False
    )
    community = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="community_cases", db_index=False
    )
    lat = models.FloatField(null=True, blank=True)
    long = models.FloatField(null=True, blank=True)

    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="cases", db_index=False
    )
    nature = models.CharField(_("性质"), max_length=12, choices=Nature.choices)
    grade = models.CharField(_("难易"), max_length=10, choices=Category.Grade.choices)
    urgency = models.CharField(_("紧急程度"), max_length=10, choices=Urgency.choices)
    sensitive = models.BooleanField(_("敏感"), default=False)
    is_property = models.BooleanField(_("物业服务"), default=False)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    primary = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_cases")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="split_cases")
    state_before_merge = models.CharField(max_length=12, choices=State.choices, blank=True)
    lead = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="led_cases", db_index=False
    )
    # The unit complained about: it never handles, sees or checks the case.
    complained_about = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="complaints"
    )

    # The rules under which the case is handled are those of the day on which it was received.
    contact_rule = models.ForeignKey("cases.DeadlineRule", models.PROTECT, null=True, related_name="+")
    finish_rule = models.ForeignKey("cases.DeadlineRule", models.PROTECT, null=True, related_name="+")
    contact_from_at = models.DateTimeField(null=True)
    contact_due_at = models.DateTimeField(_("联系时限"), null=True)
    contact_met_at = models.DateTimeField(null=True, blank=True)
    finish_from_at = models.DateTimeField(null=True)
    finish_due_at = models.DateTimeField(_("办结时限"), null=True)
    # The calendar of a year that the due times need is not announced yet.
    provisional = models.BooleanField(_("时限为暂定"), default=False)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(_("报结时间"), null=True, blank=True)
    visited_back_at = models.DateTimeField(_("回访时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("结案时间"), null=True, blank=True)
    visit_back_due_at = models.DateTimeField(_("回访时限"), null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(_("复核日期"), null=True, blank=True)
    # When the sweep must look at the case next, and the warnings already given ("finish.half").
    next_check_at = models.DateTimeField(null=True, blank=True)
    warned = ArrayField(models.CharField(max_length=30), default=list, blank=True)

    round = models.PositiveIntegerField(default=0)  # how often a result was reported
    reopened_count = models.PositiveIntegerField(default=0)
    dispute_count = models.PositiveIntegerField(default=0)
    extension_count = models.PositiveIntegerField(default=0)
    reminded_count = models.PositiveIntegerField(default=0)
    supervised = models.BooleanField(_("督办"), default=False)
    level = models.PositiveSmallIntegerField(_("提级"), default=0)
    taken_over_by = models.CharField(_("提办"), max_length=12, blank=True)

    # Who sent the case under which key or number; the same pair never makes a second case.
    source = models.CharField(max_length=60, blank=True)
    source_ref = models.CharField(max_length=120, blank=True)
    source_at = models.DateTimeField(null=True, blank=True)
    source_digest = models.BinaryField(max_length=32, default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_ref"], condition=~Q(source_ref=""), name="case_source_once"
            ),
            models.CheckConstraint(
                condition=Q(state=State.MERGED, primary__isnull=False)
                | (~Q(state=State.MERGED) & Q(primary__isnull=True)),
                name="case_merged_has_primary",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CLOSED) | Q(visited_back_at__isnull=False),
                name="case_closed_visited_back",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ON_ACCOUNT) | Q(review_on__isnull=False, paused_at__isnull=False),
                name="case_on_account_review",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_state_known"),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="case_received"),
            models.Index(fields=["state", "-received_at", "-id"], name="case_state"),
            # Partial index: few cases are open, compared with those that ended.
            models.Index(
                fields=["-received_at", "-id"], name="case_open", condition=Q(state__in=sorted(OPEN_STATES))
            ),
            models.Index(fields=["street", "-received_at", "-id"], name="case_street"),
            models.Index(
                fields=["street", "-received_at", "-id"],
                name="case_street_open",
                condition=Q(state__in=sorted(OPEN_STATES)),
            ),
            models.Index(
                fields=["community", "-received_at", "-id"],
                name="case_community",
                condition=Q(community__isnull=False),
            ),
            models.Index(fields=["category", "-received_at", "-id"], name="case_category"),
            models.Index(fields=["lead", "-received_at", "-id"], name="case_lead"),
            models.Index(fields=["requester", "-received_at"], name="case_requester"),
            models.Index(
                fields=["found_by", "-received_at"], name="case_found_by", condition=Q(found_by__isnull=False)
            ),
            models.Index(fields=["phone_index"], name="case_phone", condition=~Q(phone_index=b"")),
            models.Index(
                fields=["next_check_at"], name="case_next_check", condition=Q(next_check_at__isnull=False)
            ),
            models.Index(fields=["id"], name="case_provisional", condition=Q(provisional=True)),
            models.Index(
                fields=["finish_due_at", "id"],
                name="case_overdue",
                condition=Q(state__in=sorted(RUNNING_STATES)),
            ),
            models.Index(
                fields=["visit_back_due_at", "id"],
                name="case_to_visit_back",
                condition=Q(visit_back_due_at__isnull=False),
            ),
            models.Index(
                fields=["-received_at", "-id"],
                name="case_merged_to_ask",
                condition=Q(state=State.MERGED, visited_back_at=None),
            ),
            models.Index(fields=["finish_due_at"], name="case_finish_due"),
            # Partial indexes of what supervisors watch besides overdue cases: few cases each.
            models.Index(fields=["review_on"], name="case_review", condition=Q(state=State.ON_ACCOUNT)),
            models.Index(
                fields=["visited_back_at"],
                name="case_asked_back",
                condition=Q(state=State.REPORTED, visited_back_at__isnull=False),
            ),
            models.Index(
                fields=["reopened_count"],
                name="case_reopened",
                condition=Q(state__in=sorted(OPEN_STATES), reopened_count__gt=1),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def _get_FIELD_display(self, field: "models.Field[Any, Any]") -> str:
        """Label of a choice, as `get_state_display` gives it; cached, as Django rebuilds all labels at every call."""
        value = getattr(self, field.attname)
        return str(_names(field).get(value, value))


@lru_cache(maxsize=20)
def _names(field: "models.Field[Any, Any]") -> dict[Any, Any]:
    """Labels of a field's choices, each still to be looked up in the language of the page."""
    return dict(field.flatchoices)


class CaseDetail(Case):
    """Case with the rows that its page shows; read by `get_case_detail`."""

    active: "list[Assignment]"
    made_visits: "list[Visit]"
    requests_made: "list[Request]"
    open_disputes: "list[Dispute]"

    class Meta:
        proxy = True


class CaseText(models.Model):
    """Personal part of a case: its texts and the requester's contact data. Names, phones and addresses are sealed."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="words")
    salt = models.BinaryField(max_length=16)
    text = models.TextField(_("内容"))
    # The text as received, if cleaning changed it; sealed.
    original = models.BinaryField(default=b"")
    name = models.BinaryField(default=b"")
    phone = models.BinaryField(default=b"")
    address = models.BinaryField(default=b"")
    preferred_contact = models.CharField(max_length=100, blank=True)
    # In which text messages are written: that of the page on which the request was made.
    language = models.CharField(max_length=10, choices=Language.choices, default=Language.CHINESE)
    search = SearchVectorField(null=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [GinIndex(fields=["search"], name="case_search")]
