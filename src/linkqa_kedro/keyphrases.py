"""Keyphrases that link seeds, and the labelled seeds nearest to each: what extraction shows every teacher.

A good knowledge-point candidate is not the best phrase of one seed but a phrase that *other seeds hold too*.
Candidates are therefore chosen over the whole corpus: YAKE (Campos et al. 2020) scores the phrases of a seed in a
spaced script, jieba's part-of-speech tags give the noun compounds of a Chinese one, and the number of seeds that
hold a phrase decides whether it may stand.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

Key = tuple[str, ...]

_MATH = re.compile(
    r"\$\$.*?\$\$|\$[^$\n]{1,300}\$|\\\(.*?\\\)|\\\[.*?\\\]|\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL
)
_COMMAND = re.compile(r"\\[A-Za-z]+\*?(?:\{[^{}]*\})?|[\\{}^_~]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BREAK = re.compile(r"[^\w\s'’-]|\d+|[\r\n]+|_")
_HAN = re.compile(r"[㐀-鿿]")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Words that stand in exam questions of any subject and so link everything with everything.
_EXAM_WORDS = _words(
    """
    following question questions answer answers option options choice choices statement statements correct
    incorrect right wrong true false best most least least-known below above find calculate determine compute
    evaluate express expressed give given gives name named names called known describe describes described
    explain choose select identify show shows shown suppose assume consider consist consists contain contains let
    use used uses using many much number numbers value values result results total amount kind kinds type types
    term terms word words thing things part parts example examples way ways case cases fact facts time times
    year years day days hour hours minute minutes second seconds week weeks month months one two three four
    five six seven eight nine ten first last next new old big large small long short high low different same
    common main major important possible nearest tenth hundredth figure table diagram passage text sentence
    people person man men woman women boy girl mr mrs ms dr lot side sides end start begin place set sets
    form forms group groups item items problem problems solution solutions information process piece pieces
    half difference dollar dollars cent cents meter meters metre metres mile miles inch inches foot feet
    everything something anything someone everyone none neither either both all today million billion thousand
    left order maximum minimum unique satisfy simplify convert solve exceed remaining inclusive list location
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december equal make leave leaves
    ago refer refers
    """
)
_HAN_EXAM_WORDS = _words(
    """
    下列 以下 上述 以上 问题 题目 试题 说法 选项 答案 正确 错误 关于 材料 情况 时候 老师 同学 个数
    结果 部分 内容 方面 方式 方法 过程 其中 之间 时间 数字 数量 小时 分钟 学生 小朋友 小明 小红 小华
    小刚 小丽 人们 人类 人员 作用 特点 原因 目的 意思 意义 影响 表现 结论 条件 步骤 解答 证明 计算
    空格 横线 图中 括号 括号内 单位 厘米 平方 千米 小时后 元素个数 东西 地方 世界 年代 时期 图示
    示意图 如图 表格 数据 现象 对象 事情 事物 总数 一个 两个 三个 四个 第一 第二 年级 杯赛 奥数 竞赛
    初赛 复赛 决赛 期中 期末 模拟 真题 练习 作业 试卷 单选题 多选题 选择题 填空题 关系 依据 主要
    所示 信息 已知 一共 无法 个人 数是 代表 规定 产生 属于 使用 具有 包括 有限时 试人数
    """
)
_DETERMINERS = _words("the a an of this these his her its their our your each every some any no")
_BEFORE_VERBS = _words("to did does do can will would could should may must you we they he she i who not")
_IN_NAMES = _words("new old first second great big long high low one two three")
# Too common to stand alone, but good halves of a term: "prime number", "set theory", "absolute value".
_TERM_WORDS = _words("number set group value process problem table information difference")
_INNER_WORDS = frozenset(("of", "and", "in"))
_HAN_HEADS = ("n", "vn", "j", "l")
_HAN_MODIFIERS = ("n", "vn", "j", "b", "a", "v", "l")
_MAX_WORDS = 3
_MAX_HAN_CHARACTERS = 8
_YAKE_PHRASES = 30
_UNRANKED = 1.0


@dataclass(slots=True)
class _Phrases:
    """What one seed holds: relevance of each phrase (higher is better) and the forms it is written in."""

    relevance: dict[Key, float] = field(default_factory=dict)
    surfaces: dict[Key, set[str]] = field(default_factory=dict)


def strip_markup(text: str) -> str:
    """Text without formulas and LaTeX commands, each replaced by a break that no phrase crosses."""
    # The TAL sources write an apostrophe as a command; cutting there would leave a stray "t" or "s".
    text = re.sub(r"\\textquotesingle\s?(?:\{\})?", "'", text)
    return _COMMAND.sub(" ", _MATH.sub(" ; ", text))


def fold_word(word: str) -> str:
    """One key for the case, possessive and plural forms of an English word ("Theorems" gives "theorem")."""
    word = word.casefold().replace("’", "'").removesuffix("'s").strip("'")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ics")):
        return word[:-1]
    return word


def propose_candidates(
    texts: Sequence[str],
    languages: Sequence[str],
    known_points: Sequence[Sequence[str]],
    max_per_seed: int,
    min_seeds: int,
    max_seed_share: float,
) -> list[list[str]]:
    """Knowledge-point candidates of each seed, best first: phrases that link it to other seeds.

    Labels that other seeds carry and that stand literally in the seed's text come first. Then come phrases of
    the text found in at least `min_seeds` seeds, more telling and rarer ones first. A phrase inside a longer one
    that the same seeds hold is dropped; so are stop words, exam boiler-plate and hubs. The result depends on
    the arguments alone.

    Args:
        texts: Question with options and answer, one text a seed; options on lines of their own read best.
        languages: "zh" is segmented by jieba, any other code is read as a spaced script.
        known_points: Labels that each seed already carries, empty where none.
        max_per_seed: Longest list returned, at least 0.
        min_seeds: Fewest seeds, the seed itself included, that must hold a phrase.
        max_seed_share: Largest share (0 to 1) of a language's seeds that may hold a phrase; at least
            `min_seeds` seeds always may, so that small corpora are not emptied.

    Returns:
        One list per text; empty where nothing links the seed.
    """
    found: list[list[str]] = [[] for _ in texts]
    for language in sorted(set(languages)):
        rows = [row for row, code in enumerate(languages) if code == language]
        plain = [strip_markup(texts[row]) for row in rows]
        largest = max(float(min_seeds), max_seed_share * len(rows))
        phrases = _han_phrases(plain) if language == "zh" else _spaced_phrases(plain, language)
        linking = _linking_scores(phrases, min_seeds, largest)
        spelling = _spelling(phrases, linking)
        known = _known_points_in(plain, language, rows, known_points, largest)
        for position, row in enumerate(rows):
            seed = phrases[position]
            ranked = sorted(
                (key for key in seed.relevance if key in linking),
                key=lambda key: (-seed.relevance[key] * linking[key], key),
            )
            found[row] = _first_distinct([*known[position], *(spelling[key] for key in ranked)], language, max_per_seed)
    return found


def own_phrases(text: str, language: str, n: int) -> list[str]:
    """Up to n phrases of one text by itself, best first, for a seed that nothing links to others.

    Scored as in `propose_candidates`, without the corpus; empty for a text of formulas alone.
    """
    plain = strip_markup(text)
    if language == "zh":
        phrases = _han_phrases([plain])[0]
        ranked = sorted(phrases.relevance, key=lambda key: (-phrases.relevance[key] * len("".join(key)), key))
        return ["".join(key) for key in ranked[:n]]
    extractor, stop_words = _extractor(language)
    # A whole term says more than its first half, whatever the score of a text so short.
    found = sorted(
        _yake_relevance(extractor, plain).items(), key=lambda entry: (len(entry[0]) == 1, -entry[1], entry[0])
    )
    telling = (
        key
        for key, _ in found
        if not any(word in stop_words or (_says_nothing((word,)) and word not in _TERM_WORDS) for word in key)
        and not all(word in _TERM_WORDS for word in key)
    )
    return [" ".join(key) for key in telling][:n]


def _first_distinct(candidates: Iterable[str], language: str, limit: int) -> list[str]:
    distinct: dict[Key, str] = {}
    for candidate in candidates:
        distinct.setdefault(_known_key(candidate, language), candidate)
    return list(distinct.values())[:limit]


def _linking_scores(phrases: Sequence[_Phrases], min_seeds: int, largest: float) -> dict[Key, float]:
    """Corpus score of every phrase that may stand: rarer and longer phrases tell more."""
    counts = Counter(key for seed in phrases for key in seed.relevance)
    kept = {key: n for key, n in counts.items() if min_seeds <= n <= largest}
    fragments = {
        part
        for key, n in kept.items()
        for part in _parts(key)
        if kept.get(part) == n  # each seed of the phrase holds its part, so equal counts mean the same seeds
    }
    return {
        key: math.log(1.0 + len(phrases) / n) * (1.0 + 0.4 * (len(key) - 1))
        for key, n in kept.items()
        if key not in fragments
    }


def _parts(key: Key) -> list[Key]:
    """Every shorter run of words inside a phrase."""
    return [key[i:j] for i in range(len(key)) for j in range(i + 1, len(key) + 1) if j - i < len(key)]


def _spelling(phrases: Sequence[_Phrases], linking: Mapping[Key, float]) -> dict[Key, str]:
    """One written form a phrase: lower case before capitals, singular before plural, then by alphabet."""
    forms: dict[Key, set[str]] = defaultdict(set)
    for seed in phrases:
        for key, surfaces in seed.surfaces.items():
            if key in linking:
                forms[key] |= surfaces
    return {
        key: min(surfaces, key=lambda form: (form != form.lower(), len(form), form)) for key, surfaces in forms.items()
    }


# ---- labels that other seeds carry -------------------------------------------------------------------------


def _known_key(label: str, language: str) -> Key:
    # A Chinese label is looked up as one string, a spaced one as the sequence of its folded words.
    if language == "zh":
        return (label.casefold().strip(),)
    return tuple(fold_word(word) for word in _WORD.findall(label))


def _known_points_in(
    plain: Sequence[str],
    language: str,
    rows: Sequence[int],
    known_points: Sequence[Sequence[str]],
    largest: float,
) -> list[list[str]]:
    """Known labels that occur in each text, longest first, then commonest; own labels need a second carrier."""
    carriers: Counter[str] = Counter(label for labels in known_points for label in dict.fromkeys(labels))
    by_key: dict[Key, str] = {}
    for label in sorted(carriers, key=lambda label: (-carriers[label], label)):
        key = _known_key(label, language)
        if key and not _says_nothing(key):
            by_key.setdefault(key, label)
    lengths = sorted({len(key[0]) if language == "zh" else len(key) for key in by_key})
    hits = [[by_key[key] for key in _occurring(text, language, by_key, lengths)] for text in plain]
    seen_in = Counter(label for labels in hits for label in labels)
    return [
        sorted(
            (label for label in labels if seen_in[label] <= largest and carriers[label] > (label in known_points[row])),
            key=lambda label: (-len(label), -carriers[label], label),
        )
        for row, labels in zip(rows, hits, strict=True)
    ]


def _says_nothing(key: Key) -> bool:
    if len(key) > 1:
        return False
    word = key[0]
    return len(word) < 2 or word.isnumeric() or word in _EXAM_WORDS or word in _HAN_EXAM_WORDS


def _occurring(text: str, language: str, by_key: Mapping[Key, str], lengths: Sequence[int]) -> list[Key]:
    """The labels' keys that stand in the text, once each: runs as long as some label are looked up."""
    if language == "zh":
        folded = text.casefold()
        runs = dict.fromkeys((folded[i : i + n],) for n in lengths for i in range(len(folded) - n + 1))
        return [run for run in runs if run in by_key and _on_word_boundary(run[0], folded)]
    keys: dict[Key, None] = {}
    for segment in _BREAK.split(text):
        words = [fold_word(word) for word in _WORD.findall(segment)]
        for n in lengths:
            for i in range(len(words) - n + 1):
                keys[tuple(words[i : i + n])] = None
    return [key for key in keys if key in by_key]


def _on_word_boundary(run: str, text: str) -> bool:
    # A Latin abbreviation inside a Chinese text ("DNA") must not match inside a longer Latin word.
    if _HAN.search(run):
        return True
    return re.search(rf"(?<![a-z]){re.escape(run)}(?![a-z])", text) is not None


# ---- spaced scripts ----------------------------------------------------------------------------------------


@cache
def _extractor(language: str) -> tuple[Any, frozenset[str]]:
    """YAKE for a language, with its stop words; a language that it does not know gets no stop words."""
    import yake  # a second to import, and Chinese corpora do without

    stop_words = frozenset(yake.KeywordExtractor(lan=language).stopword_set) - _IN_NAMES
    stop_words |= _DETERMINERS | _BEFORE_VERBS
    extractor = yake.KeywordExtractor(
        lan=language, n=_MAX_WORDS, dedup_lim=1.0, top=_YAKE_PHRASES, stopwords=set(stop_words)
    )
    return extractor, stop_words


def _spaced_phrases(plain: Sequence[str], language: str) -> list[_Phrases]:
    """Phrases of every text: proposed by YAKE in some seed, kept where they read as a noun phrase."""
    extractor, stop_words = _extractor(language)
    segments = [[_WORD.findall(segment) for segment in _BREAK.split(text)] for text in plain]
    nouns = _NounEvidence.of(segments, stop_words)
    for text in plain:
        nouns.read_lines(text)
    scored = [_yake_relevance(extractor, text) for text in plain]
    proposed = {key for scores in scored for key in scores}
    return [
        _phrases_of_segments(words, scores, proposed, nouns, stop_words)
        for words, scores in zip(segments, scored, strict=True)
    ]


def _yake_relevance(extractor: Any, text: str) -> dict[Key, float]:
    """YAKE's phrases of one text; its score falls with quality, the relevance here rises from 1 to about 2."""
    relevance: dict[Key, float] = {}
    # YAKE reads across a line end: only a full stop keeps two options apart.
    for phrase, score in extractor.extract_keywords(text.replace("\n", " . ")):
        key = tuple(fold_word(word) for word in _WORD.findall(phrase))
        relevance[key] = max(relevance.get(key, 0.0), 1.0 + 1.0 / (1.0 + 10.0 * float(score)))
    return relevance


@dataclass(frozen=True, slots=True)
class _NounEvidence:
    """How often each folded word stands like a noun, like a verb, and at all, over the corpus.

    English words of a short question carry no tags; but a word that ends a phrase after "the" or "of", or is a
    whole option, is a noun, and one after "to" or "did" is a verb.
    """

    noun: Counter[str]
    verb: Counter[str]
    proper: Counter[str]
    anywhere: Counter[str]

    @classmethod
    def of(cls, texts: Sequence[Sequence[Sequence[str]]], stop_words: frozenset[str]) -> "_NounEvidence":
        evidence = cls(Counter(), Counter(), Counter(), Counter())
        for segments in texts:
            for words in segments:
                evidence._read(words, stop_words)
        return evidence

    def _read(self, words: Sequence[str], stop_words: frozenset[str]) -> None:
        for position, word in enumerate(words):
            key = fold_word(word)
            self.anywhere[key] += 1
            before = words[position - 1].lower() if position else ""
            ends = position + 1 == len(words) or words[position + 1].lower() in stop_words
            counted = not position and word.islower() and key != word  # a plural after a number or formula
            # "by the Pythagorean theorem,"; inside a sentence the third word may as well be a verb
            qualified = position > 1 and position + 1 == len(words) and words[position - 2].lower() in _DETERMINERS
            self.noun[key] += ends and (before in _DETERMINERS or counted or qualified)
            self.verb[key] += before in _BEFORE_VERBS
            self.proper[key] += bool(position) and word[0].isupper()

    def read_lines(self, text: str) -> None:
        """Count words that are a whole line, as an option is."""
        for line in text.splitlines():
            if _WORD.fullmatch(line.strip()):
                self.noun[fold_word(line.strip())] += 1

    def is_noun(self, key: str) -> bool:
        """Whether a word may close a phrase, or be one."""
        enough = max(1.0, 0.05 * self.anywhere[key])
        return (self.noun[key] >= enough and self.noun[key] >= self.verb[key]) or self.is_proper(key)

    def is_proper(self, key: str) -> bool:
        return 2 * self.proper[key] > self.anywhere[key]


def _phrases_of_segments(
    segments: Sequence[Sequence[str]],
    scores: Mapping[Key, float],
    proposed: set[Key],
    nouns: _NounEvidence,
    stop_words: frozenset[str],
) -> _Phrases:
    phrases = _Phrases()
    for words in segments:
        folded = [fold_word(word) for word in words]
        for n in range(1, _MAX_WORDS + 1):
            for i in range(len(words) - n + 1):
                key = tuple(folded[i : i + n])
                if key in proposed and _reads_as_noun_phrase(words[i : i + n], key, nouns, stop_words):
                    phrases.relevance[key] = scores.get(key, _UNRANKED)
                    phrases.surfaces.setdefault(key, set()).add(" ".join(words[i : i + n]))
    return phrases


def _reads_as_noun_phrase(words: Sequence[str], key: Key, nouns: _NounEvidence, stop_words: frozenset[str]) -> bool:
    first, last = words[0].lower(), words[-1].lower()
    # "New Jersey" and "First World War" are names, "new method" and "first number" are not.
    is_name = len(words) > 1 and all(word[0].isupper() for word in words)
    plain_words = [
        not (is_name and folded in _IN_NAMES)
        and not (len(words) > 1 and folded in _TERM_WORDS)
        and (word.lower() in stop_words or folded in _EXAM_WORDS or word.lower() in _EXAM_WORDS)
        for word, folded in zip(words, key, strict=True)
    ]
    if plain_words[0] or plain_words[-1] or all(folded in _TERM_WORDS for folded in key):
        return False
    if any(plain and word.lower() not in _INNER_WORDS for plain, word in zip(plain_words, words, strict=True)):
        return False
    if min(len(key[0]), len(key[-1])) < 3 or not nouns.is_noun(key[-1]):
        return False
    if len(key) == 1:
        return not last.endswith(("ly", "est")) or nouns.is_proper(key[0])
    return nouns.verb[key[0]] <= nouns.anywhere[key[0]] // 4 and not first.endswith("ly")


# ---- Chinese -----------------------------------------------------------------------------------------------


@cache
def _pos_tokenizer() -> Any:
    """Tagger of jieba over a tokenizer of our own: silent, blind to a cache file left in a shared folder."""
    import tempfile
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in its source, and pkg_resources
        import jieba
        import jieba.posseg
    jieba.setLogLevel("ERROR")
    tokenizer = jieba.Tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    return jieba.posseg.POSTokenizer(tokenizer)


def _han_phrases(plain: Sequence[str]) -> list[_Phrases]:
    """Noun compounds of every Chinese text, up to three words and eight characters."""
    tagger = _pos_tokenizer()
    return [_han_phrases_of([(pair.word, pair.flag) for pair in tagger.lcut(text)]) for text in plain]


def _han_phrases_of(tagged: Sequence[tuple[str, str]]) -> _Phrases:
    phrases = _Phrases()
    counts: Counter[Key] = Counter()
    for end in range(1, len(tagged) + 1):
        if not _is_han_word(tagged[end - 1], _HAN_HEADS):
            continue
        for start in range(end - 1, max(-1, end - 1 - _MAX_WORDS), -1):
            if not _is_han_word(tagged[start], _HAN_MODIFIERS):
                break
            if tagged[start][1] == "v" and end - start > 2:
                break  # a verb before a whole compound takes it as object
            key = tuple(word for word, _ in tagged[start:end])
            if _is_han_phrase(key, tagged[start]):
                counts[key] += 1
    for key, n in counts.items():
        phrases.relevance[key] = 1.0 + math.log(n) / 2.0
        phrases.surfaces[key] = {"".join(key)}
    return phrases


def _is_han_word(tagged: tuple[str, str], flags: tuple[str, ...]) -> bool:
    word, flag = tagged
    # Names of persons (nr) are the Toms and Jerrys of word problems; verbs are tagged "v" alone.
    listed = flag in flags or (flag.startswith("n") and flag != "nr")
    # A lone verb character ("是", "有") opens no term; a lone adjective may: "长时记忆".
    long_enough = len(word) >= (2 if flag in ("v", "vn", "l", "j") else 1)
    return listed and long_enough and bool(_HAN.match(word)) and word not in _HAN_EXAM_WORDS


def _is_han_phrase(key: Key, first: tuple[str, str]) -> bool:
    if key[0].startswith("是") or key[-1].endswith("是"):
        return False
    length = sum(len(word) for word in key)
    if len(key) == 1:
        # Among set phrases (l) jieba files "在一起" as well: alone they say too little.
        return len(key[0]) >= 2 and first[1] != "l"
    return 3 <= length <= _MAX_HAN_CHARACTERS and "".join(key) not in _HAN_EXAM_WORDS


# ---- nearest labelled seeds --------------------------------------------------------------------------------

_BLOCK_ROWS = 256


def nearest_labelled(
    texts: Sequence[str], languages: Sequence[str], labelled: Sequence[bool], n: int
) -> list[list[tuple[int, float]]]:
    """The labelled seeds nearest to each seed, as (index, cosine), nearest first, never the seed itself.

    Cosine over character n-grams weighted by TF-IDF (within words, 3 and 4 characters; 1 and 2 for Chinese).
    Seeds of the same language come first; others fill the list up only where these are too few. Rows are compared
    in blocks, so memory grows with the number of labelled seeds, not with its square. Ties go to the lower index.

    Args:
        texts: One text a seed.
        languages: Language code of each seed.
        labelled: Whether a seed may be named as a neighbour.
        n: Length of each list, at most; shorter where fewer labelled seeds exist.

    Returns:
        One list per text; cosines in [0, 1], zero ones left out.
    """
    nearest: list[list[tuple[int, float]]] = [[] for _ in texts]
    if n < 1 or not any(labelled):
        return nearest
    for language in sorted(set(languages)):
        rows = [row for row, code in enumerate(languages) if code == language]
        same = [row for row in rows if labelled[row]]
        others = [row for row, code in enumerate(languages) if code != language and labelled[row]]
        space = _TextSpace(texts, rows, language)
        for row, close in space.nearest(rows, same, n):
            nearest[row] = close
        short = [row for row in rows if len(nearest[row]) < n]
        if others and len(same) <= n:
            for row, close in space.nearest(short, others, n):
                nearest[row] = [*nearest[row], *close][:n]
    return nearest


class _TextSpace:
    """TF-IDF space of one language's seeds."""

    def __init__(self, texts: Sequence[str], rows: Sequence[int], language: str) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer  # a second to import

        self._texts = texts
        # N-grams that nearly every seed holds cost most of the time and tell nothing.
        common = 0.5 if len(rows) > 50 else 1.0
        self._vectorizer = TfidfVectorizer(
            analyzer="char" if language == "zh" else "char_wb",
            ngram_range=(1, 2) if language == "zh" else (3, 4),
            sublinear_tf=True,
            max_df=common,
            dtype=np.float32,
        )
        self._vectorizer.fit([self._text(row) for row in rows] or [""])

    def _text(self, row: int) -> str:
        # A lone letter keeps the vocabulary from being empty.
        return self._texts[row].lower() + " aaa"

    def nearest(self, rows: Sequence[int], among: Sequence[int], n: int) -> list[tuple[int, list[tuple[int, float]]]]:
        """(row, its nearest of `among`) for every row."""
        if not rows or not among:
            return []
        library = self._vectorizer.transform([self._text(row) for row in among]).T.tocsr()
        where = np.asarray(among)
        found = []
        for start in range(0, len(rows), _BLOCK_ROWS):
            block = rows[start : start + _BLOCK_ROWS]
            cosines = (self._vectorizer.transform([self._text(row) for row in block]) @ library).toarray()
            for row, line in zip(block, cosines, strict=True):
                line[where == row] = -1.0
                found.append((row, _largest(line, where, n)))
        return found


def _largest(cosines: Any, where: Any, n: int) -> list[tuple[int, float]]:
    positive = np.flatnonzero(cosines > 0)
    if len(positive) > n:
        # Everything as large as the n-th stays in, so that ties are settled by index and not by the partition.
        limit = np.partition(cosines[positive], len(positive) - n)[len(positive) - n]
        positive = positive[cosines[positive] >= limit]
    order = positive[np.lexsort((where[positive], -cosines[positive]))][:n]
    return [(int(where[i]), min(1.0, round(float(cosines[i]), 6))) for i in order]
