"""A case comes in, and the ways it may take before anybody is made responsible."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.contrib.postgres.search import SearchVector
from django.db import IntegrityError, connection, transaction
from django.db.models import Value
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.clock import local_date
from jieban.base.errors import Missing, NotAllowed, WrongState
from jieban.base.text import clean, clean_line
from jieban.cases import deadlines, history
from jieban.cases.actions.step import Step, lock, step, write_event
from jieban.cases.flow import (
    FINAL,
    RECEIVERS,
    Channel,
    DeclineReason,
    Do,
    EmergencyService,
    Kind,
    Move,
    Nature,
    Relation,
    State,
    Urgency,
)
from jieban.cases.models import (
    Assignment,
    AttachmentBody,
    Case,
    CaseEvent,
    CaseText,
    EventText,
    Limit,
    NumberDay,
)
from jieban.cases.numbers import number_of
from jieban.cases.words import tokens
from jieban.channels import outbox
from jieban.registry import geo
from jieban.registry.models import Category, Place, Role
from jieban.registry.posts import SYSTEM, Actor

LONGEST_SUBJECT = 100
LONGEST_MESSAGE = 200_000  # characters of one concern
SEALED = ("original", "name", "phone", "address")
RECEIVED = Move(Do.RECEIVE, frozenset(), frozenset(Role), (State.RECEIVED,))


@dataclass(frozen=True, slots=True)
class Concern:
    """What somebody brings to the district, as it comes in."""

    kind: str
    channel: str
    text: str
    subject: str = ""
    name: str = ""
    phone: str = ""
    preferred_contact: str = ""
    anonymous: bool = False
    hidden: bool = False
    shared_with_property: bool = False
    address: str = ""
    lat: float | None = None
    long: float | None = None
    place_id: int | None = None
    category_id: int | None = None
    nature: str = Nature.HELP
    grade: str = ""
    urgency: str = Urgency.NORMAL
    sensitive: bool = False
    is_property: bool = False
    complained_about_id: int | None = None
    # The sender and its own key or number for this concern, and when it was first written there.
    source: str = ""
    source_ref: str = ""
    source_at: datetime | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    case: Case
    created: bool


def receive(concern: Concern, *, actor: Actor, at: datetime, parent: Case | None = None) -> Received:
    """Makes a case of a concern, once: the same source and reference give the same case again.

    Raises NotAllowed when the role may not bring in this kind, Missing when the text is empty or a value does
    not fit, or when the same reference comes with another content (code "key_reused").
    """
    _check(concern, actor)
    known = _known(concern)
    if known is None:
        try:
            return Received(_receive(concern, actor=actor, at=at, parent=parent), True)
        except IntegrityError:
            known = _known(concern)  # somebody was faster with the same reference
            if known is None:
                raise
    return Received(known, False)


def _known(concern: Concern) -> Case | None:
    if not concern.source_ref:
        return None
    case = Case.objects.filter(source=concern.source, source_ref=concern.source_ref).first()
    if case is not None and bytes(case.source_digest) != _digest(concern):
        raise Missing(_("同一个幂等键已用于另一件内容不同的诉求。请为新诉求换用新的键。"), code="key_reused")
    return case


def _digest(concern: Concern) -> bytes:
    return hashlib.sha256(repr(replace(concern, tags=())).encode()).digest()


def _check(concern: Concern, actor: Actor) -> None:
    wrong: dict[str, str] = {}
    for name, choices in (
        ("kind", Kind), ("channel", Channel), ("nature", Nature), ("urgency", Urgency),
    ):  # fmt: skip
        if getattr(concern, name) not in choices.values:
            wrong[name] = _("请从下列值中选择：%s") % "、".join(choices.values)
    if concern.grade and concern.grade not in Category.Grade.values:
        wrong["grade"] = _("请从下列值中选择：%s") % "、".join(Category.Grade.values)
    if not clean(concern.text):
        wrong["text"] = _("请写明诉求内容")
    elif len(concern.text) > LONGEST_MESSAGE:
        wrong["text"] = _("内容太长，请控制在二十万字以内")
    if (concern.lat is None) != (concern.long is None):
        wrong["lat"] = _("经纬度须同时填写")
    if wrong:
        raise Missing(_("诉求还不能受理，请按提示补正。"), fields=wrong)
    if actor.role not in RECEIVERS[Kind(concern.kind)]:
        raise NotAllowed(_("您的岗位不能受理这一类案件。请联系话务员或系统管理员。"))


@transaction.atomic
def _receive(concern: Concern, *, actor: Actor, at: datetime, parent: Case | None) -> Case:
    received_at = parent.received_at if parent else at
    case = _new_case(concern, actor, at, received_at)
    if parent is not None:
        case.parent = parent
        case.requester_id = parent.requester_id
    rules = deadlines.rules_for(case.grade, case.kind, local_date(received_at))
    deadlines.start_contact(case, rules.contact, received_at)
    deadlines.start_finish(case, rules.finish, received_at)
    case.next_check_at = deadlines.next_check_at(case)
    case.save(force_insert=True)
    words = _words(case, concern)
    words.save(force_insert=True)
    current = Step(case, Do.RECEIVE, actor, at, RECEIVED)
    current.facts["words"] = commitments(words)
    write_event(current, history.case_columns(case), before="")
    case.save(update_fields=["event_count", "last_hash"])
    outbox.queue("received", about=case.number, person_id=case.requester_id, at=at)
    if case.urgency == Urgency.LIFE:
        tell_duty_leader(case, at)
    return case


def tell_duty_leader(case: Case, at: datetime) -> None:
    """Signs of danger are reported at once, whatever the path. Source: 条例 article 29."""
    outbox.queue("danger", about=case.number, at=at, unit_id=case.lead_id)


def _new_case(concern: Concern, actor: Actor, at: datetime, received_at: datetime) -> Case:
    place = _place(concern, local_date(at))
    category = _category(concern)
    street, community = _street_and_community(place)
    text = clean(concern.text)
    return Case(
        number=_next_number(local_date(at)),
        kind=concern.kind,
        channel=concern.channel,
        state=State.RECEIVED,
        received_at=received_at,
        subject=(clean_line(concern.subject) or clean_line(text))[:LONGEST_SUBJECT],
        requester_id=actor.person_id if actor.role in {Role.RESIDENT, Role.ENTERPRISE} else None,
        anonymous=concern.anonymous,
        hidden=concern.hidden or concern.anonymous,
        shared_with_property=concern.shared_with_property,
        found_by_id=actor.person_id if concern.kind == Kind.PATROL else None,
        phone_index=vault.blind_index(concern.phone),
        place=place,
        street=street,
        community=community,
        lat=concern.lat,
        long=concern.long,
        category=category,
        nature=concern.nature,
        grade=concern.grade or (category.grade if category else Category.Grade.GENERAL),
        urgency=concern.urgency,
        sensitive=concern.sensitive,
        is_property=concern.is_property or bool(category and category.is_property),
        complained_about_id=concern.complained_about_id,
        tags=list(concern.tags),
        source=concern.source,
        source_ref=concern.source_ref,
        source_at=concern.source_at,
        source_digest=_digest(concern) if concern.source_ref else b"",
    )


def _place(concern: Concern, on: date) -> Place | None:
    if concern.place_id is not None:
        place = Place.objects.select_related("parent__parent__parent").filter(pk=concern.place_id).first()
        if place is None:
            raise Missing(_("没有这个地点，请重新选择。"), fields={"place": _("没有这个地点")})
        return place
    if concern.lat is None or concern.long is None:
        return None
    found = geo.locate(concern.lat, concern.long, on)
    area = found.estate or found.community or found.street
    if found.outcome in {geo.Outcome.SWAPPED, geo.Outcome.ABROAD, geo.Outcome.INVALID}:
        raise Missing(found.sentence, fields={"lat": found.sentence})
    if area is None:
        return None
    return Place.objects.select_related("parent__parent__parent").get(pk=area.id)


def _category(concern: Concern) -> Category | None:
    if concern.category_id is None:
        return None
    category = Category.objects.filter(pk=concern.category_id).first()
    if category is None:
        raise Missing(_("没有这个分类，请重新选择。"), fields={"category": _("没有这个分类")})
    return category


def _street_and_community(place: Place | None) -> tuple[Place | None, Place | None]:
    found: dict[str, Place] = {}
    while place is not None:
        found[place.level] = place
        place = place.parent
    return found.get(Place.Level.STREET), found.get(Place.Level.COMMUNITY)


def _words(case: Case, concern: Concern) -> CaseText:
    text = clean(concern.text)
    original = concern.text if concern.text != text else ""
    return CaseText(
        case=case,
        salt=vault.new_salt(),
        text=text,
        original=_sealed(original, "original"),
        name=_sealed(clean_line(concern.name), "name"),
        phone=_sealed(vault.normal_phone(concern.phone), "phone"),
        address=_sealed(clean_line(concern.address), "address"),
        preferred_contact=clean_line(concern.preferred_contact)[:100],
        search=SearchVector(Value(" ".join(tokens(f"{case.subject} {text}"))), config="simple"),
    )


def _sealed(text: str, purpose: str) -> bytes:
    return vault.seal(text.replace("\0", ""), purpose) if text else b""


def commitments(words: CaseText) -> dict[str, str]:
    """What the history keeps of a case's personal texts: salted digests, which change of keys leaves alone."""
    salt = bytes(words.salt)
    return {
        "text": vault.commitment(salt, "text", words.text),
        "preferred_contact": vault.commitment(salt, "preferred_contact", words.preferred_contact),
        **{name: vault.commitment(salt, name, opened(getattr(words, name), name)) for name in SEALED},
    }


def _next_number(day: date) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number')")
        drawn = cursor.fetchone()[0]
    return number_of(day, drawn - _base(day, drawn) + 1)


def _base(day: date, drawn: int) -> int:
    known = _bases.get(day)
    if known is None:
        NumberDay.objects.bulk_create([NumberDay(day=day, base=drawn)], ignore_conflicts=True)
        known = NumberDay.objects.get(day=day).base
        # Only a committed row may be remembered: one that is rolled back would be followed by another.
        transaction.on_commit(lambda: _bases.__setitem__(day, known))
    return known


_bases: dict[date, int] = {}


@transaction.atomic
def answer_now(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """The operator answers a consultation at once (即时答复)."""
    with step(case_id, Do.ANSWER_NOW, actor=actor, at=at) as now:
        if now.case.nature != Nature.CONSULT:
            raise Missing(
                _("只有咨询可以即时答复。请先更正性质，或转派单员派单。"), fields={"nature": _("不是咨询")}
            )
        now.say("answer", text)
        _stop_contact(now)
    return now.case


def _stop_contact(now: Step) -> None:
    if now.case.contact_due_at and not now.case.contact_met_at:
        now.case.contact_met_at = now.at


@transaction.atomic
def decline(
    case_id: int, *, actor: Actor, at: datetime, reason: str, told: str, danger: bool = False
) -> Case:
    """Not taken on (不予受理): the reason from the list, and where the requester was told to go."""
    with step(case_id, Do.DECLINE, actor=actor, at=at) as now:
        allowed = set(DeclineReason.values) - {DeclineReason.EMERGENCY}
        if now.case.kind != Kind.PATROL:
            allowed -= {DeclineReason.NOT_FILED}
        if reason not in allowed:
            raise Missing(
                _("请从列表中选择不予受理的理由；紧急情况由话务员移交紧急服务。"),
                fields={"reason": _("请选择理由")},
            )
        now.facts["reason"] = reason
        now.say("told", told)
        outbox.queue("declined", about=now.case.number, person_id=now.case.requester_id, at=at)
        if danger:
            now.facts["danger"] = True
            tell_duty_leader(now.case, at)
    return now.case


@transaction.atomic
def hand_over(
    case_id: int, *, actor: Actor, at: datetime, service: str, called_at: datetime, said: str
) -> Case:
    """Handed to 110, 119, 120 or 122 at once, by phone, with who was called when and what was said."""
    with step(case_id, Do.HAND_OVER, actor=actor, at=at) as now:
        if service not in EmergencyService.values:
            raise Missing(_("请选择移交给哪个紧急服务。"), fields={"service": "110、119、120、122"})
        if called_at > at:
            raise Missing(_("通话时间不能晚于现在。"), fields={"called_at": _("晚于现在")})
        now.facts |= {"service": service, "called_at": called_at, "reason": DeclineReason.EMERGENCY}
        now.say("said", said)
        tell_duty_leader(now.case, at)
    return now.case


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of a message that has several."""

    text: str
    subject: str = ""
    category_id: int | None = None
    nature: str = ""


@transaction.atomic
def split(case_id: int, *, actor: Actor, at: datetime, matters: Sequence[Matter]) -> list[Case]:
    """Two or more matters become cases of their own; the requester sees one. Returns the children."""
    children: list[Case] = []
    with step(case_id, Do.SPLIT, actor=actor, at=at) as now:
        if len(matters) < 2:
            raise Missing(_("拆分至少要有两个事项，每个事项写明内容。"), fields={"matters": _("至少两项")})
        for assignment in list(now.assignments):
            now.end(assignment)
        now.case.lead = None
        for matter in matters:
            children.append(_child(now, matter))
        now.facts["children"] = [child.number for child in children]
    return children


def _child(now: Step, matter: Matter) -> Case:
    case = now.case
    words = case.words
    return _receive(
        Concern(
            kind=case.kind,
            channel=case.channel,
            text=_nonempty(matter.text),
            subject=matter.subject,
            name=opened(words.name, "name"),
            phone=opened(words.phone, "phone"),
            address=opened(words.address, "address"),
            preferred_contact=words.preferred_contact,
            anonymous=case.anonymous,
            hidden=case.hidden,
            shared_with_property=case.shared_with_property,
            lat=case.lat,
            long=case.long,
            place_id=case.place_id,
            category_id=matter.category_id or case.category_id,
            nature=matter.nature or case.nature,
            urgency=case.urgency,
            sensitive=case.sensitive,
            complained_about_id=case.complained_about_id,
        ),
        actor=now.actor,
        at=now.at,
        parent=case,
    )


def _nonempty(text: str) -> str:
    if not clean(text):
        raise Missing(_("每个事项都要写明内容。"), fields={"matters": _("有事项没有内容")})
    return text


def opened(blob: bytes | memoryview, purpose: str) -> str:
    """A sealed column as text; empty when it is empty."""
    return vault.open_sealed(blob, purpose) if blob else ""


@transaction.atomic
def merge(case_id: int, *, actor: Actor, at: datetime, primary_id: int) -> Case:
    """The case follows another about the same matter; its requester stays to be visited back."""
    lock(case_id, primary_id)
    with step(case_id, Do.MERGE, actor=actor, at=at) as now:
        primary = Case.objects.filter(pk=primary_id).first()
        _check_primary(now.case, primary)
        now.case.state_before_merge = now.case.state
        now.case.primary = primary
        for assignment in list(now.assignments):
            now.end(assignment, by_merge=True)
        now.case.lead = None
        now.facts["primary"] = primary.number if primary else ""
    return now.case


def _check_primary(case: Case, primary: Case | None) -> None:
    if primary is None or primary.pk == case.pk:
        problem = _("请选择另一件案件作为主件。")
    elif primary.state in FINAL or primary.state in {State.MERGED, State.SPLIT}:
        problem = _("主件“%s”，不能再并入。请选择正在办理的案件。") % primary.get_state_display()
    elif case.merged_cases.exists():
        problem = _("本件已有并入的案件，请以本件为主件，或先撤销并案。")
    else:
        return
    raise Missing(problem, fields={"primary": problem})


@transaction.atomic
def unmerge(case_id: int, *, actor: Actor, at: datetime) -> Case:
    """The case goes its own way again, from where it was."""
    with step(case_id, Do.UNMERGE, actor=actor, at=at) as now:
        _go_own_way(now)
    return now.case


def _go_own_way(now: Step) -> None:
    case = now.case
    now.to = State(case.state_before_merge)
    now.facts["primary"] = case.primary.number if case.primary else ""
    case.primary = None
    case.state_before_merge = ""
    ended = Assignment.objects.filter(case=case, ended_by_merge=True).order_by("id")
    for assignment in ended:
        now.change(assignment, ended_at=None, ended_by_merge=False)
        if assignment.relation == Relation.LEAD:
            case.lead_id = assignment.unit_id


@transaction.atomic
def withdraw(case_id: int, *, actor: Actor, at: datetime, reason: str = "") -> Case:
    """The requester takes the concern back (撤诉). Cases merged into it go their own way again."""
    followers = _lock_family(case_id)
    with step(case_id, Do.WITHDRAW, actor=actor, at=at) as now:
        now.say("reason", reason, required=False)
        for assignment in list(now.assignments):
            now.end(assignment)
        now.facts["released"] = [follower.number for follower in followers]
        for follower in followers:
            _release(follower, actor, at)
    return now.case


def _lock_family(case_id: int) -> list[Case]:
    """Locks a case and those merged into it, in the order of their ids; none can join meanwhile."""
    while True:
        ids = list(Case.objects.filter(primary_id=case_id).order_by("id").values_list("id", flat=True))
        locked = lock(case_id, *ids)
        now_ids = list(Case.objects.filter(primary_id=case_id).order_by("id").values_list("id", flat=True))
        if now_ids == ids:
            return [locked[pk] for pk in ids]


def _release(follower: Case, actor: Actor, at: datetime) -> None:
    with step(follower.pk, Do.UNMERGE, actor=SYSTEM, at=at) as now:
        _go_own_way(now)
        now.facts["because"] = "primary_withdrawn"


@transaction.atomic
def reopen(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Taken up again: what is still wrong. A closed case goes back to its last lead, others to the desk."""
    with step(case_id, Do.REOPEN, actor=actor, at=at) as now:
        case = now.case
        now.say("still_wrong", text)
        days = deadlines.limit(Limit.Name.REOPEN_DAYS, local_date(case.received_at))
        ended_at = case.closed_at or _ended_at(case)
        if at > ended_at + timedelta(days=days):
            raise Missing(_("已超过 %d 天的重新办理期限，请作为新的诉求提出。") % days, code="too_late")
        case.reopened_count += 1
        case.closed_at = case.visited_back_at = case.visit_back_due_at = case.reported_at = None
        _restart_clocks(now)
        if now.to is None and State.HANDLING in now.move.to:
            _back_to_last_lead(now)
    return now.case


def _ended_at(case: Case) -> datetime:
    last = CaseEvent.objects.filter(case=case, action__in=[Do.ANSWER_NOW, Do.DECLINE, Do.HAND_OVER]).last()
    return last.at if last else case.received_at


def _restart_clocks(now: Step) -> None:
    """New limits by the rules of the day of receipt, counted from now."""
    rules = deadlines.rules_for(now.case.grade, now.case.kind, local_date(now.case.received_at))
    deadlines.start_contact(now.case, rules.contact, now.at)
    deadlines.start_finish(now.case, rules.finish, now.at)


def _back_to_last_lead(now: Step) -> None:
    last = (
        Assignment.objects.filter(case=now.case, relation=Relation.LEAD).order_by("-ended_at", "-id").first()
    )
    if last is None:
        raise WrongState(_("本件没有主办单位，请重新受理。"))
    now.assign(last.unit_id, Relation.LEAD, signed_at=now.at)
    now.case.lead_id = last.unit_id
    outbox.queue("reopened", about=now.case.number, unit_id=last.unit_id, at=now.at)


@transaction.atomic
def erase(case_id: int, *, actor: Actor, at: datetime, ground: str) -> Case:
    """Erases the personal texts of a case that has ended; the history stays and still verifies."""
    with step(case_id, Do.ERASE, actor=actor, at=at) as now:
        now.facts["ground"] = ground
        if not ground.strip():
            raise Missing(_("请写明清除个人信息的依据。"), fields={"ground": _("必填")})
        EventText.objects.filter(case=now.case).update(text="", salt=b"", erased_at=at)
        AttachmentBody.objects.filter(attachment__case=now.case).delete()
        CaseText.objects.filter(case=now.case).update(
            text="", original=b"", name=b"", phone=b"", address=b"", preferred_contact="",
            salt=b"", search=None, erased_at=at,
        )  # fmt: skip
        now.case.subject = _("（个人信息已清除）")
        now.case.phone_index = b""
        now.case.lat = now.case.long = None
    return now.case
