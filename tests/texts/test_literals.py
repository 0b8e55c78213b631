"""Every text that a person reads is looked up by gettext; here stands what is no such text, and why."""

from pathlib import Path

import pytest

from tests.texts.sources import (
    PRODUCT,
    Text,
    looked_up,
    looked_up_in_template,
    modules,
    outside_gettext,
    outside_gettext_in_template,
    templates,
)

MATCHED = "words and patterns that texts are matched with"
READ = "headings and values of files that are read, or written to be read by programs"
ROWS = "rows of the database: they are there before anybody looks, and a district words them"
KEPT = "names that are kept in the history as they are"
BEFORE = "said before the settings are read, without which gettext can't be asked"
# What a command says stands there in Chinese and English side by side, or in Chinese; it is for whoever runs the
# machine, who has chosen no language.
COMMAND = "what a command or a log says to whoever runs the machine"
# Plain functions without Django, whose callers show these sentences to staff, and the commands to whoever trains.

# By file, or by folder with a slash at the end.
NO_INTERFACE_TEXT = {
    "__main__.py": BEFORE,
    "commandline.py": COMMAND,
    "launch.py": COMMAND,
    "settings.py": "names: of the platform, of its language, of the button that a district words itself",
    "api/v1/routes.py": "the description of the API, which is for programmers and in one language",
    "base/embedded.py": BEFORE,
    "base/keys.py": BEFORE,
    "base/text/": MATCHED,
    "cases/checks/classifiers.py": "a sample for warming up, and a line of the log",
    "cases/checks/confidences.py": COMMAND,
    "cases/checks/reply_pairs.py": READ,
    "cases/clocks/calling_hours.py": MATCHED,
    "cases/demo/": "the demonstration's data",
    "cases/flow/messages.py": ROWS,
    "cases/importing/": READ,
    "cases/initial_rules.py": ROWS,
    "cases/jobs.py": COMMAND,
    "cases/lists/case_export.py": READ,
    "cases/management/commands/": COMMAND,
    "channels/initial_wordings.py": ROWS,
    "channels/message_types.py": ROWS,
    "language/classify/category_tree.py": MATCHED,
    "language/classify/training_tables.py": READ,
    "language/classify/word_marks.py": MATCHED,
    "language/place/address_numbers.py": MATCHED,
    "language/place/gazetteer.py": MATCHED,
    "language/place/place_evaluation.py": COMMAND,
    "language/place/place_finder.py": MATCHED,
    "language/place/place_groups.py": MATCHED,
    "language/place/place_mentions.py": MATCHED,
    "language/replies/leaks.py": MATCHED,
    "language/replies/reply_check.py": MATCHED,
    "language/similarity/near_duplicate_evaluation.py": COMMAND,
    "language/similarity/relevance.py": MATCHED,
    "language/similarity/summary.py": MATCHED,
    "language/text/features.py": MATCHED,
    "language/text/personal_data.py": MATCHED,
    "language/text/split_matters.py": MATCHED,
    "language/topics/place_names.py": MATCHED,
    "language/topics/topic_messages.py": READ,
    "language/topics/topic_tables.py": READ,
    "language/topics/topic_titles.py": MATCHED,
    "language/topics/topic_vectors.py": MATCHED,
    "registry/district/place_search.py": MATCHED,
    "registry/identity/posts.py": KEPT,
    "registry/identity/second_factors.py": "the name of the platform in an authenticator",
    "registry/initial_values.py": ROWS,
    "registry/knowledge/articles.py": MATCHED,
    "registry/management/commands/": COMMAND,
    "web/management/commands/": COMMAND,
    "web/page/list_columns.py": READ,
    "web/shell/warmup.py": "a sample for warming up, and a line of the log",
    "worktime/announcement.py": READ,
    "worktime/management/commands/": COMMAND,
}


def entry_of(name: str) -> str:
    """The entry that a module falls under: its own, else its folder's; empty where it falls under none."""
    if name in NO_INTERFACE_TEXT:
        return name
    return next((entry for entry in NO_INTERFACE_TEXT if entry.endswith("/") and name.startswith(entry)), "")


def name_of(path: Path) -> str:
    return path.relative_to(PRODUCT).as_posix()


def test_modules_say_nothing_in_chinese_but_by_gettext() -> None:
    found = {
        f"{name_of(path)}:{text.line}": text.text
        for path in modules()
        if not entry_of(name_of(path))
        for text in outside_gettext(path.read_text(encoding="utf-8"))
    }
    assert found == {}


def test_templates_say_nothing_in_chinese_but_by_gettext() -> None:
    found = {
        name_of(path): lines
        for path in templates()
        if (lines := outside_gettext_in_template(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_every_exception_is_needed() -> None:
    needed = {
        entry_of(name_of(path)) for path in modules() if outside_gettext(path.read_text(encoding="utf-8"))
    }
    assert set(NO_INTERFACE_TEXT) - needed == set()


@pytest.mark.parametrize(
    "source",
    [
        'raise Invalid("没有")',
        'x = f"第 {n} 行"',
        'x = _("第 %d 行") % n + "多"',
        'class A:\n    """说明"""\n    title = "标题"',
        'x = other("没有")',
    ],
)
def test_a_chinese_literal_is_found(source: str) -> None:
    assert outside_gettext(source)


@pytest.mark.parametrize(
    "source",
    [
        'x = _("没有")',
        'x = translation.gettext_lazy("没有")',
        'def f():\n    """说明"""\n    # 说明\n    return "no", "、".join(x)',
        'x = _("第 %(n)s 行") % {"n": n}',
    ],
)
def test_what_is_looked_up_or_documents_is_passed(source: str) -> None:
    assert outside_gettext(source) == []


def test_what_is_looked_up_is_read_in_order() -> None:
    assert looked_up('x = [_("二"), gettext_lazy("一" "三")]\ny = other("四")') == ["二", "一三"]
    assert outside_gettext('\nx = "二"') == [Text(2, "二")]


@pytest.mark.parametrize(
    "source",
    ["<p>没有</p>", '<a title="没有">', '{{ x|default:"没有" }}', '{% include "a.html" with text="没有" %}'],
)
def test_chinese_in_a_template_is_found(source: str) -> None:
    assert outside_gettext_in_template(source) == [source]


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('{% translate "没有" %}', ["没有"]),
        ('{{ x|default:_("没有") }}', ["没有"]),
        ("{% blocktranslate with a=b %}第 {{ a }} 行{% endblocktranslate %}", ["第 %(a)s 行"]),
        ("{# 说明 #}{% comment %}\n说明\n{% endcomment %}", []),
    ],
)
def test_what_a_template_looks_up_is_read(source: str, texts: list[str]) -> None:
    assert (outside_gettext_in_template(source), looked_up_in_template(source)) == ([], texts)
