from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.flow import (
    AccountReason,
    Contacted,
    Relation,
    Satisfied,
    SettleOutcome,
    Solved,
    TakeOverBy,
    VisitKind,
    VisitWay,
    WhistleKind,
)
from jieban.cases.models.case import Case
from jieban.registry.models import Person, Unit


class Assignment(models.Model):
    """A unit's responsibility in a case, from its beginning to its end."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments")
    relation = models.CharField(max_length=12, choices=Relation.choices)
    handed_down_by = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    assigned_at = models.DateTimeField()
    sign_due_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_late = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    # Once settled by decision, the unit may not return the case.
    settled = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_merge = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(relation=Relation.LEAD, ended_at=None), name="one_active_lead"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(relation=Relation.NEXT_LEAD, ended_at=None),
                name="one_next_lead",
            ),
            models.UniqueConstraint(
                fields=["case", "unit"],
                condition=Q(ended_at=None) & ~Q(relation=Relation.NEXT_LEAD),
                name="unit_once_in_case",
            ),
        ]
        indexes = [
            models.Index(fields=["unit"], name="assignment_active", condition=Q(ended_at=None)),
            models.Index(
                fields=["unit", "assigned_at"], name="assignment_led", condition=Q(relation=Relation.LEAD)
            ),
        ]


class Involvement(models.Model):
    """The unit is on the case's path and may see it. Rows are only added.

    `open` follows the state of the case: a trigger keeps it, so that a unit's few open cases have an index of theirs
    among the many that ended.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="involvements")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    open = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "unit"], name="involved_once")]
        indexes = [
            models.Index(fields=["unit", "-received_at", "-case"], name="involvement_list"),
            models.Index(
                fields=["unit", "-received_at", "-case"], condition=Q(open=True), name="involvement_open"
            ),
        ]


class Dispute(models.Model):
    """The lead says that it is not competent (退单); somebody settles it (裁定)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="disputes")
    assignment = models.OneToOneField(Assignment, models.PROTECT)
    proposed = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=SettleOutcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(settled_at=None), name="one_open_dispute")
        ]


class Visit(models.Model):
    """One of the three meetings with the requester (三见面)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=10, choices=VisitKind.choices)
    way = models.CharField(max_length=10, choices=VisitWay.choices)
    at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    # The round in which it took place: visits before an earlier report do not count for the next.
    round = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["case"], name="visit_case")]


class VisitBack(models.Model):
    """A call after the unit's report, or an attempt at one. Answers are empty when nobody answered."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="visit_backs")
    round = models.PositiveIntegerField()
    at = models.DateTimeField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    by_requester = models.BooleanField(default=False)
    reached = models.BooleanField()
    contacted = models.CharField(max_length=10, choices=Contacted.choices, blank=True)
    solved = models.CharField(max_length=10, choices=Solved.choices, blank=True)
    satisfied = models.CharField(max_length=10, choices=Satisfied.choices, blank=True)
    # For patrol cases: the check on the spot (核查) and its photograph.
    check_passed = models.BooleanField(null=True, blank=True)
    # The lead whom the answers are about.
    lead = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    # Under which number the telephone system keeps the recording; null where none was named.
    recording = models.CharField(_("录音编号"), max_length=60, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["case"], name="visit_back_case"),
            models.Index(fields=["lead", "at"], name="visit_back_lead"),
            models.Index(fields=["at"], name="visit_back_at"),
        ]


class Request(models.Model):
    """The unit asks for more time, or to put the case on account; a supervisor decides."""

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("延期")
        ACCOUNT = "account", _("挂账")

    case = models.ForeignKey(Case, models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    new_due_at = models.DateTimeField(null=True, blank=True)
    old_due_at = models.DateTimeField(null=True, blank=True)
    reason_code = models.CharField(max_length=12, choices=AccountReason.choices, blank=True)
    responsible = models.CharField(max_length=60, blank=True)
    review_on = models.DateField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    granted = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(decided_at=None), name="one_pending_request")
        ]


class Order(models.Model):
    """A reminder, a supervision order, an escalation or a take-over (催办, 督办, 提级, 提办)."""

    class Kind(models.TextChoices):
        REMIND = "remind", _("催办")
        SUPERVISE = "supervise", _("督办")
        ESCALATE = "escalate", _("提级")
        TAKE_OVER = "take_over", _("提办")

    case = models.ForeignKey(Case, models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    body = models.CharField(max_length=12, choices=TakeOverBy.choices, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case"], name="order_case")]


class Whistle(models.Model):
    """A street calls departments to the spot (吹哨)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="whistles")
    kind = models.CharField(max_length=10, choices=WhistleKind.choices)
    street = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    meet_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case"], name="whistle_case")]


class WhistleCall(models.Model):
    """A department called to the spot; its arrival (报到)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="whistle_calls")
    whistle = models.ForeignKey(Whistle, models.PROTECT, related_name="calls")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    arrived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["whistle", "unit"], name="called_once")]
        indexes = [models.Index(fields=["unit"], name="whistle_open", condition=Q(arrived_at=None))]


class Attachment(models.Model):
    """A photograph or paper. The bytes are sealed; the digest of the original is in the history."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("照片")
        DOCUMENT = "document", _("文件")
        AUDIO = "audio", _("录音")
        VIDEO = "video", _("录像")

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    round = models.PositiveIntegerField(default=0)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case"], name="attachment_case")]


class AttachmentFile(models.Model):
    """Where the sealed file lies outside of the database, and its small copy. Erased with the personal data.

    Size and digest are those of what was kept, not of what was brought. A width says that it is a picture which
    was written anew here.
    """

    attachment = models.OneToOneField(Attachment, models.PROTECT, primary_key=True, related_name="file")
    name = models.CharField(max_length=100, unique=True)
    thumb = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["thumb"], name="attachment_thumb", condition=~Q(thumb=""))]


class AttachmentBody(models.Model):
    """The sealed bytes of an attachment from before files; `move-files` takes them out of the database."""

    attachment = models.OneToOneField(Attachment, models.PROTECT, primary_key=True, related_name="body")
    sealed = models.BinaryField()


class AlsoTold(models.Model):
    """Somebody else who called about a running case and is to be told of it too; number and name are sealed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="also_told")
    at = models.DateTimeField()
    phone_index = models.BinaryField(max_length=16)
    phone = models.BinaryField()
    name = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "phone_index"], name="also_told_once")]


class Call(models.Model):
    """A call as the telephone system tells of it (来电); the number is sealed and goes after a day without a case."""

    class Stage(models.TextChoices):
        RINGING = "ringing", _("振铃")
        ANSWERED = "answered", _("通话中")
        ENDED = "ended", _("已挂断")

    call_id = models.CharField(max_length=100, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    number = models.BinaryField(default=b"")
    rang_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField()
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="calls")

    class Meta:
        indexes = [
            models.Index(fields=["person", "-told_at"], name="call_person"),
            models.Index(fields=["told_at"], name="call_number_kept", condition=~Q(number=b"")),
        ]


class Draft(models.Model):
    """A concern that somebody is taking down and has not sent; sealed, and dropped within a day."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="draft_once")]


class CallLease(models.Model):
    """A caller has the case on the telephone until then; nobody else gets it meanwhile."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="call_lease")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    until = models.DateTimeField()
    # Why outside of the calling hours, where it is.
    reason = models.CharField(max_length=200, blank=True)
