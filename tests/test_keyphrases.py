import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from linkqa_kedro import keyphrases
from linkqa_kedro.keyphrases import fold_word, nearest_labelled, own_phrases, propose_candidates, strip_markup

ENGLISH = [
    "What does the mitochondrion of a cell do?\nIt makes energy for the cell.",
    "Which part of the cell is the mitochondrion?\nAn organelle",
    "The Pythagorean theorem relates the sides of a right triangle. Who proved it?",
    "By the Pythagorean theorem, what is the hypotenuse of a triangle?",
    "Which of the following is a question about the weather?",
]
CHINESE = [
    "细胞的线粒体有什么作用？",
    "线粒体是细胞中的哪一部分？",
    "勾股定理描述直角三角形的三边。",
    "用勾股定理求直角三角形的斜边。",
    "下列说法正确的是？",
]


def propose(
    texts: list[str], known: list[list[str]] | None = None, language: str = "en", most: float = 1.0, fewest: int = 2
) -> list[list[str]]:
    return propose_candidates(texts, [language] * len(texts), known or [[] for _ in texts], 8, fewest, most)


def test_phrases_of_two_seeds_link_them() -> None:
    found = propose(ENGLISH)
    assert {"mitochondrion", "cell"} <= set(found[0]) & set(found[1])
    assert found[2][0] == found[3][0] == "Pythagorean theorem"


def test_chinese_terms_link_seeds() -> None:
    found = propose(CHINESE, language="zh")
    assert {"线粒体", "细胞"} <= set(found[0]) & set(found[1])
    assert {"勾股定理", "直角三角形"} <= set(found[2]) & set(found[3])


def test_exam_words_and_phrases_of_one_seed_are_no_candidates() -> None:
    assert propose(ENGLISH)[4] == []
    assert propose(CHINESE, language="zh")[4] == []
    assert propose(ENGLISH, fewest=3) == [[] for _ in ENGLISH]


def test_a_fragment_goes_where_the_longer_phrase_covers_the_same_seeds() -> None:
    found = propose(ENGLISH)
    assert "theorem" not in found[2]
    widened = [*ENGLISH, "The theorem of Thales is older. Who proved the theorem?"]
    assert "theorem" in propose(widened)[2]


def test_hubs_are_dropped_by_share() -> None:
    texts = [f"What is the colour of the planet in the case of a moon {n}?" for n in range(8)] + ENGLISH
    assert "planet" in propose(texts)[0]
    assert "planet" not in propose(texts, most=0.4)[0]
    assert "cell" in propose(texts, most=0.4)[8]


def test_labels_of_other_seeds_come_first_whatever_their_number_and_case() -> None:
    known = [[], [], [], [], ["Right Triangles", "Weather Report"]]
    assert propose(ENGLISH, known)[2][0] == "Right Triangles"
    assert "Weather Report" not in propose(ENGLISH, known)[4]


def test_a_label_that_only_the_seed_itself_carries_links_nothing() -> None:
    assert "organelle" not in propose(ENGLISH, [[], ["organelle"], [], [], []])[1]
    assert propose(ENGLISH, [["organelle"], [], [], [], []])[1][0] == "organelle"


def test_latin_labels_need_word_boundaries_and_chinese_ones_do_not() -> None:
    assert propose(ENGLISH, [["cellar", "cell"], [], [], [], []])[1][0] == "cell"
    assert "rate" not in propose(["Describe the vibrate mode.", "x"], [[], ["rate"]])[0]
    found = propose(["DNA存在于细胞核中", "RNA", "x"], [[], [], ["细胞核", "DN"]], language="zh")[0]
    assert found[0] == "细胞核"
    assert "DN" not in found


def test_known_labels_of_no_meaning_are_not_proposed() -> None:
    assert propose(ENGLISH, [["question", "a", "7"], [], [], [], []])[4] == []


def test_formulas_and_commands_are_no_phrases() -> None:
    texts = [r"Evaluate $$\frac{velocity}{time}$$ for the pendulum \textbf{now}.", r"Is $velocity$ that of a pendulum?"]
    assert propose(texts) == [["pendulum"], ["pendulum"]]
    assert strip_markup(r"a \(b\) c \begin{align}d\end{align} \alpha{e}").split() == ["a", ";", "c", ";"]


def test_names_keep_their_adjective_and_other_phrases_do_not() -> None:
    texts = ["Is the capital of New Jersey called Trenton?\nNew Jersey", "Was the battle in New Jersey?"]
    assert "New Jersey" in propose(texts)[0]


def test_lists_are_cut_and_hold_no_phrase_twice() -> None:
    texts = ["The root, the stem, the leaf, the flower and the fruit."] * 2
    found = propose_candidates(texts, ["en", "en"], [["Leaf"], ["leaves"]], 3, 2, 1.0)
    assert [len(phrases) for phrases in found] == [3, 3]
    assert len({fold_word(phrase) for phrase in found[0]}) == 3


def test_each_language_is_read_alone_and_the_order_of_seeds_does_not_matter() -> None:
    texts, languages = ENGLISH + CHINESE, ["en"] * 5 + ["zh"] * 5
    together = propose_candidates(texts, languages, [[]] * 10, 8, 2, 1.0)
    assert together == propose(ENGLISH) + propose(CHINESE, language="zh")
    backwards = propose_candidates(texts[::-1], languages[::-1], [[]] * 10, 8, 2, 1.0)
    assert backwards[::-1] == together


def test_no_seeds_give_no_candidates() -> None:
    assert propose_candidates([], [], [], 8, 2, 0.1) == []
    assert propose([""]) == [[]]


@pytest.mark.parametrize(("word", "folded"), [("Theorems", "theorem"), ("bodies", "body"), ("boxes", "box")])
def test_plurals_are_folded(word: str, folded: str) -> None:
    assert fold_word(word) == folded


@pytest.mark.parametrize("word", ["gas", "glass", "virus", "physics", "analysis"])
def test_words_that_end_in_s_are_no_plurals(word: str) -> None:
    assert fold_word(word) == word


def test_a_text_alone_gives_its_own_phrases() -> None:
    assert "mixed number" in own_phrases(r"Convert $\frac{63}{5}$ to a mixed number.", "en", 2)
    assert own_phrases("勾股定理是什么？", "zh", 1) == ["勾股定理"]
    assert own_phrases("$$x=1$$", "en", 3) == own_phrases("$$x=1$$", "zh", 3) == []


def test_nearest_are_labelled_of_the_same_language_first_and_never_the_seed_itself() -> None:
    texts = ["the cell wall", "the cell walls", "a cell wall", "cell wall 细胞壁", "细胞壁是什么", "nothing like it"]
    languages = ["en", "en", "en", "zh", "zh", "en"]
    labelled = [True, True, False, True, True, False]
    found = nearest_labelled(texts, languages, labelled, 2)
    assert [index for index, _ in found[0]] == [1, 3]
    assert {index for index, _ in found[2]} == {0, 1}
    assert found[4][0][0] == 3
    assert all(row not in dict(close) for row, close in enumerate(found))
    assert all(0 < cosine <= 1 for close in found for _, cosine in close)


def test_equally_near_seeds_come_in_the_order_of_the_corpus() -> None:
    found = nearest_labelled(["same text here"] * 5, ["en"] * 5, [True] * 5, 3)
    assert [index for index, _ in found[4]] == [0, 1, 2]
    assert [index for index, _ in found[0]] == [1, 2, 3]


def test_blocks_do_not_change_what_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"seed {n} about the {'cell' if n % 2 else 'star'} and number {n % 7}" for n in range(40)]
    arguments = (texts, ["en"] * 40, [n % 3 == 0 for n in range(40)], 4)
    whole = nearest_labelled(*arguments)
    monkeypatch.setattr(keyphrases, "_BLOCK_ROWS", 3)
    assert nearest_labelled(*arguments) == whole
    assert np.mean([len(close) for close in whole]) == 4


def test_without_labelled_seeds_nothing_is_near() -> None:
    assert nearest_labelled(["a", "b"], ["en", "en"], [False, False], 3) == [[], []]
    assert nearest_labelled(["a", "b"], ["en", "en"], [True, True], 0) == [[], []]


@pytest.mark.skipif(
    not os.environ.get("LINKQA_REAL_SEEDS"), reason="LINKQA_REAL_SEEDS names no folder with *.jsonl of real seeds"
)
@pytest.mark.parametrize(("name", "share"), [("opentriviaqa", 0.9), ("tal_scq5k_en", 0.5), ("cpsyexam", 0.9)])
def test_most_real_seeds_are_linked_in_well_under_a_minute(name: str, share: float) -> None:
    file = Path(os.environ["LINKQA_REAL_SEEDS"], f"{name}.jsonl")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    texts = ["\n".join([row["question"], *(row.get("options") or {}).values()]) for row in rows]
    started = time.perf_counter()
    found = propose_candidates(texts, [row["language"] for row in rows], [[] for _ in rows], 8, 2, 0.05)
    assert time.perf_counter() - started < 45
    assert np.mean([len(candidates) >= 2 for candidates in found]) > share
