"""Changes of deadline rules and limits from a day on; a case keeps those of the day of its receipt.

The earliest day is tomorrow, because today's cases are handled by today's rules to their end.
"""

import tempfile
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import CharField, QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotFound, WrongState
from jieban.cases.flow.rule_scope import DIMENSIONS, Basis, RuleScope, amount_text
from jieban.cases.models import Case, DeadlineRule, Limit
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import (
    Area,
    ChangeContext,
    Subject,
    format_day,
    version_tag,
)
from jieban.worktime.announcement import AnnounceResult, announce

ONE_DAY = timedelta(days=1)
LONGEST_DAYS, LONGEST_HOURS = 365, 8_760


@dataclass(frozen=True, slots=True)
class NewRule:
    """How long contact or finish may take for cases of a scope, from a day on."""

    scope: RuleScope
    clock: str
    basis: str
    amount: int
    cut_off: time | None
    source: str
    begins: date


@dataclass(frozen=True, slots=True)
class NewLimit:
    """New limit: a number that rules use, from a day on."""

    name: str
    value: int
    source: str
    begins: date


def describe_rule(rule: DeadlineRule | NewRule) -> str:
    """5 个自然日，至 24:00; 当日 24:00（18:00 后受理的为次日）."""
    late = _("（%s 后受理的为次日）") % f"{rule.cut_off:%H:%M}" if rule.cut_off else ""
    return amount_text(Basis(rule.basis), rule.amount) + late


def describe_scope(rule: DeadlineRule | NewRule) -> str:
    """一般 · 群众诉求 · 办结; an attribute that may be any is left out but for the kind."""
    scope = _scope(rule)
    labels = [_dimension_label(name, getattr(scope, name)) for name in DIMENSIONS]
    first, *others = [label for label in labels if label]
    return " · ".join([first, str(DeadlineRule.Clock(rule.clock).label), *others])


def _dimension_label(name: str, value: str) -> str:
    if not value:
        return _("各类") if name == "kind" else ""
    return str(dict(dimension_column(name).flatchoices)[value])


def dimension_column(name: str) -> "CharField[Any, Any]":
    """The column of a rule that holds this dimension of its scope, with its label and choices."""
    column = DeadlineRule._meta.get_field(name)
    assert isinstance(column, CharField)
    return column


def _scope(rule: DeadlineRule | NewRule) -> RuleScope:
    return rule.scope if isinstance(rule, NewRule) else RuleScope.of(rule)


def _rows_of(scope: RuleScope, clock: str) -> QuerySet[DeadlineRule]:
    """The rules of one clock for exactly this scope, in the order of their days."""
    return DeadlineRule.objects.filter(**asdict(scope), clock=clock).order_by("valid_from")


def mark_of_rules(scope: RuleScope, clock: str) -> str:
    return version_tag(list(_rows_of(scope, clock).values_list("pk", "valid_from", "valid_to")))


def mark_of_limits(name: str) -> str:
    rows = Limit.objects.filter(name=name).order_by("valid_from")
    return version_tag(list(rows.values_list("pk", "valid_from", "valid_to")))


def _rule_subject(rule: DeadlineRule | NewRule) -> Subject:
    first, *others = (getattr(_scope(rule), name) for name in DIMENSIONS)
    return Subject(Area.RULE, ".".join([first, rule.clock, *others]), describe_scope(rule))


def _limit_subject(name: str) -> Subject:
    return Subject(Area.LIMIT, name, str(Limit.Name(name).label))


def _tomorrow(step: ChangeContext) -> date:
    return local_date(step.at) + ONE_DAY


def _check_days(rows: list[DeadlineRule] | list[Limit], begins: date) -> DeadlineRule | Limit | None:
    """The row that is valid on the day. Raises Invalid when another one begins on it or later."""
    found = None
    for row in rows:
        if row.valid_from >= begins and row.valid_to != row.valid_from:
            message = _("已定从 %s 起用另一个数。请先撤回它，或改在它之后生效。") % format_day(row.valid_from)
            raise Invalid(message, fields={"begins": message})
        if row.valid_to is None or row.valid_to > begins:
            found = row
    return found


@transaction.atomic
def add_rule(new: NewRule, *, step: ChangeContext) -> DeadlineRule:
    """Adds a rule for cases received from its day on. Raises Invalid where it does not fit."""
    config_changes.lock_configuration()
    subject = _rule_subject(new)
    config_changes.check_unchanged(step, subject, mark_of_rules(new.scope, new.clock))
    config_changes.check_begins(new.begins, _tomorrow(step), "begins")
    _check_amount(new)
    before = _check_days(list(_rows_of(new.scope, new.clock)), new.begins)
    old = {}
    if isinstance(before, DeadlineRule):
        old = {_("时限"): describe_rule(before), _("依据"): before.source}
        _check_other(old, {_("时限"): describe_rule(new), _("依据"): new.source}, "amount")
        DeadlineRule.objects.filter(pk=before.pk).update(valid_to=new.begins)
    values = asdict(new)
    begins, scope = values.pop("begins"), values.pop("scope")
    row = DeadlineRule.objects.create(valid_from=begins, **scope, **values)
    after = {_("时限"): describe_rule(row), _("依据"): row.source, _("生效日"): format_day(begins)}
    config_changes.record(step, subject, _("定新时限"), before=old, after=after)
    return row


def _check_other(old: dict[str, str], new: dict[str, str], field: str) -> None:
    if old == new:
        raise Invalid(_("与现行规定相同，不必修改。"), fields={field: _("没有变化")})


def _check_amount(new: NewRule) -> None:
    if new.basis == Basis.SAME_DAY:
        return
    most = LONGEST_HOURS if new.basis == Basis.HOURS else LONGEST_DAYS
    if not 1 <= new.amount <= most:
        message = _("请填写 1 至 %d 之间的数。") % most
        raise Invalid(message, fields={"amount": message})


@transaction.atomic
def add_limit(new: NewLimit, *, step: ChangeContext) -> Limit:
    """Adds a limit from its day on. Raises Invalid where it does not fit."""
    config_changes.lock_configuration()
    subject = _limit_subject(new.name)
    config_changes.check_unchanged(step, subject, mark_of_limits(new.name))
    config_changes.check_begins(new.begins, _tomorrow(step), "begins")
    if not 1 <= new.value <= LONGEST_HOURS or (new.name == Limit.Name.CHILD_SHARE and new.value > 100):
        most = 100 if new.name == Limit.Name.CHILD_SHARE else LONGEST_HOURS
        message = _("请填写 1 至 %d 之间的数。") % most
        raise Invalid(message, fields={"value": message})
    before = _check_days(list(Limit.objects.filter(name=new.name).order_by("valid_from")), new.begins)
    old = {}
    if isinstance(before, Limit):
        old = {_("数值"): str(before.value), _("依据"): before.source}
        _check_other(old, {_("数值"): str(new.value), _("依据"): new.source}, "value")
        Limit.objects.filter(pk=before.pk).update(valid_to=new.begins)
    row = Limit.objects.create(name=new.name, value=new.value, source=new.source, valid_from=new.begins)
    after = {_("数值"): str(row.value), _("依据"): row.source, _("生效日"): format_day(new.begins)}
    config_changes.record(step, subject, _("定新数值"), before=old, after=after)
    return row


@transaction.atomic
def withdraw_rule(pk: int, *, step: ChangeContext) -> None:
    """Withdraws a rule that has not begun; its predecessor stays. No case has used it yet."""
    config_changes.lock_configuration()
    row = DeadlineRule.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("没有这条规定，它可能刚刚被撤回。"))
    subject = _rule_subject(row)
    config_changes.check_unchanged(step, subject, mark_of_rules(_scope(row), row.clock))
    _check_to_come(row, step)
    if Case.objects.filter(finish_rule=row).exists() or Case.objects.filter(contact_rule=row).exists():
        raise WrongState(_("已有诉求按这条规定办理，不能撤回。"))
    _rows_of(_scope(row), row.clock).filter(valid_to=row.valid_from).update(valid_to=row.valid_to)
    before = {_("时限"): describe_rule(row), _("依据"): row.source, _("生效日"): format_day(row.valid_from)}
    DeadlineRule.objects.filter(pk=pk).delete()
    config_changes.record(step, subject, _("撤回未生效的时限"), before=before, after={})


@transaction.atomic
def withdraw_limit(pk: int, *, step: ChangeContext) -> None:
    """Withdraws a limit that has not begun; its predecessor stays."""
    config_changes.lock_configuration()
    row = Limit.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("没有这条规定，它可能刚刚被撤回。"))
    subject = _limit_subject(row.name)
    config_changes.check_unchanged(step, subject, mark_of_limits(row.name))
    _check_to_come(row, step)
    Limit.objects.filter(name=row.name, valid_to=row.valid_from).update(valid_to=row.valid_to)
    before = {_("数值"): str(row.value), _("依据"): row.source, _("生效日"): format_day(row.valid_from)}
    Limit.objects.filter(pk=pk).delete()
    config_changes.record(step, subject, _("撤回未生效的数值"), before=before, after={})


def _check_to_come(row: DeadlineRule | Limit, step: ChangeContext) -> None:
    if row.valid_from <= local_date(step.at):
        raise WrongState(_("它已经生效，不能撤回；请定一个新的数，从以后的日子起用。"))


@transaction.atomic
def announce_calendar(text: str, *, step: ChangeContext, name: str = "") -> AnnounceResult:
    """Loads the days of a holiday notice, as `load-calendar` does. Raises BadCalendar or BadFile."""
    config_changes.lock_configuration()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (name or "calendar.csv")
        path.write_text(text, encoding="utf-8")
        done = announce(path)
    years = "、".join(map(str, done.years))
    subject = Subject(Area.CALENDAR, years or "days", _("%s年放假安排") % years if years else _("单个日期"))
    after = {
        _("录入"): _("%d 天") % done.rows,
        _("改变"): "、".join(
            f"{one.day} {_('上班') if one.is_workday else _('休息')}" for one in done.changed
        ),
        _("撤销"): "、".join(map(str, done.withdrawn)),
    }
    config_changes.record(step, subject, _("录入放假安排"), before={}, after=after)
    return done
