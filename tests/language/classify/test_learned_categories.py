"""Learning from confirmed messages, joined with the tree. The messages are invented."""

import pytest

from jieban.base.errors import Invalid
from jieban.language.classify import combined_classifier, learned_categories
from jieban.language.classify.category_tree import CategoryTree
from jieban.language.classify.classifier import ClassifierResult, Guess
from jieban.language.classify.classifier_evaluation import LabelledMessage
from jieban.language.classify.combined_classifier import CombinedClassifier
from jieban.language.text.features import MessageContent
from jieban.language.text.lexicon import categories
from jieban.language.text.model_file import BadModel

HEATING, LIGHTS, NOISE, CABINETS = (
    ("城乡建设", "城市建设和市政管理", "冬季采暖"),
    ("城乡建设", "城市建设和市政管理", "城市照明"),
    ("环境保护", "环境污染", "噪音污染"),
    ("政法", "社会治安", "消防安全"),
)
TREE = CategoryTree((HEATING, LIGHTS, NOISE, CABINETS), categories())
# The district's people call an old stage, 戏台, where it is dark; no list has that word.
SAID = {
    HEATING: ("暖气不热", "家里才十四度", "暖气片冰凉", "停暖三天了", "供暖温度低"),
    LIGHTS: ("路灯不亮", "戏台门前太黑", "戏台那里要装灯", "路灯坏了", "戏台上夜里看不见"),
    NOISE: ("夜里施工吵", "广场舞音响太大", "工地噪音", "半夜切割声", "装修噪音"),
}


def rows(times: int = 4) -> list[LabelledMessage]:
    return [
        LabelledMessage(MessageContent("", f"{text}，第{number}次反映"), "/".join(leaf))
        for number in range(times)
        for place in range(5)
        for leaf, texts in SAID.items()
        for text in [texts[place]]
    ]


@pytest.fixture(scope="module")
def model() -> CombinedClassifier:
    return learned_categories.learn(rows(), TREE)


def label(answer: ClassifierResult) -> str:
    return answer.guesses[0].label


def test_what_the_lists_do_not_know_is_learned(model: CombinedClassifier) -> None:
    asked = MessageContent("", "戏台那边怎么办")
    assert TREE.answer(asked) == ClassifierResult((), False, ())
    found = model.answer(asked, TREE)
    assert label(found) == "/".join(LIGHTS) and found.because[0] == "戏台"


def test_a_category_that_nobody_confirmed_yet_is_still_found_by_the_lists(model: CombinedClassifier) -> None:
    found = model.answer(MessageContent("", "消防通道被堵，消火栓里没有水，有火灾隐患"), TREE)
    assert label(found) == "/".join(CABINETS)


def test_rare_categories_share_a_class_and_the_lists_tell_which() -> None:
    rare = [LabelledMessage(MessageContent("", "灭火器过期了"), "/".join(CABINETS))] * (
        learned_categories.FEWEST - 1
    )
    model = learned_categories.learn([*rare, *rows()], TREE)
    assert (
        combined_classifier.RARE_CLASS in model.learned.classes
        and "/".join(CABINETS) not in model.learned.classes
    )
    assert label(model.answer(MessageContent("", "消火栓没有水，灭火器过期"), TREE)) == "/".join(CABINETS)


def test_a_category_that_is_gone_is_not_named(model: CombinedClassifier) -> None:
    left = CategoryTree((HEATING, NOISE, CABINETS), categories())
    found = model.answer(MessageContent("", "路灯不亮，戏台门前太黑"), left)
    assert "/".join(LIGHTS) not in {guess.label for guess in found.guesses}
    assert sum(guess.confidence for guess in found.guesses) == pytest.approx(1.0, abs=1e-6)


def test_no_known_word_and_no_category_get_no_answer(model: CombinedClassifier) -> None:
    assert model.answer(MessageContent("", "zzz"), TREE) == ClassifierResult((), False, ())
    assert model.answer(MessageContent("", "路灯不亮"), CategoryTree((), categories())) == ClassifierResult(
        (), False, ()
    )


def test_one_category_is_nothing_to_learn() -> None:
    with pytest.raises(Invalid, match="两个"):
        learned_categories.learn([row for row in rows() if row.label == "/".join(NOISE)], TREE)


def test_what_was_written_answers_the_same_and_damage_is_refused(model: CombinedClassifier) -> None:
    version, content = combined_classifier.serialize(model, {})
    again = combined_classifier.deserialize(content, "甲")
    asked = MessageContent("", "暖气片不热，夜里又吵")
    assert again.version == version
    assert again.answer(asked, TREE) == model.answer(asked, TREE)
    assert (again.lean, again.sharpness, again.threshold) == (model.lean, model.sharpness, model.threshold)
    with pytest.raises(BadModel, match="甲 已损坏"):
        combined_classifier.deserialize(content[:-1] + bytes([content[-1] ^ 1]), "甲")
    with pytest.raises(BadModel, match="不是接办的模型文件"):
        combined_classifier.deserialize(b"", "甲")


def test_the_mark_counts_each_category_that_occurs_the_same() -> None:
    said = ["a", "a", "a", "b"]
    answers = [ClassifierResult((Guess(one, 0.9),), True, ()) for one in ("a", "a", "c")] + [
        ClassifierResult((), False, ())
    ]
    # a: 2 of 3 found, nothing wrongly: 2·2/(3+2) = 0.8; b: none.
    assert learned_categories.mark(answers, said) == learned_categories.Mark(pytest.approx(0.4), 0.5)


def test_learning_twice_gives_the_same_version() -> None:
    first, second = (
        combined_classifier.serialize(learned_categories.learn(rows(2), TREE), {}) for _ in range(2)
    )
    assert first == second


def test_the_version_of_a_tree_names_its_categories_and_words() -> None:
    assert (
        TREE.version
        == CategoryTree(TREE.leaves, categories()).version
        != CategoryTree(TREE.leaves[1:], categories()).version
    )
    assert TREE.version.startswith("tree-")
