"""The wording of text messages: past, present and to come; a new one from a day on, previewed with an example."""

from collections.abc import Container, Iterable, Iterator
from datetime import date, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.errors import NotFound
from jieban.cases.history.case_numbers import number_of
from jieban.channels import message_types, wording_changes
from jieban.channels.message_types import ABOUT, CODE, Recipient, fill
from jieban.channels.message_wordings import segment_count
from jieban.channels.models import MessageWording
from jieban.channels.wording_changes import LONGEST, NewWording, TextKey
from jieban.registry.changing.config_changes import ChangeContext, format_day
from jieban.registry.roles import Role
from jieban.web.admin.rule_views import validity_cell
from jieban.web.admin.weighed_forms import ReasonForm, change_page, preview_and_change_page
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import Effect, PageTable, TableCell, TableSection, day_text, join_texts

ONE_DAY = timedelta(days=1)
EXAMPLE_CODE = "042042"
UNCHANGED_NOTICE = gettext_lazy(
    "已经排队的短信不变，所以新用语最早从明天起用。在英文网页上反映的人收英文短信，其他人收中文短信。"
)


@for_roles({Role.ADMIN})
@require_GET
def wording_list(request: HttpRequest) -> HttpResponse:
    """Every text in force or to come, those of before, and all types of messages with who gets them."""
    on = local_date(now())
    rows = list(MessageWording.objects.order_by("valid_from", "pk"))
    past = [row for row in rows if row.valid_to is not None and row.valid_to <= on]
    context = {
        "title": _("短信用语"),
        "table": _wording_table(rows, on),
        "sections": [*_past_sections(past, on), _type_section()],
        "lead": UNCHANGED_NOTICE,
    }
    return render(request, "admin/admin_table.html", context)


def _columns() -> list[str]:
    return [_("短信"), _("内容"), _("生效日"), _("失效日"), _("效力"), _("办理")]


def _wording_table(rows: Iterable[MessageWording], on: date) -> PageTable:
    by_key: dict[TextKey, list[MessageWording]] = {key: [] for key in wording_changes.text_keys()}
    for row in rows:
        if TextKey.of(row) in by_key and (row.valid_to is None or row.valid_to > on):
            by_key[TextKey.of(row)].append(row)
    cells = [row for key, found in by_key.items() for row in _rows_of(key, found, on)]
    return PageTable(_columns(), cells, _("现行和将生效的短信用语"))


def _rows_of(key: TextKey, found: list[MessageWording], on: date) -> Iterator[list[TableCell]]:
    """The text in force, be it the declared one, and the one to come."""
    change = TableCell(_("定新用语"), url=reverse("admin-message-new", args=[key]))
    if not found or found[0].valid_from > on:
        text, source = TableCell(key.declared, _("平台自带")), TableCell("—")
        in_force = TableCell(_("现行"), tone="green")
        yield [_key_cell(key), text, source, TableCell("—"), in_force, TableCell() if found else change]
    for row in found:
        withdraw = TableCell(_("撤回"), url=reverse("admin-message-withdraw", args=[row.pk]))
        last = change if row.valid_to is None else TableCell()
        yield _row(row, on, withdraw if row.valid_from > on else last)


def _row(row: MessageWording, on: date, action: TableCell) -> list[TableCell]:
    return [
        _key_cell(TextKey.of(row)),
        TableCell(row.text, row.source),
        TableCell(day_text(row.valid_from)),
        TableCell(day_text(row.valid_to)),
        validity_cell(row, on),
        action,
    ]


def _key_cell(key: TextKey) -> TableCell:
    return TableCell(key.about, key.readers, first=True)


def _past_sections(rows: list[MessageWording], on: date) -> list[TableSection]:
    """None where nothing was worded anew yet."""
    cells = [_row(row, on, TableCell()) for row in reversed(rows)]
    title = _("以前的短信用语")
    return [TableSection(title, PageTable(_columns(), cells, title))] if rows else []


def _type_section() -> TableSection:
    """Warnings say the same at several times: each sentence once."""
    lines = dict.fromkeys(
        (str(kind.sentence), _recipients(kind.recipients), _recipients(kind.texts) or "—")
        for kind in message_types.registered()
    )
    cells = [
        [TableCell(sentence, first=True), TableCell(who), TableCell(texted)]
        for sentence, who, texted in lines
    ]
    columns = [_("消息"), _("发给"), _("其中发短信的")]
    return TableSection(_("全部消息"), PageTable(columns, cells, _("全部消息")), _("没有短信的只在站内提醒"))


def _recipients(some: Container[Recipient]) -> str:
    return join_texts(one.label for one in Recipient if one in some)


class WordingForm(ReasonForm):
    """A text from a day on."""

    text = forms.CharField(
        label=gettext_lazy("内容"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "花括号里的字发送时自动填入，如 {单号}。签名也写在内容里：【接办】或 [Jieban]。"
        ),
    )
    begins = day_field(gettext_lazy("从哪天起"))
    source = forms.CharField(label=gettext_lazy("依据（文件和条款）"), max_length=300)


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest, name: str) -> HttpResponse:
    """A new wording of one text from a day on."""
    key, today = _key_or_404(name), local_date(now())
    row = wording_changes.wording_on(key, today)
    text = row.text if row else key.declared
    initial = {"text": text, "begins": today + ONE_DAY, "seen": wording_changes.version_tag_of(key)}
    form = WordingForm(request.POST if request.method == "POST" else None, initial=initial)
    return preview_and_change_page(
        request, form,
        lambda step, **sent: _preview(NewWording(key, **sent), step),
        lambda step, **sent: wording_changes.add_wording(NewWording(key, **sent), step=step),
        back=reverse("admin-messages"), done=_("新用语已定，到时自动使用。"), title=_("定新短信用语"),
        lead=UNCHANGED_NOTICE, full_fields=("text", "source"), beside=_facts(key, text),
    )  # fmt: skip


def _key_or_404(name: str) -> TextKey:
    found = next((key for key in wording_changes.text_keys() if str(key) == name), None)
    if found is None:
        raise NotFound(_("没有这种短信。"))
    return found


def _facts(key: TextKey, text: str) -> list[Fact]:
    return [Fact(_("短信"), key.about), Fact(_("收信人"), key.readers), Fact(_("现行内容"), text)]


def _preview(new: NewWording, step: ChangeContext) -> Effect:
    """Both wordings as a telephone would show them."""
    before = wording_changes.check_wording(new, step=step)
    text = _example(new.text)
    words = {"day": format_day(new.begins), "new": text, "old": _example(before)}
    size = {"letters": len(text), "parts": segment_count(text)}
    return Effect(
        [
            _("自 %(day)s 起排队的：%(new)s") % words,
            _("此前排队的仍是：%(old)s") % words,
            _("连签名和填入的内容共 %(letters)d 个字符，按 %(parts)d 条短信发送。") % size,
        ]
    )


def _example(text: str) -> str:
    return fill(text, {ABOUT: number_of(local_date(now()), 1), CODE: EXAMPLE_CODE})


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Takes back a wording that has not begun."""
    row = MessageWording.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("没有这条用语，它可能刚刚被撤回。"))
    key = TextKey.of(row)
    seen = {"seen": wording_changes.version_tag_of(key)}
    facts = [
        *_facts(key, row.text)[:2],
        Fact(_("内容"), row.text),
        Fact(_("生效日"), day_text(row.valid_from)),
    ]
    return change_page(
        request, ReasonForm(request.POST if request.method == "POST" else None, initial=seen),
        lambda step: wording_changes.withdraw_wording(pk, step=step),
        back=reverse("admin-messages"), done=_("已撤回。"), beside=facts, title=_("撤回尚未生效的短信用语"),
        lead=_("它还没有用于任何短信；撤回后，现行的用语继续有效。"), button=_("撤回"),
    )  # fmt: skip
