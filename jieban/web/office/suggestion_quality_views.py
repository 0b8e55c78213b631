"""Report on the quality of proposals: how many were accepted, over time and by version."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jieban.base.clock import local, now
from jieban.cases.checks.proposal import FIELDS
from jieban.cases.suggestions import reading_quality
from jieban.cases.suggestions.reading_quality import (
    AMONG,
    BANDS,
    READER_ROLES,
    ConfidenceBands,
    ConfusedPair,
    Quality,
    QualityGroup,
    Share,
)
from jieban.web.case.suggestion_panel import FIELD_LABELS
from jieban.web.page.access import for_roles
from jieban.web.page.tables import PageTable, TableCell, TableSection, day_text

CHOICE_LABEL = gettext_lazy("分类（不确定，选一）")
FIELD_ORDER = ("category", AMONG, *(field for field in FIELDS if field != "category"))


@for_roles(READER_ROLES)
@require_GET
def quality_report(request: HttpRequest) -> HttpResponse:
    """View of the report: by field, confidence, week and version; confused categories, of the first level and all."""
    at = now()
    found = reading_quality.quality(at)
    sections = [
        _calibration_section(reading_quality.bands()),
        TableSection(_("按周"), _weeks(found.weeks), _("采用的比例；括号内为建议件数")),
        TableSection(_("按版本"), _versions(found.versions), _("分类的版本，其他项的词表版本")),
        TableSection(_("一级分类的混淆"), _confusion(found.confusion), _("行是建议，列是现在的分类")),
        TableSection(_("常被更正的分类"), _pairs(found.pairs)),
    ]
    lead = _(
        "只计近 90 天已有人处理的诉求，撤诉的不计。采用：现在的值与建议相同；更正：登记时没有采用，或后来改了。"
        "“没有建议”：系统没有提出，人填了。分类不确定时列出几个，选中其中一个即为采用。"
    )
    return render(
        request,
        "admin/admin_table.html",
        {"title": _("建议质量"), "now": at, "table": _fields(found), "lead": lead}
        | ({"sections": sections} if found.whole.cases else {}),
    )


def _label(field: str) -> str | Promise:
    return CHOICE_LABEL if field == AMONG else FIELD_LABELS[field]


def _rate(share: Share | None) -> str:
    return "—" if share is None or share.rate is None else f"{share.rate:.0%}"


def _fields(found: Quality) -> PageTable:
    rows = [
        [
            TableCell(_label(field), first=True),
            TableCell(str(share.proposed)),
            TableCell(str(share.accepted)),
            TableCell(str(share.corrected)),
            TableCell(_rate(share)),
            TableCell("—" if field == AMONG else str(share.missed)),
        ]
        for field in FIELD_ORDER
        for share in [found.whole.shares[field]]
    ]
    columns = [_("建议"), _("件数"), _("采用"), _("更正"), _("采用率"), _("没有建议")]
    caption = _("近 90 天 %d 件") % found.whole.cases
    return PageTable(columns, rows if found.whole.cases else [], caption, *_empty_texts())


def _calibration_section(found: ConfidenceBands) -> TableSection:
    """Table of calibration: how many proposals of each confidence were accepted."""
    rows = [
        [
            TableCell(FIELD_LABELS[field], first=True),
            *(TableCell(_rate_of(found.shares.get((field, low)))) for low in BANDS),
        ]
        for field in FIELDS
        if any((field, low) in found.shares for low in BANDS)
    ]
    sentence = _("统计到 %s；“85%% (312)”：说有这么多把握的 312 件中，采用了 85%%")
    note = sentence % f"{local(found.at):%Y-%m-%d %H:%M}" if found.at else ""
    caption = _("近 90 天说有多少把握、采用了多少")
    columns = [_("建议"), *(_band(low) for low in BANDS)]
    return TableSection(
        _("把握与采用"), PageTable(columns, rows, caption, _("每天夜里统计一次，现在还没有。")), note
    )


def _rate_of(share: Share | None) -> str:
    return f"{_rate(share)} ({share.proposed})" if share else "—"


def _band(low: int) -> str:
    if low == BANDS[0]:
        return _("不到 %d%%") % (BANDS[1] * 10)
    if low == BANDS[-1]:
        return _("%d%% 以上") % (low * 10)
    return f"{low * 10}–{low * 10 + 10}%"


def _empty_texts() -> tuple[str, str]:
    return _("还没有可以统计的建议。"), _("诉求受理、系统读过并有人处理后，显示在这里。")


def _weeks(groups: Sequence[QualityGroup]) -> PageTable:
    columns = [_("周一"), _("诉求"), *(_label(field) for field in FIELD_ORDER)]
    rows = [
        [
            TableCell(group.name, first=True),
            TableCell(str(group.cases)),
            *(_with_count(group.shares[field]) for field in FIELD_ORDER),
        ]
        for group in groups
    ]
    return PageTable(columns, rows, _("每周的采用率"), _empty_texts()[0])


def _with_count(share: Share) -> TableCell:
    return TableCell(_rate(share), note=f"({share.proposed})" if share.proposed else "")


def _versions(groups: Sequence[QualityGroup]) -> PageTable:
    rows = [
        [
            TableCell(group.name, first=True), TableCell(f"{day_text(group.first_on)} — {day_text(group.last_on)}"),
            TableCell(_label(field)), TableCell(str(share.proposed)), TableCell(_rate(share)),
        ]
        for group in groups
        for field, share in group.shares.items()
        if share.proposed
    ]  # fmt: skip
    return PageTable(
        [_("版本"), _("使用"), _("建议"), _("件数"), _("采用率")],
        rows,
        _("每个版本的采用率"),
        _empty_texts()[0],
    )


def _confusion(counts: Mapping[tuple[str, str], int]) -> PageTable:
    names = sorted({name for pair in counts for name in pair})
    rows = [
        [
            TableCell(proposed, first=True),
            *(_count(counts.get((proposed, name), 0), proposed == name) for name in names),
        ]
        for proposed in names
    ]
    return PageTable([_("建议"), *names], rows, _("建议的一级分类与现在的一级分类"), _empty_texts()[0])


def _count(cases: int, same: bool) -> TableCell:
    return TableCell(
        str(cases) if cases else "·", tone="green" if same and cases else "amber" if cases else ""
    )


def _pairs(pairs: Sequence[ConfusedPair]) -> PageTable:
    rows = [
        [TableCell(pair.proposed, first=True), TableCell(pair.decided), TableCell(str(pair.cases))]
        for pair in pairs
    ]
    return PageTable(
        [_("建议"), _("现在的分类"), _("件数")], rows, _("最常被更正的分类"), _("近 90 天没有被更正的分类。")
    )
