"""Problems of a composed item, found by recomputing its answer from its proof and the seeds' own keys.

Nothing that composing stored as true is believed: truth of claims, right options, numbers and the answer are all
derived again from the seeds. And nothing counts that a reader of the item cannot see: every question, option and
claim of the proof must stand in the item's text.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from linkqa_kedro.composer.material import comparable, parse_number, shown_text
from linkqa_kedro.composer.wording import count_names

Seed = Mapping[str, Any]


class _Unprovable(Exception):
    """The proof does not hold what is needed to recompute the answer."""


def verify_item(item: Mapping[str, Any], seeds_by_id: Mapping[str, Seed]) -> list[str]:
    """What is wrong with a composed item, one sentence each; empty if all of it is right.

    Args:
        item: An item of the reply format with its `proof`.
        seeds_by_id: The seeds as the request held them, by `seed_id`.
    """
    try:
        return _Check(item, seeds_by_id).problems()
    except _Unprovable as error:
        return [str(error)]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, StopIteration) as error:
        return [f"the proof is malformed: {type(error).__name__} {error}"]


class _Check:
    """One item against its seeds."""

    def __init__(self, item: Mapping[str, Any], seeds_by_id: Mapping[str, Seed]) -> None:
        self.item = item
        self.proof: Mapping[str, Any] = item["proof"]
        self.rule: Mapping[str, Any] = self.proof["rule"]
        self.options: Mapping[str, str] = item["options"] or {}
        self.text = "\n".join([item["question"], *self.options.values()])
        self.claims: Sequence[Mapping[str, Any]] = self.proof["claims"]
        self.seeds: dict[int, Seed] = {}
        for part in self.proof["parts"]:
            if part["seed_id"] not in seeds_by_id:
                raise _Unprovable(f"seed {part['seed_id']!r} is not among the seeds of the request")
            self.seeds[part["number"]] = seeds_by_id[part["seed_id"]]

    def problems(self) -> list[str]:
        found = [
            *self._problems_of_parts(),
            *self._problems_of_claims(),
            *self._problems_of_options(),
            *self._problems_of_labels(),
        ]
        kind = self.item["question_type"]
        if kind != self.proof["type"] or kind not in _ANSWERS:
            return [*found, f"the proof is of type {self.proof['type']!r}, the item of type {kind!r}"]
        found += _RULE_SHOWN[kind](self) if kind in _RULE_SHOWN else []
        right = _ANSWERS[kind](self)
        for name, claimed in (("item", self.item["answer"]), ("proof", self.proof["answer"])):
            if claimed != right:
                found.append(f"the {name} answers {claimed!r}, the seeds' keys give {right!r}")
        return found

    # ---- what the keys say -----------------------------------------------------------------------------

    def key(self, number: int) -> list[str]:
        """Right letters of a question, in the order of its options."""
        seed = self._seed(number)
        return [o["letter"] for o in seed["options"] if o["letter"] in seed["answer"]]

    def short_answer(self, number: int) -> str:
        seed = self._seed(number)
        return "".join(self.key(number)) if seed["options"] else shown_text(str(seed["answer"]))

    def right_text(self, number: int) -> str:
        """Text of the one right option, or the free answer."""
        seed = self._seed(number)
        if not seed["options"]:
            return shown_text(seed["answer"])
        key = self.key(number)
        if len(key) != 1:
            raise _Unprovable(f"Question {number} has {len(key)} right options, the type needs one")
        return self.option_text(number, key[0])

    def option_text(self, number: int, letter: str) -> str:
        return next(shown_text(o["text"]) for o in self._seed(number)["options"] if o["letter"] == letter)

    def number(self, number: int) -> Fraction:
        value = parse_number(self.right_text(number))
        if value is None:
            raise _Unprovable(f"the answer to Question {number} is no plain number")
        return value

    def holds(self, claim: Mapping[str, Any]) -> bool:
        seed = self._seed(claim["part"])
        if claim["relation"]:
            return self._relation_holds(claim["part"], claim["relation"])
        if claim["letter"] is None:
            return not seed["options"] and claim["text"] == shown_text(seed["answer"])
        return claim["letter"] in self.key(claim["part"])

    def _relation_holds(self, number: int, relation: Mapping[str, Any]) -> bool:
        value, kind = self.number(number), relation["kind"]
        if kind in ("even", "odd"):
            if value.denominator != 1:
                raise _Unprovable(f"the answer to Question {number} is no integer")
            return (value.numerator % 2 == 0) is (kind == "even")
        other = self.number(relation["other"])
        return value > other if kind == "larger" else value < other

    def truths(self) -> dict[str, bool]:
        return {claim["label"]: self.holds(claim) for claim in self.claims}

    def _seed(self, number: int) -> Seed:
        if number not in self.seeds:
            raise _Unprovable(f"the proof speaks of Question {number}, the item has {len(self.seeds)}")
        return self.seeds[number]

    # ---- what the reader sees --------------------------------------------------------------------------

    def _problems_of_parts(self) -> list[str]:
        found = []
        if len({part["seed_id"] for part in self.proof["parts"]}) < 2:
            found.append("the item joins fewer than two seeds")
        for part in self.proof["parts"]:
            seed, n = self.seeds[part["number"]], part["number"]
            own = [[o["letter"], shown_text(o["text"])] for o in seed["options"]]
            shown = self.text if self._holds_questions_in_options else self.item["question"]
            if part["stem"] != shown_text(seed["question"]) or part["stem"] not in shown:
                found.append(f"Question {n} is not shown as its seed puts it")
            if part["options"] != own:
                found.append(f"the options of Question {n} are not those of its seed")
            found += [
                f"option {letter} of Question {n} is not shown"
                for letter, text in own
                if f"{letter}. {text}" not in shown and not self._holds_questions_in_options
            ]
            if seed["options"] and sorted(self.key(n)) != sorted(seed["answer"].strip()):
                found.append(f"the key {seed['answer']!r} of Question {n} does not fit its options")
        return found

    @property
    def _holds_questions_in_options(self) -> bool:
        """Whether a question stands with an answer in each option, and none above them."""
        return bool(self.proof["type"] == "right_pair")

    def _problems_of_claims(self) -> list[str]:
        found = []
        for claim in self.claims:
            label, sentence = claim["label"], claim["sentence"]
            if sentence not in self.text:
                found.append(f"claim {label} does not stand in the item")
            if self.holds(claim) is not claim["holds"]:
                found.append(f"claim {label} is said to be {claim['holds']}, the seed's key says otherwise")
            if not self._says_what_the_proof_says(claim):
                found.append(f"claim {label} does not say what its proof says")
        covered = {claim["part"] for claim in self.claims}
        if self.proof["type"] in _CLAIMS_COVER_ALL and covered != set(self.seeds):
            found.append("some question has no claim")
        if len({claim["sentence"] for claim in self.claims}) < len(self.claims):
            found.append("two claims say the same")
        return found

    def _says_what_the_proof_says(self, claim: Mapping[str, Any]) -> bool:
        n, letter, sentence = claim["part"], claim["letter"], claim["sentence"]
        if self._holds_questions_in_options:
            text = claim["text"] if letter is None else self.option_text(n, letter)
            return bool(sentence == f"{shown_text(self._seed(n)['question'])} — {text}")
        if f"Question {n}" not in sentence and f"第{n}题" not in sentence:
            return False
        if claim["relation"]:
            return sentence in _relation_sentences(n, **claim["relation"])
        if letter is None:
            return claim["text"].rstrip("。．.").strip() in sentence
        if claim["text"] != self.option_text(n, letter):
            return False
        # Other words of a sentence may hold capitals; an option is always named in one of these two ways.
        named = [other for other in _ALPHABET if f"option {other}" in sentence or _han_names(other, sentence)]
        return letter in named and (len(named) == 1 or claim["text"].rstrip("。．.;；,，").strip() in sentence)

    def _problems_of_options(self) -> list[str]:
        found = []
        if len(set(self.options.values())) < len(self.options):
            found.append("two options of the item are the same")
        if list(self.options) != list(_ALPHABET[: len(self.options)]):
            found.append(f"the options of the item are lettered {list(self.options)}")
        if self.options and not set(self.item["answer"]) <= set(self.options):
            found.append(f"the answer {self.item['answer']!r} is not among the options")
        return found

    def _problems_of_labels(self) -> list[str]:
        """A claim must stand under its own label: as that option, or on the line that begins with it."""
        found = []
        for claim in self.claims:
            label, sentence = claim["label"], claim["sentence"]
            under = (
                self.options.get(label) == sentence
                or f"\n({label}) {sentence}" in self.item["question"]
                or f"\n{label} {sentence}" in self.item["question"]
            )
            if not under:
                found.append(f"claim {label} does not stand under its label")
        return found

    def needs_text(self, *pieces: str) -> list[str]:
        """A problem for every piece that the question does not hold."""
        return [f"the question does not say {piece!r}" for piece in pieces if piece not in self.item["question"]]


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CLAIMS_COVER_ALL = frozenset(
    ("multiple_select", "single_choice", "counting", "statement_pair", "true_false", "right_pair")
)


def _relation_sentences(n: int, kind: str, other: int | None) -> tuple[str, str]:
    """The relation in both languages."""
    if other is None:
        article, han = ("an even", "偶数") if kind == "even" else ("an odd", "奇数")
        return f"The answer to Question {n} is {article} number.", f"第{n}题的答案是{han}。"
    return (
        f"As a number, the answer to Question {n} is {kind} than the answer to Question {other}.",
        f"只看数值，第{n}题的答案{'大于' if kind == 'larger' else '小于'}第{other}题的答案。",
    )


def _han_names(letter: str, sentence: str) -> bool:
    return any(
        f"{before}{letter}{after}" in f"^{sentence}"
        for before in ("是", "选", "包括", "^")
        for after in ("（", "。", "是")
    )


# ---- answers, one function a type --------------------------------------------------------------------------


def _selected(check: _Check) -> str:
    wanted = check.rule["want"] == "correct"
    letters = [label for label, true in check.truths().items() if true is wanted]
    if check.proof["type"] in ("single_choice", "right_pair") and len(letters) != 1:
        raise _Unprovable(f"{len(letters)} statements are {check.rule['want']}, the item says that one is")
    if not 0 < len(letters) < len(check.claims):
        raise _Unprovable("all statements or none would have to be selected")
    return "".join(letters)


def _counted(check: _Check) -> str:
    wanted = check.rule["count"] == "correct"
    suppose = check.rule.get("suppose")
    truths = check.truths()
    if suppose:
        for claim in check.claims:
            if claim["part"] == suppose["part"]:
                truths[claim["label"]] = claim["letter"] == suppose["letter"]
    return str(sum(true is wanted for true in truths.values()))


def _asserted(check: _Check) -> str:
    n_true, k = sum(check.truths().values()), check.rule["k"]
    kind = check.rule["assert"]
    fits = {"all": n_true == len(check.claims), "none": n_true == 0, "exactly": n_true == k, "at_least": n_true >= k}
    chinese = "第1题" in check.item["question"]
    return ("正确" if fits[kind] else "错误") if chinese else ("True" if fits[kind] else "False")


def _paired(check: _Check) -> str:
    first, second = check.truths().values()
    meanings: Mapping[str, str] = check.rule["truths"]
    name = {
        (True, True): "pair_both",
        (True, False): "pair_first",
        (False, True): "pair_second",
        (False, False): "pair_neither",
    }[(first, second)]
    return next(letter for letter, meaning in meanings.items() if meaning == name)


def _arrived(check: _Check) -> str:
    truths, steps = check.truths(), check.rule["steps"]
    number = 1
    for _ in steps:
        step = steps[number - 1]
        target = step["then"] if truths[step["claim"]] else step["otherwise"]
        if "part" in target:
            return check.short_answer(target["part"])
        number = target["step"]
    raise _Unprovable("the steps come to no end")


def _in_a_row(check: _Check) -> str:
    right = [check.short_answer(n) for n in sorted(check.seeds)]
    letters: list[str] = [letter for letter, row in check.rule["rows"].items() if row == right]
    if len(letters) != 1:
        raise _Unprovable(f"{len(letters)} rows are right")
    return letters[0]


def _matched(check: _Check) -> str:
    chinese = "第1题" in check.item["question"]
    pairs = []
    for n in sorted(check.seeds):
        right = comparable(check.right_text(n))
        labels = [e["label"] for e in check.rule["entries"] if comparable(e["text"]) == right]
        if len(labels) != 1:
            raise _Unprovable(f"{len(labels)} entries answer Question {n}")
        pairs.append(f"{n}{'—' if chinese else '–'}{labels[0]}")
    return ("，" if chinese else ", ").join(pairs)


def _ordered(check: _Check) -> str:
    numbers = {n: check.number(n) for n in check.seeds}
    if len(set(numbers.values())) < len(numbers):
        raise _Unprovable("two answers are the same number")
    order = sorted(numbers, key=lambda n: numbers[n], reverse=check.rule["order"] == "falling")
    return ("，" if "第1题" in check.item["question"] else ", ").join(map(str, order))


def _reckoned(check: _Check) -> str:
    numbers = {n: check.number(n) for n in check.seeds}
    suppose = check.rule["suppose"]
    if suppose:
        numbers[suppose["part"]] += suppose["shift"]
    if check.rule["reckon"] == "spread":
        result = max(numbers.values()) - min(numbers.values())
    else:
        weights = check.rule["weights"]
        if sorted(map(int, weights)) != sorted(numbers):
            raise _Unprovable("the formula does not use every answer")
        result = sum((weights[str(n)] * value for n, value in numbers.items()), Fraction(0))
    claimed = parse_number(check.item["answer"])
    # Compared as numbers; a repeating decimal has no exact spelling but a fraction.
    return str(check.item["answer"]) if claimed == result else str(result)


_ANSWERS: Mapping[str, Callable[[_Check], str]] = {
    "multiple_select": _selected,
    "single_choice": _selected,
    "counting": _counted,
    "true_false": _asserted,
    "statement_pair": _paired,
    "conditional": _arrived,
    "sequence": _in_a_row,
    "matching": _matched,
    "ordering": _ordered,
    "calculation": _reckoned,
    "right_pair": _selected,
}


# ---- rules that must stand in the text ---------------------------------------------------------------------


def _steps_shown(check: _Check) -> list[str]:
    chinese = "第1题" in check.item["question"]
    found = []
    steps = check.rule["steps"]
    for number, step in enumerate(steps, start=1):
        then, otherwise = (_target_shown(step[side], chinese) for side in ("then", "otherwise"))
        head = ("" if len(steps) == 1 else f"步骤{number}：") if chinese else f"Step {number}. " * (len(steps) > 1)
        if chinese:
            found += check.needs_text(f"{head}若说法{step['claim']}正确，则{then}；否则{otherwise}。")
        else:
            found += check.needs_text(
                f"{head}If statement ({step['claim']}) is correct, {then}; otherwise {otherwise}."
            )
    return found


def _target_shown(target: Mapping[str, int], chinese: bool) -> str:
    if "part" in target:
        return f"写出第{target['part']}题的答案" if chinese else f"give the answer to Question {target['part']}"
    return f"进入步骤{target['step']}" if chinese else f"go on to Step {target['step']}"


def _rows_shown(check: _Check) -> list[str]:
    rows = check.rule["rows"]
    return [
        f"option {letter} does not show its row"
        for letter in _ALPHABET[: len(rows)]
        if check.options.get(letter) != ", ".join(f"{n}–{a}" for n, a in enumerate(rows[letter], start=1))
    ]


def _entries_shown(check: _Check) -> list[str]:
    entries = check.rule["entries"]
    found = []
    for entry in entries:
        text = entry["text"].rstrip("。．.").strip() or entry["text"]
        if not any(f"\n({entry['label']}) {form}" in check.item["question"] for form in (text, f"${text}$")):
            found.append(f"entry {entry['label']} is not shown")
    if len({comparable(entry["text"]) for entry in entries}) < len(entries):
        found.append("two entries mean the same")
    return found


def _formula_shown(check: _Check) -> list[str]:
    suppose, found = check.rule["suppose"], []
    if suppose:
        english = f"Question {suppose['part']} were larger by {suppose['shift']} than"
        chinese = f"第{suppose['part']}题的答案比实际大{suppose['shift']}。"
        if english not in check.item["question"] and chinese not in check.item["question"]:
            found.append("the supposition does not stand in the question")
    if check.rule["reckon"] == "spread":
        signs = ("the largest of these numbers exceed the smallest", "最大的数比最小的数大")
        return found if any(sign in _task(check) for sign in signs) else [*found, "the task asks for no difference"]
    spelt = _formula_of(check.rule["weights"])
    if spelt != check.rule["formula"]:
        found.append(f"the formula {check.rule['formula']!r} does not have the weights of the proof")
    return [*found, *check.needs_text(spelt)]


def _formula_of(weights: Mapping[str, int]) -> str:
    terms = []
    for name, (_, weight) in zip("abcde", sorted(weights.items(), key=lambda entry: int(entry[0])), strict=False):
        size = "" if abs(weight) == 1 else str(abs(weight))
        terms.append(("−" if weight < 0 else "+", size + name))
    first_sign, first = terms[0]
    return ("−" if first_sign == "−" else "") + first + "".join(f" {sign} {term}" for sign, term in terms[1:])


def _supposition_shown(check: _Check) -> list[str]:
    suppose = check.rule["suppose"]
    letter, n = suppose["letter"], suppose["part"]
    if len(check.key(n)) != 1:
        return [f"Question {n} has several right options, the supposition needs one"]
    question = check.item["question"]
    english = f"gave option {letter}" in question and f"only right answer to Question {n} and" in question
    chinese = f"把第{n}题的答案印成只有{letter}" in question
    return [] if english or chinese else ["the supposition does not stand in the question"]


def _assertion_shown(check: _Check) -> list[str]:
    kind, k, n = check.rule["assert"], check.rule["k"], len(check.claims)
    wanted = {"all": n, "none": 0}.get(kind, k)
    spelt = [name for count in (n, wanted) for name in count_names(count)]
    sentence = check.rule["sentence"]
    words = {
        "all": ("All", "are both correct", "全部正确", "都正确"),
        "none": ("None", "Neither", "没有一个正确", "都不正确"),
        "exactly": ("Exactly", "恰有"),
        "at_least": ("At least", "至少有"),
    }[kind]
    found = check.needs_text(sentence)
    if not any(word in sentence for word in words):
        found.append("the assertion does not say what its proof says")
    if kind in ("exactly", "at_least") and not any(f"{name}" in sentence for name in count_names(k)):
        found.append(f"the assertion does not name {k}")
    if not any(name in sentence for name in spelt):
        found.append("the assertion does not name the number of statements")
    return found


def _task(check: _Check) -> str:
    """The last paragraph of the question: what is asked after the questions and statements."""
    return str(check.item["question"]).rsplit("\n\n", 1)[-1]


def _asks_for(check: _Check, meanings: Mapping[str, Sequence[str]], meant: str) -> list[str]:
    """A problem unless the task holds a sign of what is meant and none of anything else."""
    said = {name for name, signs in meanings.items() if any(sign in _task(check) for sign in signs)}
    return [] if said == {meant} else [f"the task does not ask for what its proof asks for ({meant})"]


_SIDES = {"correct": ("correct", "正确"), "wrong": ("wrong", "错误")}
_ORDERS = {
    "rising": ("smallest to largest", "increasing", "从小到大"),
    "falling": ("largest to smallest", "decreasing", "从大到小"),
}
_PAIR_MEANINGS = {
    "pair_both": ("Both statements are correct.", "①和②都正确"),
    "pair_first": ("Statement (1) is correct, statement (2) is wrong.", "①正确，②错误"),
    "pair_second": ("Statement (1) is wrong, statement (2) is correct.", "①错误，②正确"),
    "pair_neither": ("Both statements are wrong.", "①和②都错误"),
}


def _side_shown(check: _Check) -> list[str]:
    return _asks_for(check, _SIDES, check.rule["want"])


def _count_shown(check: _Check) -> list[str]:
    # Under a supposition the key is at fault, in words of its own; what is counted stays the correct ones.
    if check.rule.get("suppose"):
        return _supposition_shown(check)
    return _asks_for(check, _SIDES, check.rule["count"])


def _right_one_asked(check: _Check) -> list[str]:
    asks = ("answered correctly", "answer is right", "问题与答案相符", "答案正确的是")
    return [] if any(sign in _task(check) for sign in asks) else ["the task does not ask for the right answer"]


def _order_shown(check: _Check) -> list[str]:
    return _asks_for(check, _ORDERS, check.rule["order"])


def _pair_shown(check: _Check) -> list[str]:
    return [
        f"option {letter} does not say what its proof says"
        for letter, name in check.rule["truths"].items()
        if check.options.get(letter) not in _PAIR_MEANINGS[name]
    ]


_RULE_SHOWN: Mapping[str, Callable[[_Check], list[str]]] = {
    "conditional": _steps_shown,
    "sequence": _rows_shown,
    "matching": _entries_shown,
    "calculation": _formula_shown,
    "counting": _count_shown,
    "multiple_select": _side_shown,
    "single_choice": _side_shown,
    "ordering": _order_shown,
    "statement_pair": _pair_shown,
    "true_false": _assertion_shown,
    "right_pair": _right_one_asked,
}
