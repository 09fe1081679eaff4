"""A teacher over HTTP that is bad at known rates, and says afterwards what it did.

It writes questions with known faults, solves them with a known chance to be right, compares, refines and rates with a
known chance to be wrong. What is true of a question stands in `BadTeacher.planted`, by the question's text.
"""

import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from fakes import exam_writer
from linkqa_kedro.pipelines.enhancement.rating import AXES
from linkqa_kedro.text_hygiene.tokens import tokens

KINDS = ("single_choice", "multiple_select", "true_false", "calculation", "short_answer", "open_explanation")
WRONG_ANSWERS = {
    "single_choice": {"wrong option": 0.26},
    "multiple_select": {"wrong options": 0.26},
    "true_false": {"wrong verdict": 0.33},
    "calculation": {"wrong number": 0.25, "number against its arithmetic": 0.25},
    "short_answer": {"wrong short text": 0.33},
    "open_explanation": {"wrong explanation": 0.33},
}
OTHER_FAULTS = {
    "thin solution": 0.05,
    "unsound question": 0.05,
    "missing knowledge points": 0.05,
    "reworded seed": 0.05,
    "renumbered seed": 0.09,
}
WRONG = frozenset(name for faults in WRONG_ANSWERS.values() for name in faults)
OF_SEEDS = ("reworded seed", "renumbered seed")

LEVEL_MISSED = 0.3
"""Share of questions, and of changes, that are a level off what was asked for."""
RATED_WRONG = 0.04
"""Share of questions that the rater reads a level off."""
HARD_BY_LEVEL = {1: 0.02, 2: 0.04, 3: 0.08, 4: 0.12, 5: 0.30}
SOLVED, SOLVED_HARD, COMPARED, REFINED = 0.9, 0.5, 0.98, 0.85
"""Chances to solve a question and a hard one, to compare a pair of answers, and to mend a wrong answer."""
WRONG_CHANGES = 0.2
"""Share of changed questions with a wrong answer."""
REPLACED_WORDS = 0.1

_ADJECTIVES = {
    "en": "amber brittle copper dormant elastic fertile granular hollow ivory jagged kindred lucid mellow",
    "zh": "琥珀 脆弱 红铜 休眠 弹性 肥沃 颗粒 中空 象牙 锯齿 相近 清澈 柔和",
}
_NOUNS = {
    "en": "anchor bridge canyon dynamo estuary furnace glacier hatchery isthmus jetty kiln lantern mosaic",
    "zh": "船锚 桥梁 峡谷 电机 河口 熔炉 冰川 孵场 地峡 码头 砖窑 灯笼 拼图",
}
_TEXT = {
    "en": (
        "harvest weaver orchard tunnel signal ledger cargo parish vineyard quarry surgeon sailor archive pigment "
        "borrow measure carry assemble shelter divide polish gather translate observe repair inspect deliver "
        "northern hidden narrow annual wooden distant public coastal ancient silent frozen crowded rival humid "
        "between beyond during toward against beneath whenever although rather seldom almost together instead "
        "captain teacher merchant farmer engineer nurse painter judge pilot miner baker tailor guard clerk"
    ),
    "zh": (
        "收成 织工 果园 隧道 信号 账本 货物 教区 葡萄 采石 医师 水手 档案 颜料 借用 测量 搬运 组装 遮蔽 划分 "
        "打磨 聚集 翻译 观察 修理 检查 递送 北方 隐蔽 狭窄 年度 木制 遥远 公共 沿海 古老 寂静 冰冻 拥挤 潮湿 "
        "之间 之外 期间 朝向 对抗 下面 每当 虽然 宁可 很少 几乎 一起 代替 船长 教师 商人 农民 护士 画家 法官 "
        "飞行 矿工 面包 裁缝 守卫 书记"
    ),
}
_WORDS = {language: text.split() for language, text in _TEXT.items()}
_VERDICTS = {"en": ("True", "False"), "zh": ("正确", "错误")}
_JOINED = {"en": " ", "zh": ""}
_BETWEEN = {"en": " ", "zh": "的"}


@dataclass(frozen=True)
class Planted:
    """What is true of one question.

    Attributes:
        kind: Type of question.
        language: `en` or `zh`.
        options: Text by letter; empty for an open question.
        truth: The right answer, of an explanation what it must say; None where the question has none.
        fault: What is wrong with the item; None for a good one.
        asked: Level asked for.
        level: Its true level.
        is_hard: Whether attempts to solve it often fail.
        is_change: Whether it was written to change another question.
    """

    kind: str
    language: str
    options: dict[str, str]
    truth: str | None
    fault: str | None
    asked: int
    level: int
    is_hard: bool
    is_change: bool = False

    def is_right(self, answer: str) -> bool:
        """Whether an answer as it stands in a row is the right one."""
        if self.truth is None:
            return False
        if self.kind in ("short_answer", "open_explanation") and not self.options:
            return self.truth in answer
        return answer == self.truth


class BadTeacher:
    """Answers the requests of a whole run; see the module.

    Attributes:
        planted: What is true of every question it wrote, by its text.
    """

    def __init__(self) -> None:
        self.planted: dict[str, Planted] = {}
        self.asked: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def __call__(self, body: dict[str, Any]) -> str:
        prompt = "\n".join(message["content"] for message in body["messages"])
        # The samples of one question are the same request: the number of its arrival tells them apart.
        arrival = self._seen[prompt]
        self._seen[prompt] += 1
        role, reply = self._reply(prompt, arrival)
        self.asked[role] += 1
        return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)

    def _reply(self, prompt: str, arrival: int) -> tuple[str, Any]:
        answers = {
            "You write exam questions": ("synthesise", lambda: {"items": self._written(prompt, arrival)}),
            "You change an exam question": ("raise", lambda: {"item": self._changed(prompt), "strategy": "told so"}),
            "You answer one exam question": ("solve", lambda: self._solved(prompt, arrival)),
            "You mark answers": ("compare", lambda: _compared(prompt)),
            "You mend the answer": ("refine", lambda: self._refined(prompt)),
            "You rate the difficulty": ("rate", lambda: self._rated(prompt)),
            "You annotate exam questions": (
                "annotate",
                lambda: exam_writer.answer({"messages": [{"content": prompt}]}),
            ),
        }
        for opening, (role, reply) in answers.items():
            if opening in prompt:
                return role, reply()
        raise AssertionError(f"a request of no known role: {prompt[:200]}")

    def _written(self, prompt: str, arrival: int) -> list[dict[str, Any]]:
        data = _data(prompt)
        asked = int(_found(r"Difficulty aimed at: (\d)", prompt))
        kinds = _found(r"\nTypes: ([a-z_, ]+)\.", prompt).split(", ")
        items = []
        for place, kind in enumerate(kinds):
            dice = random.Random(f"write {data} {asked} {kind} {arrival} {place}")
            items.append(self._item(_Material.of(prompt), kind, asked, _fault(kind, dice), dice))
        return items

    def _changed(self, prompt: str) -> dict[str, Any]:
        found = re.search(r"measured difficulty, (\d), to (\d)", prompt)
        assert found
        dice = random.Random(f"change {_data(prompt)} {found.group()}")
        parent = self.planted[_question(prompt)]
        faults = list(WRONG_ANSWERS[parent.kind])
        fault = dice.choice(faults) if dice.random() < WRONG_CHANGES else None
        return self._item(_Material.of(prompt), parent.kind, int(found.group(2)), fault, dice, is_change=True)

    def _item(
        self,
        material: "_Material",
        kind: str,
        asked: int,
        fault: str | None,
        dice: random.Random,
        is_change: bool = False,
    ) -> dict[str, Any]:
        level = _near(asked, LEVEL_MISSED, dice)
        is_hard = dice.random() < HARD_BY_LEVEL[level]
        if fault in OF_SEEDS:
            copied = material.seed_again(fault, dice)
            if copied is not None:
                question, options, answer = copied
                kind = "single_choice" if options else "short_answer"
                truth = Planted(kind, material.language, options, answer, fault, asked, level, is_hard)
                self.planted[question] = truth
                return material.reply(kind, question, options, answer, None, fault, dice)
            fault = None
        question, options, answer, expression = material.new_question(kind, dice)
        truth = Planted(
            kind,
            material.language,
            options,
            None if fault == "unsound question" else answer,
            fault,
            asked,
            level,
            is_hard,
            is_change,
        )
        self.planted[question] = truth
        if fault in WRONG:
            wrong = _another(truth, answer, dice)
            if fault == "wrong number":
                # Its arithmetic is as wrong as its answer, or missing.
                expression = f"{wrong.split()[0]}*1" if dice.random() < 0.5 else None
            answer = wrong
        if kind == "open_explanation":
            answer = _sentence(answer, material.language, dice)
        return material.reply(kind, question, options, answer, expression, fault, dice)

    def _solved(self, prompt: str, arrival: int) -> dict[str, Any]:
        question = _question(prompt)
        planted = self.planted[question]
        dice = random.Random(f"solve {question} {arrival}")
        chance = SOLVED_HARD if planted.is_hard else SOLVED
        if planted.kind == "true_false" and planted.is_hard:
            chance += (1 - chance) / 2  # who does not know guesses, and is right half of the time
        is_right = dice.random() < chance
        return {"working": "step by step", "answer": _attempt(planted, is_right, dice)}

    def _refined(self, prompt: str) -> dict[str, Any]:
        question = _question(prompt)
        planted = self.planted[question]
        dice = random.Random(f"refine {question}")
        written = _found(r"\nANSWER WRITTEN FOR IT\n(.*)\n", prompt)
        succeeds = dice.random() < REFINED
        problem = None
        if planted.truth is None and succeeds:
            problem = "what it asks for cannot be found"
        answer = written
        if planted.truth is not None and not planted.is_right(written):
            answer = planted.truth if succeeds else _another(planted, planted.truth, dice)
            if planted.kind == "open_explanation":
                answer = _sentence(answer, planted.language, dice)
        return {
            "answer": answer,
            "explanation": _solution(planted.language, dice),
            "expression": None,
            "is_sound": problem is None,
            "problem": problem,
        }

    def _rated(self, prompt: str) -> dict[str, Any]:
        level = self.rating(_question(prompt))
        return {"axes": dict.fromkeys(AXES, level), "difficulty": level, "reason": "told so"}

    def rating(self, question: str) -> int:
        """The level that its rater gives a question: the true one, but for the known noise."""
        planted = self.planted.get(question)
        dice = random.Random(f"rate {question}")
        # Questions of others are seeds, rated to know the rater by.
        return _near(planted.level, RATED_WRONG, dice) if planted else 1 + dice.randrange(5)


@dataclass(frozen=True)
class _Material:
    """What a prompt shows: knowledge points, seeds (question, options, answer) and language."""

    points: list[str]
    seeds: list[tuple[str, dict[str, str], str]]
    language: str

    @classmethod
    def of(cls, prompt: str) -> "_Material":
        data = _data(prompt)
        seeds = []
        for block in re.findall(
            r"^(?:RELATED )?QUESTION \d+ \([^\n]*\)\n(.*?)\nANSWER ([^\n]*)$", data, re.DOTALL | re.MULTILINE
        ):
            options = dict(re.findall(r"^([A-E])\. (.+)$", block[0], re.MULTILINE))
            question = re.split(r"^A\. ", block[0], maxsplit=1, flags=re.MULTILINE)[0] if options else block[0]
            seeds.append((" ".join(question.split()), options, block[1].strip()))
        return cls(
            _found(r"PATH OF KNOWLEDGE POINTS\n(.+)", data).split(" -> "),
            seeds,
            "zh" if "Language: Chinese" in prompt else "en",
        )

    def new_question(self, kind: str, dice: random.Random) -> tuple[str, dict[str, str], str, str | None]:
        """Question, options, answer and arithmetic: mostly own words, and some of a seed."""
        quoted, _, _ = dice.choice(self.seeds)
        words = _words(quoted)
        start = dice.randrange(max(1, len(words) - 8))
        gap = _JOINED[self.language]
        own = gap.join(dice.sample(_WORDS[self.language], 18 if self.language == "en" else 14))
        tail = gap.join(dice.sample(_WORDS[self.language], 8 if self.language == "en" else 7))
        quote = gap.join(words[start : start + 8])
        first, second = self.points[:2]
        a, b, c = (dice.randrange(3, 98) for _ in range(3))
        if self.language == "zh":
            question = f"已知{own}，其中{quote}；{a}件{tail}各值{b}，另加{c}。由{first}与{second}可得什么？"
        else:
            question = (
                f"Given {own}, where {quote}: {a} of {tail} at {b} each, and {c}. What do {first} and {second} give?"
            )
        options: dict[str, str] = {}
        expression = None
        if kind in ("single_choice", "multiple_select"):
            cores = dice.sample(_cores(self.language), 4)
            options = {
                letter: f"{core}{gap}{gap.join(dice.sample(_WORDS[self.language], 3))}"
                for letter, core in zip("ABCD", cores, strict=True)
            }
            answer = "".join(sorted(dice.sample("ABCD", 1 if kind == "single_choice" else dice.choice((2, 3)))))
        elif kind == "true_false":
            answer = dice.choice(_VERDICTS[self.language])
        elif kind == "calculation":
            answer, expression = f"{a * b + c} kg", f"{a}*{b}+{c}"
        else:
            answer = dice.choice(_cores(self.language))
        return question, options, answer, expression

    def seed_again(self, fault: str, dice: random.Random) -> tuple[str, dict[str, str], str] | None:
        """A seed in other words' order with some replaced, or with other numbers; None where none lends itself."""
        fit = [seed for seed in self.seeds if len(_words(seed[0])) >= 12]
        if fault == "renumbered seed":
            fit = [seed for seed in fit if re.search(r"\d", seed[0])]
        if not fit:
            return None
        question, options, answer = dice.choice(fit)
        if fault == "renumbered seed":
            return _renumbered(question, dice), options, answer
        vocabulary = [word for other, _, _ in self.seeds for word in _words(other)]
        words = [dice.choice(vocabulary) if dice.random() < REPLACED_WORDS else word for word in _words(question)]
        runs = [words[start : start + 4] for start in range(0, len(words), 4)]
        dice.shuffle(runs)
        gap = _JOINED[self.language]
        letters = list(options)
        dice.shuffle(letters)
        moved = dict(zip(sorted(letters), (options[letter] for letter in letters), strict=True))
        new_answer = "".join(sorted(sorted(letters)[letters.index(one)] for one in answer)) if options else answer
        return gap.join(word for run in runs for word in run), moved, new_answer

    def reply(
        self,
        kind: str,
        question: str,
        options: dict[str, str],
        answer: str,
        expression: str | None,
        fault: str | None,
        dice: random.Random,
    ) -> dict[str, Any]:
        """The item as a model writes it."""
        points = self.points[:2]
        if fault == "missing knowledge points":
            points = dice.choice([[], points[:1], ["anything", "whatever"], [points[0], "whatever"]])
        short = {"en": "By definition.", "zh": "依定义。"}[self.language]
        return {
            "question_type": kind,
            "question": question,
            "options": options or None,
            "answer": answer,
            "explanation": short if fault == "thin solution" else _solution(self.language, dice),
            "expression": expression,
            "knowledge_points": points,
            "seeds": [1, 2],
        }


def _fault(kind: str, dice: random.Random) -> str | None:
    draw = dice.random()
    for name, share in {**WRONG_ANSWERS[kind], **OTHER_FAULTS}.items():
        draw -= share
        if draw < 0:
            return name
    return None


def _near(level: int, chance: float, dice: random.Random) -> int:
    """The level, or with some chance a neighbouring one."""
    draw, step = dice.random(), dice.choice((-1, 1))
    if draw >= chance:
        return level
    return level + step if 1 <= level + step <= 5 else level - step


def _attempt(planted: Planted, is_right: bool, dice: random.Random) -> str | None:
    """An answer to a question: the right one, or one of many wrong ones."""
    if planted.truth is None:
        # Nothing is right, and so the right thing to say; who does not see it takes one answer or another.
        answer = None if is_right else _some_answer(planted, dice)
    elif is_right:
        answer = planted.truth
    elif planted.kind != "true_false" and dice.random() < 0.1:
        answer = None
    else:
        answer = _another(planted, planted.truth, dice)
    if answer is not None and planted.kind == "open_explanation":
        return _sentence(answer, planted.language, dice)
    if answer is not None and planted.kind == "short_answer" and planted.language == "en" and dice.random() < 0.5:
        return f"the {answer}"
    return answer


def _some_answer(planted: Planted, dice: random.Random) -> str:
    if planted.options:
        return dice.choice(_letters(planted))
    if planted.kind == "true_false":
        return dice.choice(_VERDICTS[planted.language])
    return f"{dice.randrange(20, 9000)} kg" if planted.kind == "calculation" else dice.choice(_cores(planted.language))


def _another(planted: Planted, answer: str, dice: random.Random) -> str:
    """A wrong answer of the same form."""
    if planted.options:
        return dice.choice([letters for letters in _letters(planted) if letters != answer])
    if planted.kind == "true_false":
        return next(verdict for verdict in _VERDICTS[planted.language] if verdict != answer)
    if planted.kind == "calculation":
        number = int(answer.split(maxsplit=1)[0])
        return f"{number + dice.choice((-1, 1)) * dice.randrange(1, 60)} kg"
    return dice.choice([core for core in _cores(planted.language) if core != answer])


def _letters(planted: Planted) -> list[str]:
    sizes = (2, 3) if planted.kind == "multiple_select" else (1,)
    return ["".join(letters) for size in sizes for letters in combinations(planted.options, size)]


def _cores(language: str) -> list[str]:
    """What an answer in words can say; each is one meaning."""
    return [
        f"{one}{_BETWEEN[language]}{other}"
        for one in _ADJECTIVES[language].split()
        for other in _NOUNS[language].split()
    ]


_ALL_CORES = re.compile("|".join([*_cores("en"), *_cores("zh")]))


def _sentence(core: str, language: str, dice: random.Random) -> str:
    """An explanation that says one thing, in words of its own."""
    words = _JOINED[language].join(dice.sample(_WORDS[language], 5))
    return f"因为{words}，所以是{core}。" if language == "zh" else f"Because {words}, it is the {core}."


def _solution(language: str, dice: random.Random) -> str:
    words = _JOINED[language].join(dice.sample(_WORDS[language], 10))
    return f"先看{words}，再由此得出答案。" if language == "zh" else f"First {words}; from this the answer follows."


def _compared(prompt: str) -> dict[str, Any]:
    question = _question(prompt)
    reference, *others = re.findall(r"^(?:REFERENCE ANSWER|ANSWER \d+)\n(.*)$", _data(prompt), re.MULTILINE)
    groups = {_meaning(reference): 0}
    replies = []
    for other in others:
        group = groups.setdefault(_meaning(other), len(groups))
        if random.Random(f"compare {question} {reference} {other}").random() >= COMPARED:
            group = len(others) if group == 0 else 0
        replies.append(group)
    return {"groups": replies, "reason": "told so"}


def _meaning(answer: str) -> str:
    found = _ALL_CORES.search(answer)
    return found.group() if found else answer


def _renumbered(question: str, dice: random.Random) -> str:
    return re.sub(r"\d+", lambda found: str(int(found.group()) + dice.randrange(1, 9)), question)


def _words(text: str) -> list[str]:
    return tokens(text)


def _data(prompt: str) -> str:
    return prompt.partition("<data>\n")[2].partition("</data>")[0]


def _question(prompt: str) -> str:
    return _found(r"^QUESTION(?: \(.*\))?\n(.+)$", _data(prompt))


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"{pattern} is not in {text[:300]}"
    return found.group(1)
