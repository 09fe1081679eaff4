"""The words of composed items, English and Chinese: several phrasings of each sentence.

A phrasing is chosen by the dice of the item, so that equal requests read alike and different ones do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linkqa_kedro.composer.dice import Dice
from linkqa_kedro.composer.material import MAX_QUOTED_CHARACTERS, Material

_EN: Mapping[str, tuple[str, ...]] = {
    "question_heading": ("Question {n}. {stem}",),
    "question_heading_several": ("Question {n} (one or more options are right). {stem}",),
    "claim_single": (
        "The right answer to Question {n} is {choice}.",
        "In Question {n}, the correct choice is {choice}.",
    ),
    "claim_several": (
        "The right answers to Question {n} include {choice}.",
        "In Question {n}, {choice} is one of the correct choices.",
    ),
    "claim_free": ("The answer to Question {n} is {choice}.", "Question {n} has the answer {choice}."),
    "claim_even": ("The answer to Question {n} is an even number.",),
    "claim_odd": ("The answer to Question {n} is an odd number.",),
    "claim_larger": ("As a number, the answer to Question {n} is larger than the answer to Question {other}.",),
    "claim_smaller": ("As a number, the answer to Question {n} is smaller than the answer to Question {other}.",),
    "intro": (
        "Work through the questions below before answering what follows them.",
        "Read these {count} questions carefully; the task at the end builds on all of them.",
        "First settle each of the following {count} questions, then complete the task.",
    ),
    "statements": ("Statements:", "Consider these statements:", "A student makes the following statements:"),
    "one_statement": ("Consider this statement:", "A student says:"),
    "multiple_select": (
        "Which of the following statements are correct? Select all that apply.",
        "Select every statement below that is correct.",
    ),
    "multiple_select_wrong": (
        "Which of the following statements are wrong? Select all that apply.",
        "Select every statement below that is wrong.",
    ),
    "counting": (
        "How many of the {n_claims} statements are correct?",
        "Of the {n_claims} statements, how many are correct? Give a number.",
    ),
    "counting_wrong": (
        "How many of the {n_claims} statements are wrong?",
        "Of the {n_claims} statements, how many are wrong? Give a number.",
    ),
    "suppose_key": (
        "Suppose that, by a printing error, the answer key gave {choice} as the only right answer to"
        " Question {n} and was right about every other question. How many of the {n_claims} statements"
        " would a marker who follows this key accept?",
    ),
    "single_choice": (
        "Exactly one of the following statements is correct. Which one is it?",
        "Only one of these statements is correct. Which is it?",
    ),
    "single_choice_wrong": (
        "Exactly one of the following statements is wrong. Which one is it?",
        "Only one of these statements is wrong. Which is it?",
    ),
    "right_pair": (
        "In which of these is the question answered correctly?",
        "Each option holds a question and an answer. Which answer is right?",
    ),
    "pair_right": ("{label}: the answer is right.",),
    "pair_wrong": ("{label}: the answer is wrong; it should be: {right}.",),
    "statement_pair": (
        "Which judgement of the two statements is right?",
        "Judge both statements. Which of these descriptions fits?",
    ),
    "pair_both": ("Both statements are correct.",),
    "pair_first": ("Statement (1) is correct, statement (2) is wrong.",),
    "pair_second": ("Statement (1) is wrong, statement (2) is correct.",),
    "pair_neither": ("Both statements are wrong.",),
    "true_false": (
        "True or false? “{assertion}” Give the reason.",
        "Decide whether the following assertion is true or false, and say why: “{assertion}”",
    ),
    "assert_all": ("All {n_claims} statements are correct.",),
    "assert_none": ("None of the {n_claims} statements is correct.",),
    "assert_exactly": ("Exactly {k} of the {n_claims} statements are correct.",),
    "assert_exactly_one": ("Exactly one of the {n_claims} statements is correct.",),
    "assert_at_least": ("At least {k} of the {n_claims} statements are correct.",),
    "assert_at_least_one": ("At least one of the {n_claims} statements is correct.",),
    "assert_both": ("The two statements are both correct.",),
    "assert_neither": ("Neither of the two statements is correct.",),
    "true": ("True",),
    "false": ("False",),
    "conditional": ("Give only the final answer.",),
    "step": ("Step {s}. If statement ({claim}) is correct, {then}; otherwise {otherwise}.",),
    "only_step": ("If statement ({claim}) is correct, {then}; otherwise {otherwise}.",),
    "go_part": ("give the answer to Question {n}",),
    "go_step": ("go on to Step {s}",),
    "letters_hint": ("For a question with options, give the letter or letters.",),
    "sequence": (
        "Which of these lists gives the right answer to each of the {count} questions?",
        "Which row answers every one of the {count} questions correctly?",
    ),
    "matching": (
        "Match each question with its right answer from the list. Entries may be left over.",
        "For every question, pick its right answer from this list; not every entry is needed.",
    ),
    "matching_form": ("Write your answer in the form “1–a, 2–b”.",),
    "ordering_up": (
        "Each question has a number as its answer. Arrange the questions by these numbers, from smallest to"
        " largest, leaving units aside.",
        "Put the questions in increasing order of their numerical answers (ignore units).",
    ),
    "ordering_down": (
        "Each question has a number as its answer. Arrange the questions by these numbers, from largest to"
        " smallest, leaving units aside.",
        "Put the questions in decreasing order of their numerical answers (ignore units).",
    ),
    "ordering_form": ("Give the question numbers in order, separated by commas.",),
    "name_answers": ("Let {names} be the numerical answers to {questions} respectively, units aside.",),
    "suppose_shift": ("Suppose the answer to Question {n} were larger by {shift} than it really is.",),
    "calc_sum": ("What is the sum of the answers, {formula}?", "Find {formula}."),
    "calc_weighted": ("What is the value of {formula}?", "Evaluate {formula}."),
    "calc_spread": ("By how much does the largest of these numbers exceed the smallest?",),
    "exactly": ("Give an exact value.",),
    "solve_single": ("Question {n}: the right answer is {choice}.",),
    "solve_several": ("Question {n}: the right answers are {choice}.",),
    "solve_free": ("Question {n}: the answer is {choice}.",),
    "verdict_true": ("Statement ({label}) is correct.",),
    "verdict_false": ("Statement ({label}) is wrong.",),
    "hence": ("Hence the answer is {answer}.", "So the answer is {answer}."),
    "count_verdict": ("Of the {n_claims} statements, {k} are correct.",),
    "count_verdict_none": ("None of the {n_claims} statements is correct.",),
    "count_verdict_one": ("Of the {n_claims} statements, one is correct.",),
    "took_only_step": ("Statement ({claim}) is {verdict}, so {then}.",),
    "took_step": ("Step {s}: statement ({claim}) is {verdict}, so {then}.",),
    "verdict_word_true": ("correct",),
    "verdict_word_false": ("wrong",),
    "key_as_supposed": (
        "By the misprinted key, Question {n} is answered by {choice} alone, so {k} of the statements would be"
        " accepted.",
    ),
    "numbers_are": ("The numbers are {numbers}.",),
    "shifted": ("Under the supposition the answer to Question {n} counts as {value}.",),
    "work": ("{formula} = {result}.",),
}

_ZH: Mapping[str, tuple[str, ...]] = {
    "question_heading": ("第{n}题 {stem}",),
    "question_heading_several": ("第{n}题（多选）{stem}",),
    "claim_single": ("第{n}题的正确答案是{choice}。", "第{n}题应选{choice}。"),
    "claim_several": ("第{n}题的正确选项包括{choice}。", "{choice}是第{n}题的正确选项之一。"),
    "claim_free": ("第{n}题的答案是{choice}。", "第{n}题的结果为{choice}。"),
    "claim_even": ("第{n}题的答案是偶数。",),
    "claim_odd": ("第{n}题的答案是奇数。",),
    "claim_larger": ("只看数值，第{n}题的答案大于第{other}题的答案。",),
    "claim_smaller": ("只看数值，第{n}题的答案小于第{other}题的答案。",),
    "intro": (
        "请先思考下面{count}道小题，再完成题后的任务。",
        "阅读下列{count}道小题，并在此基础上作答。",
        "下面{count}道小题相互关联，请逐一解答后完成最后的要求。",
    ),
    "statements": ("现有以下说法：", "某同学作出如下判断：", "请看下列说法："),
    "one_statement": ("请看下面的说法：", "某同学认为："),
    "multiple_select": ("下列说法中正确的有哪些？（多选）", "请从下列说法中选出所有正确的。（多选）"),
    "multiple_select_wrong": ("下列说法中错误的有哪些？（多选）", "请从下列说法中选出所有错误的。（多选）"),
    "counting": ("以上{n_claims}个说法中，正确的有几个？", "这{n_claims}个说法中共有多少个是正确的？"),
    "counting_wrong": ("以上{n_claims}个说法中，错误的有几个？", "这{n_claims}个说法中共有多少个是错误的？"),
    "suppose_key": (
        "假设参考答案因印刷错误把第{n}题的答案印成只有{choice}，其余各题的参考答案无误。"
        "若严格按这份参考答案评判，以上{n_claims}个说法中会有几个被判为正确？",
    ),
    "single_choice": ("下列说法中只有一个是正确的，它是哪一个？", "下列关于各小题的说法中，正确的是哪一项？"),
    "single_choice_wrong": (
        "下列说法中只有一个是错误的，它是哪一个？",
        "下列关于各小题的说法中，错误的是哪一项？",
    ),
    "right_pair": ("下列各项中，问题与答案相符的是哪一项？", "下列每项含一个问题和一个答案，答案正确的是哪一项？"),
    "pair_right": ("{label}项答案正确。",),
    "pair_wrong": ("{label}项答案错误，应为：{right}。",),
    "statement_pair": ("对以上两个说法的判断，正确的是哪一项？", "下列对说法①和说法②的评价，恰当的是哪一项？"),
    "pair_both": ("①和②都正确",),
    "pair_first": ("①正确，②错误",),
    "pair_second": ("①错误，②正确",),
    "pair_neither": ("①和②都错误",),
    "true_false": ("判断正误并说明理由：“{assertion}”", "下面的论断是否正确？请说明理由：“{assertion}”"),
    "assert_all": ("这{n_claims}个说法全部正确。",),
    "assert_none": ("这{n_claims}个说法没有一个正确。",),
    "assert_exactly": ("这{n_claims}个说法中恰有{k}个正确。",),
    "assert_exactly_one": ("这{n_claims}个说法中恰有一个正确。",),
    "assert_at_least": ("这{n_claims}个说法中至少有{k}个正确。",),
    "assert_at_least_one": ("这{n_claims}个说法中至少有一个正确。",),
    "assert_both": ("这两个说法都正确。",),
    "assert_neither": ("这两个说法都不正确。",),
    "true": ("正确",),
    "false": ("错误",),
    "conditional": ("只需写出最终答案。",),
    "step": ("步骤{s}：若说法{claim}正确，则{then}；否则{otherwise}。",),
    "only_step": ("若说法{claim}正确，则{then}；否则{otherwise}。",),
    "go_part": ("写出第{n}题的答案",),
    "go_step": ("进入步骤{s}",),
    "letters_hint": ("有选项的小题只写选项字母。",),
    "sequence": ("下列各项中，{count}道小题的答案全部正确的是哪一项？", "哪一组依次给出了{count}道小题的正确答案？"),
    "matching": (
        "请从下面的备选答案中为每道小题选出正确答案（备选答案可有剩余）。",
        "将各小题与备选答案正确配对，备选答案不必全部用上。",
    ),
    "matching_form": ("答题格式如“1—a，2—b”。",),
    "ordering_up": ("各小题的答案都是数。不考虑单位，请按答案从小到大的顺序排列各小题。",),
    "ordering_down": ("各小题的答案都是数。不考虑单位，请按答案从大到小的顺序排列各小题。",),
    "ordering_form": ("请依次写出题号，用逗号隔开。",),
    "name_answers": ("设{questions}的答案（不计单位）依次为{names}。",),
    "suppose_shift": ("假设第{n}题的答案比实际大{shift}。",),
    "calc_sum": ("求它们的和，即{formula}的值。", "计算{formula}。"),
    "calc_weighted": ("求{formula}的值。", "计算{formula}。"),
    "calc_spread": ("其中最大的数比最小的数大多少？",),
    "exactly": ("结果用准确值表示。",),
    "solve_single": ("第{n}题的正确答案是{choice}。",),
    "solve_several": ("第{n}题的正确答案是{choice}。",),
    "solve_free": ("第{n}题的答案是{choice}。",),
    "verdict_true": ("说法{label}正确。",),
    "verdict_false": ("说法{label}错误。",),
    "hence": ("因此答案为{answer}。", "综上，答案是{answer}。"),
    "count_verdict": ("{n_claims}个说法中有{k}个正确。",),
    "count_verdict_none": ("{n_claims}个说法都不正确。",),
    "count_verdict_one": ("{n_claims}个说法中只有一个正确。",),
    "took_only_step": ("说法{claim}{verdict}，因此{then}。",),
    "took_step": ("步骤{s}：说法{claim}{verdict}，因此{then}。",),
    "verdict_word_true": ("正确",),
    "verdict_word_false": ("错误",),
    "key_as_supposed": ("按印错的参考答案，第{n}题只有{choice}算对，因此有{k}个说法会被判为正确。",),
    "numbers_are": ("各数依次为{numbers}。",),
    "shifted": ("按假设，第{n}题的答案取{value}。",),
    "work": ("{formula} = {result}。",),
}

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
_HAN_COUNTS = "〇一两三四五六七八"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
# Two blanks keep options on one line apart; wider lists get a line each.
_ONE_LINE_WIDTH = 72


def count_word(count: int, language: str) -> str:
    """A small count in words, a larger one in digits."""
    words: Sequence[str] = _HAN_COUNTS if language == "zh" else _COUNTS
    return words[count] if count < len(words) else str(count)


def count_names(count: int) -> tuple[str, ...]:
    """Every way in which an item may write a count."""
    return str(count), count_word(count, "en"), count_word(count, "zh")


@dataclass(frozen=True, slots=True)
class Wording:
    """Sentences of one item.

    Attributes:
        language: "en" or "zh".
        dice: Chooses among phrasings.
    """

    language: str
    dice: Dice

    def say(self, sentence: str, variety: object = 0, **slots: object) -> str:
        """One phrasing of a sentence; the same `variety` gives the same phrasing within an item."""
        phrasings = (_ZH if self.language == "zh" else _EN)[sentence]
        return self.dice.pick(phrasings, "phrasing", sentence, variety).format(**slots)

    def claim_label(self, place: int) -> str:
        """Label of a listed statement, from 0: "(1)" is spoken of as 1, "①" as itself."""
        return _CIRCLED[place] if self.language == "zh" else str(place + 1)

    def claim_line(self, label: str, text: str) -> str:
        """A listed statement."""
        return f"{label} {text}" if self.language == "zh" else f"({label}) {text}"

    def choice(self, material: Material, letter: str) -> str:
        """How a claim speaks of an option: by its letter, with its text where that is short."""
        text = material.option_text(letter).rstrip("。．.;；,，").strip()
        quotable = 0 < len(text) <= MAX_QUOTED_CHARACTERS and not set("()（）\n") & set(text)
        if self.language == "zh":
            return f"{letter}（{text}）" if quotable else letter
        return f"option {letter} ({text})" if quotable else f"option {letter}"

    def free_answer(self, answer: str) -> str:
        """A free answer inside a sentence; bare LaTeX is put between dollars."""
        bare = answer.rstrip("。．.").strip() or answer
        return f"${bare}$" if "\\" in bare and "$" not in bare else bare

    def solution(self, material: Material) -> str:
        """What the key says of one question."""
        n = material.place
        if not material.options:
            return self.say("solve_free", n=n, choice=self.free_answer(material.answer))
        names = [self.choice(material, letter) for letter in material.key]
        kind = "solve_several" if len(names) > 1 else "solve_single"
        return self.say(kind, n=n, choice=self.listing(names))

    def question_block(self, material: Material) -> str:
        """A seed's question as the item shows it, numbered, with its options."""
        # Many Chinese stems say so themselves.
        several = len(material.key) > 1 and "多选" not in material.stem
        heading = self.say(
            "question_heading_several" if several else "question_heading", n=material.place, stem=material.stem
        )
        if not material.options:
            return heading
        shown = [f"{letter}. {text}" for letter, text in material.options]
        flat = "  ".join(shown)
        width = sum(2 if ord(character) > 0x2E80 else 1 for character in flat)
        return heading + "\n" + (flat if width <= _ONE_LINE_WIDTH and "\n" not in flat else "\n".join(shown))

    def listing(self, names: Sequence[str]) -> str:
        """Names joined as the language joins them."""
        if self.language == "zh":
            return "、".join(names)
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]

    def joined(self, sentences: Sequence[str]) -> str:
        """Sentences in a row."""
        return ("" if self.language == "zh" else " ").join(sentences)
