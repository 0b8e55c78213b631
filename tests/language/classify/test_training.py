"""Learning from a table, asking the model, and keeping it. The messages of the small table are invented."""

import json
import os
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from jieban.base.errors import Invalid
from jieban.base.sheets import BadFile
from jieban.language.classify import classifier, training, training_tables
from jieban.language.classify.classifier_evaluation import LabelledMessage, measure, score_labels
from jieban.language.text.features import MessageContent
from jieban.language.text.lexicon import categories
from jieban.language.text.model_file import BadModel

ROOT = Path(__file__).resolve().parents[3]
REAL = Path(os.environ.get("JIEBAN_SHARED", ROOT.parent / "shared")) / "data" / "labelled_messages_457.csv"

SAID = {
    "供暖": [
        "暖气不热",
        "暖气片冰凉",
        "供暖温度低",
        "室温十四度，暖气不热",
        "停暖三天",
        "暖气漏水，供暖停了",
    ],
    "教育": [
        "学校补课收费",
        "老师体罚学生",
        "幼儿园学费涨了",
        "小学划片入学",
        "中学食堂饭菜差",
        "学生作业太多",
    ],
    "出行": ["公交车不来", "出租车拒载", "公交线路太绕", "末班公交太早", "出租车不打表", "班车票价贵"],
}


def rows() -> list[LabelledMessage]:
    return [
        LabelledMessage(MessageContent(text, f"{text}，请处理"), label)
        for label, texts in SAID.items()
        for text in texts
    ]


@pytest.fixture(scope="module")
def model() -> classifier.Classifier:
    return training.train(rows(), [MessageContent("", "暖气和公交都不好")], categories())


def table(path: Path, lines: list[str], columns: str = "subject,text,category") -> Path:
    path.write_text("\n".join([columns, *lines]) + "\n", encoding="utf-8")
    return path


def small_table(path: Path) -> Path:
    return table(path, [f"{row.message.subject},{row.message.text},{row.label}" for row in rows()])


def test_a_model_says_what_it_learned_with_the_words_that_led_there(model: classifier.Classifier) -> None:
    answer = model.answer(MessageContent("暖气不热", "五号楼的暖气片冰凉"))
    assert answer.guesses[0].label == "供暖" and len(answer.guesses) == 3
    assert sum(guess.confidence for guess in answer.guesses) == pytest.approx(1)
    assert "暖气" in answer.because
    assert all(word in "暖气不热五号楼的暖气片冰凉" for word in answer.because)


def test_what_it_never_heard_of_leaves_it_unsure(model: classifier.Classifier) -> None:
    answer = model.answer(MessageContent("", "？？？🙂"))
    assert not answer.sure and len(answer.guesses) == 3 and answer.because == ()


@settings(max_examples=25, deadline=None)
@given(
    st.text(max_size=40),
    st.sampled_from(["", "暖气" * 100_000, "<script>x</script>公交", "\u200b学\u200b校", "Ｂｕｓ公交"]),
)
def test_any_text_has_an_answer(model: classifier.Classifier, text: str, more: str) -> None:
    answer = model.answer(MessageContent(text, more))
    assert len(answer.guesses) == 3 and all(0 <= guess.confidence <= 1 for guess in answer.guesses)


def test_a_kept_model_answers_the_same(model: classifier.Classifier, tmp_path: Path) -> None:
    version = classifier.save(model, tmp_path / "a.model", {"labelled": 18})
    again = classifier.load(tmp_path / "a.model")
    assert again.version == version
    for row in rows():
        assert again.answer(row.message) == model.answer(row.message)


def test_a_model_whose_parts_do_not_fit_is_refused(model: classifier.Classifier, tmp_path: Path) -> None:
    for weights in (model.weights[:-1], np.full_like(model.weights, np.nan)):
        broken = classifier.Classifier(model.space, model.classes, weights, model.bias, 3.0, 0.5)
        classifier.save(broken, tmp_path / "a.model", {})
        with pytest.raises(BadModel, match="内容不完整"):
            classifier.load(tmp_path / "a.model")


def test_training_twice_gives_the_same_model(model: classifier.Classifier, tmp_path: Path) -> None:
    again = training.train(rows(), [MessageContent("", "暖气和公交都不好")], categories())
    first = classifier.save(model, tmp_path / "a", {})
    assert classifier.save(again, tmp_path / "b", {}) == first


def test_two_classes_and_a_class_of_one_message_can_be_learned() -> None:
    few = [row for row in rows() if row.label != "出行"][:7]
    model = training.train(few, [], categories())
    assert model.classes == ("供暖", "教育") and model.best(few[0].message) == "供暖"
    assert not model.answer(few[0].message).sure  # one message is not enough to know how sure


def test_one_class_cannot_be_learned() -> None:
    with pytest.raises(Invalid, match="至少需要两个类别"):
        training.train(rows()[:6], [], categories())


def test_figures_are_worked_by_hand() -> None:
    # a: 2 of 3 found, 1 wrong among 3 named: P = R = 2/3; b: 1 of 2, 1 of 2 named; c: only named, never said.
    found = score_labels(list("aaabb"), list("aabbc"), 10.0)
    assert found.per_class["a"] == {
        "precision": 1.0,
        "recall": pytest.approx(2 / 3),
        "f1": 0.8,
        "messages": 3,
    }
    assert found.per_class["b"]["f1"] == 0.5 and found.per_class["c"]["f1"] == 0.0
    assert found.macro_f1 == pytest.approx((0.8 + 0.5 + 0.0) / 3) and found.accuracy == 0.6


def command(*arguments: object) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_commands_train_keep_and_measure(tmp_path: Path) -> None:
    train, kept = small_table(tmp_path / "train.csv"), tmp_path / "out" / "a.model"
    said = command("train", "classifier", "--train", train, "--out", kept)
    assert "已分类 18 条" in said and classifier.load(kept).version in said
    told = json.loads(command("evaluate", "classifier", "--model", kept, "--test", train, "--json"))
    assert told["macro_f1"] == told["accuracy"] == 1.0 and set(told["per_class"]) == set(SAID)
    assert told["texts_per_second"] > 0
    words = command("evaluate", "classifier", "--train", train, "--unlabelled", train, "--test", train)
    assert words.startswith("18 条：宏平均 F1 1.0000")


def test_rows_without_category_or_words_are_left_out_and_told(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ["暖气不热,,供暖", ",,供暖", "公交不来,,"], "留言主题,留言详情,一级分类")
    kept, left_out = training_tables.read_labelled(path)
    assert kept == [LabelledMessage(MessageContent("暖气不热", ""), "供暖")] and left_out == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "文件是空的"),
        ("subject,text\na,b\n", "没有“一级分类”这一列"),
        ("subject,text,category\n", "没有数据行"),
        ("subject,text,category\na,b,\n", "没有一行既有留言又有分类"),
        ("%PDF-1.4", "PDF"),
    ],
)
def test_a_bad_table_is_refused_with_a_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadFile, match=sentence):
        training_tables.read_labelled(path)
    with pytest.raises(BadFile, match="打不开"):
        training_tables.read_labelled(tmp_path / "none.csv")


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/labelled_messages_457.csv is not there")
def test_a_fifth_of_real_messages_is_found_from_the_others() -> None:
    known, _left_out = training_tables.read_labelled(REAL)
    labels = [row.label for row in known]
    learned, asked = next(StratifiedKFold(5, shuffle=True, random_state=7).split(labels, labels))
    model = training.train([known[place] for place in learned], [], categories())
    assert measure(model, [known[place] for place in asked]).macro_f1 > 0.82
