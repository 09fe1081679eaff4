import json
import os
import time
from pathlib import Path

import pytest

from linkqa_kedro.keyphrases import fold_word, own_phrases, propose_candidates, strip_markup

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


def test_a_roman_numeral_belongs_to_its_name() -> None:
    texts = ["When did World War II end?", "Who won World War II?", "When did World War I end?", "Was it World War I?"]
    found = propose(texts)
    assert found[0][0] == found[1][0] == "World War II"
    assert found[2][0] == found[3][0] == "World War I"


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


def test_a_fragment_stands_behind_the_phrases_it_is_no_part_of() -> None:
    texts = [*ENGLISH, "The theorem of Thales is older. Who proved the theorem?"]
    assert propose(texts)[2] == ["Pythagorean theorem", "triangle", "theorem"]


def test_a_seed_with_too_few_phrases_may_take_a_hub_and_another_may_not() -> None:
    texts = [f"What is the colour of the planet in the case of a moon {n}?" for n in range(8)]
    texts += ["The planet.", "The planet.", *ENGLISH * 8]
    found = propose(texts, most=0.15)
    assert found[8] == found[9] == ["planet"]
    assert "planet" not in found[0]


def test_a_hub_of_nearly_every_seed_is_no_candidate_even_for_want_of_others() -> None:
    texts = ["The planet."] * 9 + ["The moon of the planet.", "The moon of the planet."]
    assert propose(texts, most=0.2)[0] == []


def test_names_of_persons_in_sums_are_no_matter_and_those_of_prose_are() -> None:
    sums = ["In all, Linda had $3$ shells.", "At first Linda had $4+5$ crayons.", "Yesterday Linda had $9$ apples."]
    assert all("Linda" not in phrases for phrases in propose(sums))
    prose = ["When was Cleopatra queen?", "Was it Cleopatra?", "In Egypt ruled Cleopatra."]
    assert all("Cleopatra" in phrases for phrases in propose(prose))


def test_units_stand_only_where_nothing_else_does() -> None:
    texts = [
        "How many days has a week?",
        "How many hours has a week?",
        "A planet in the eclipse of the week.",
        "A planet in the eclipse.",
    ]
    found = propose(texts)
    assert found[0] == found[1] == ["week"]
    assert "week" not in found[2]


def test_words_that_rarely_stand_as_nouns_are_spare() -> None:
    red = ["a red car", "a red house", "a red hat", "a red nose", "a red coat", "a red boat", "a red shoe", "a red cup"]
    texts = [f"Who has {thing}, the pilot or the sailor?" for thing in red]
    assert not any("red" in phrases for phrases in propose([*texts, *texts, "Is the colour red?\nred"]))


def test_constructs_of_formulas_link_seeds_of_few_words() -> None:
    texts = [r"Evaluate $\binom{5}{2}$.", r"Compute $\binom{7}{3} + \sqrt{2}$.", r"What is $\sqrt{8}$?"]
    assert propose(texts) == [["binomial coefficient"], ["binomial coefficient", "square root"], ["square root"]]


@pytest.mark.parametrize(
    ("texts", "language", "name"),
    [
        (["What is a logarithm?\nan exponent", r"Evaluate $\log_2 8$."], "en", "logarithm"),
        (["什么是二次函数？", "求 $y=x^{2}+2x$ 的顶点。"], "zh", "二次函数"),
    ],
)
def test_a_formula_and_the_word_for_it_are_one_candidate(texts: list[str], language: str, name: str) -> None:
    assert [phrases[:1] for phrases in propose(texts, language=language)] == [[name], [name]]


def test_a_shared_sentence_on_how_to_answer_links_nothing() -> None:
    asked = ["the sum", "the mean", "the mode", "the root", "the sine"]
    texts = [f"Find {what}. Express your answer as a common fraction." for what in asked]
    assert all("common fraction" not in phrases for phrases in propose(texts))
    about = ["Is the fraction a common fraction, or is it none?", "Which common fraction is equal to one?"]
    assert all("common fraction" in phrases for phrases in propose([*about, *texts])[:2])


def test_the_contest_that_set_a_question_links_nothing() -> None:
    texts = [
        r"A cat sleeps. (adapted from $2005$ Math Kangaroo Problem, Level $5$, Question \#$4$)",
        "SASMO 2015 P2 Q10 A dog barks. (2008 Math Kangaroo Problem, Question 7)",
        "SASMO 2016 P2 Q1 A cow eats.",
    ]
    assert propose(texts) == [[], [], []]


def test_a_year_in_brackets_alone_is_kept_with_its_words() -> None:
    assert "Boer War" in strip_markup("the war (the Second Boer War, 1902) ended")


def test_words_inside_commands_and_formulas_are_read() -> None:
    assert strip_markup(r"\textbf{Which data set} has $$\text{the largest standard deviation} + 1$$?").split() == [
        *["Which", "data", "set", "has", ";", "the", "largest", "standard", "deviation", ";", "?"]
    ]


@pytest.mark.skipif(
    not os.environ.get("LINKQA_REAL_SEEDS"), reason="LINKQA_REAL_SEEDS names no folder with *.jsonl of real seeds"
)
def test_thousands_of_real_seeds_take_well_under_a_minute() -> None:
    file = Path(os.environ["LINKQA_REAL_SEEDS"], "opentriviaqa.jsonl")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    texts = ["\n".join([row["question"], *row["options"].values()]) for row in rows]
    started = time.perf_counter()
    propose_candidates(texts, ["en"] * len(rows), [[] for _ in rows], 12, 2, 0.05)
    assert time.perf_counter() - started < 45
