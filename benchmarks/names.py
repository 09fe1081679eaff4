"""How well variants of a name are merged, and near misses kept apart: `make bench ONLY=names`, some ten seconds.

Every name of name_lists.py and every variant of it, made by program or listed, is planted in one collection with every
near miss; what the rules merge is held against what was planted. Then a teacher is played that is always right about
the close pairs, and one that calls every pair the same. With LINKQA_REAL_SEEDS the labels of real seeds are merged too.

One figure a line: name, value, unit, and the target where there is one; then the wrong merges, by name.
docs/canonical_names.md says what the figures mean.
"""

import json
import os
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path

import yaml
from rapidfuzz.distance import Levenshtein

import name_lists as lists
from linkqa_kedro.figures.linkage import linkage
from linkqa_kedro.text_hygiene.canonical_names import AliasTable, fold_name, merge_aliases
from linkqa_kedro.text_hygiene.close_names import ClosePair, close_pairs
from linkqa_kedro.text_hygiene.judged_names import Verdict, contradicted, merge_judged, names_to_compare
from linkqa_kedro.text_hygiene.telling_apart import told_apart
from measuring import Figure

PARAMETERS = Path(__file__).parents[1] / "conf" / "base" / "parameters_extraction.yml"
# Distinct names that are this alike, of 1, are near misses too.
ALIKE = 0.75
_ENOUGH_PAIRS = 1_000_000

Concept = Callable[[str], str]


@dataclass(frozen=True)
class Variant:
    """A variant of a name.

    Attributes:
        kind: What was changed.
        name: The name.
        variant: The variant.
    """

    kind: str
    name: str
    variant: str


def variants() -> list[Variant]:
    """Every planted variant, no text twice."""
    made = [
        *(Variant("case", name, changed) for name in lists.COUNTABLE for changed in (name.upper(), name.title())),
        *(Variant("white space and width", name, changed) for name in lists.COUNTABLE for changed in _widened(name)),
        *(Variant("white space and width", name, " ".join(name)) for name in lists.BYSTANDERS),
        *(Variant("plural", name, plural(name)) for name in lists.COUNTABLE),
        *(Variant("plural", *pair) for pair in lists.IRREGULAR_PLURALS),
        *(Variant("hyphen", *pair) for pair in lists.HYPHENS),
        *(Variant("spelling, British and American", *pair) for pair in lists.SPELLINGS),
        *(
            Variant(f"slip, {kind}", name, slip(name, kind))
            for kind in SLIPS
            for name in lists.COUNTABLE
            if _slips(name)
        ),
        *(Variant("word order", *pair) for pair in lists.WORD_ORDERS),
        *(Variant("traditional characters", *pair) for pair in lists.SCRIPTS),
        *(Variant("abbreviation in brackets", name, f"{name} ({short})") for name, short in lists.ABBREVIATIONS),
        *(Variant("abbreviation before brackets", name, f"{short} ({name})") for name, short in lists.ABBREVIATIONS),
        *(Variant("abbreviation alone", name, short) for name, short in lists.ABBREVIATIONS),
        *(Variant("ordinal, apostrophe, brackets", *pair) for pair in lists.OTHER_FORMS),
    ]
    return [one for one in made if one.name != one.variant]


def plural(name: str) -> str:
    """The regular plural; "species" is its own, and a few end as in Latin or as "half" does."""
    irregular = {
        "matrix": "matrices",
        "vertex": "vertices",
        "stimulus": "stimuli",
        "species": "species",
        "series": "series",
    }
    irregular |= {"hypotenuse": "hypotenuses", "radius": "radii", "analysis": "analyses", "symbiosis": "symbioses"}
    *rest, head = name.split(" ")
    if " of " in name:
        first, _, tail = name.partition(" of ")
        return f"{plural(first)} of {tail}"
    if head in irregular:
        head = irregular[head]
    elif head.endswith(("s", "x", "ch", "sh")):
        head += "es"
    elif head.endswith("y") and head[-2] not in "aeiou":
        head = head[:-1] + "ies"
    else:
        head += "s"
    return " ".join([*rest, head])


def _widened(name: str) -> tuple[str, str]:
    """The name with doubled white space, and in full-width letters."""
    return f" {name.replace(' ', '  ')} ", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


SLIPS: Mapping[str, Callable[[str, int], str]] = {
    "two letters swapped": lambda word, place: word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    "a letter doubled": lambda word, place: word[:place] + word[place] + word[place:],
    "a letter left out": lambda word, place: word[:place] + word[place + 1 :],
    "another letter": lambda word, place: word[:place] + "q" + word[place + 1 :],
}


def _slips(name: str) -> bool:
    return max(map(len, name.split())) >= 8


def slip(name: str, kind: str) -> str:
    """The name with one slip inside its longest word, at a place that the name decides."""
    word = max(name.split(), key=len)
    places = [place for place in range(1, len(word) - 2) if word[place] != word[place + 1]]
    return name.replace(word, SLIPS[kind](word, places[zlib.crc32(name.encode()) % len(places)]), 1)


def concepts(pairs: Iterable[tuple[str, str]]) -> Concept:
    """One name for all names that pairs join."""
    first: dict[str, str] = {}

    def root(name: str) -> str:
        while name in first:
            name = first[name]
        return name

    for one, other in pairs:
        if root(one) != root(other):
            first[root(other)] = root(one)
    return root


@dataclass(frozen=True)
class Planted:
    """The collection.

    Attributes:
        variants: Every variant.
        near_misses: Pairs that are two concepts, listed by hand.
        alike: Pairs of other names that are two concepts and look alike.
        counts: How often each name occurs: names more often than variants.
        concept: The concept of a name.
    """

    variants: Sequence[Variant]
    near_misses: Sequence[tuple[str, str]]
    alike: Sequence[tuple[str, str]]
    counts: Mapping[str, int]
    concept: Concept


def planted() -> Planted:
    """The whole collection, all names of all lists.

    Raises:
        ValueError: If a near miss is a variant too.
    """
    made = variants()
    near = [*lists.NEAR_MISSES, *lists.NEAR_MISSES_CHINESE]
    concept = concepts((one.name, one.variant) for one in made)
    wrong = [pair for pair in near if concept(pair[0]) == concept(pair[1])]
    if wrong:
        raise ValueError(f"name_lists.py calls {wrong} two concepts and one.")
    names = {
        *lists.COUNTABLE,
        *lists.BYSTANDERS,
        *(one.name for one in made),
        *(name for pair in near for name in pair),
    }
    counts = dict.fromkeys((one.variant for one in made), 1) | dict.fromkeys(sorted(names), 5)
    alike = [
        (one, other)
        for one, other in combinations(sorted(names), 2)
        if concept(one) != concept(other) and Levenshtein.normalized_similarity(one, other, score_cutoff=ALIKE) >= ALIKE
    ]
    return Planted(made, near, alike, dict(sorted(counts.items())), concept)


@dataclass(frozen=True)
class Merged:
    """What merging did.

    Attributes:
        precision: Share of the joined pairs that are one concept, 0 to 1.
        unfolded_precision: The same without pairs that differ in case, width, white space and hyphens alone.
        n_pairs: Joined pairs.
        recall: Share of the variants that stand under the name they are made of, 0 to 1, by kind.
        near_apart: Share of the near misses that stay two.
        alike_apart: Share of the other alike names that stay two.
        wrong: Joined pairs that are two concepts.
    """

    precision: float
    unfolded_precision: float
    n_pairs: int
    recall: Mapping[str, float]
    near_apart: float
    alike_apart: float
    wrong: Sequence[tuple[str, str]]


def measure(found: Planted, table: AliasTable) -> Merged:
    """Holds a table of aliases against what was planted."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in found.counts:
        groups[table.canonical(name)].append(name)
    joined = [pair for group in groups.values() for pair in combinations(group, 2)]
    unfolded = [pair for pair in joined if fold_name(pair[0]) != fold_name(pair[1])]
    wrong = [pair for pair in joined if found.concept(pair[0]) != found.concept(pair[1])]
    hits: dict[str, list[bool]] = defaultdict(list)
    for one in found.variants:
        hits[one.kind].append(table.canonical(one.name) == table.canonical(one.variant))

    def apart(pairs: Sequence[tuple[str, str]]) -> float:
        return _share(table.canonical(one) != table.canonical(other) for one, other in pairs)

    return Merged(
        precision=1 - len(wrong) / max(1, len(joined)),
        unfolded_precision=1 - len(wrong) / max(1, len(unfolded)),
        n_pairs=len(joined),
        recall={kind: _share(those) for kind, those in hits.items()},
        near_apart=apart(found.near_misses),
        alike_apart=apart(found.alike),
        wrong=wrong,
    )


def _share(hits: Iterable[bool]) -> float:
    listed = list(hits)
    return sum(listed) / max(1, len(listed))


def adjudicated(
    found: Planted, table: AliasTable, pairs: Sequence[ClosePair], says_same: Callable[[ClosePair], bool]
) -> AliasTable:
    """The table after a teacher's verdicts on the close pairs."""
    verdicts = [
        Verdict(pair.name, pair.other, pair.likeness, says_same(pair), pair.name if says_same(pair) else None)
        for pair in pairs
    ]
    aside = contradicted(verdicts, {})
    kept = [one for one in verdicts if (one.name, one.other) not in aside]
    return merge_judged(table, found.counts, {}, kept)


def bench() -> Iterator[Figure]:
    """The figures on planted names, as they come; the wrong merges are printed by `main`."""
    found = planted()
    table = merge_aliases(found.counts, {})
    ruled = measure(found, table)
    yield Figure("planted_names", len(found.counts), "names")
    yield from _figures("rules", ruled, ">= 0.98")
    least = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))["extraction"]["aliases"]["least_likeness"]
    names = names_to_compare(table, found.counts, {})
    pairs = close_pairs(names, least, _ENOUGH_PAIRS).pairs
    same = [pair for pair in pairs if found.concept(pair.name) == found.concept(pair.other)]
    listed = {frozenset((pair.name, pair.other)) for pair in pairs}
    yield Figure("names_compared", len(names), "names")
    yield Figure("close_pairs", len(pairs), "pairs")
    yield Figure("close_pairs_that_are_one_concept", len(same) / max(1, len(pairs)), "share")
    yield Figure("near_misses_told_apart_by_a_mark", _share(told_apart(*pair) for pair in found.near_misses), "share")
    yield Figure("near_misses_asked_about", _share(frozenset(pair) in listed for pair in found.near_misses), "share")
    right = adjudicated(found, table, pairs, lambda pair: found.concept(pair.name) == found.concept(pair.other))
    yield from _figures("right_teacher", measure(found, right), ">= 0.98")
    yes = measure(found, adjudicated(found, table, pairs, lambda _: True))
    yield Figure("yes_sayer_near_misses_kept_apart", yes.near_apart, "share")
    yield Figure("yes_sayer_precision", yes.precision, "share")


def _figures(who: str, merged: Merged, target: str) -> Iterator[Figure]:
    yield Figure(f"{who}_pairs_joined", merged.n_pairs, "pairs")
    yield Figure(f"{who}_precision", merged.precision, "share", target)
    yield Figure(f"{who}_precision_beyond_folding", merged.unfolded_precision, "share", target)
    yield Figure(f"{who}_near_misses_kept_apart", merged.near_apart, "share", target)
    yield Figure(f"{who}_alike_names_kept_apart", merged.alike_apart, "share", target)
    for kind, recall in merged.recall.items():
        yield Figure(f"{who}_recall ({kind})", recall, "share")


def bench_labels(folder: Path) -> Iterator[Figure]:
    """Names and their linkage before and after the rules, on the labels of each real file and of all."""
    labels = {file.stem: list(_labels_of(file)) for file in sorted(folder.glob("*.jsonl"))}
    labels = {name: those for name, those in labels.items() if those}
    labels["all"] = [names for those in labels.values() for names in those]
    for name, held in labels.items():
        counts: dict[str, int] = defaultdict(int)
        for names in held:
            for one in dict.fromkeys(names):
                counts[one] += 1
        table = merge_aliases(counts, {})
        for when, those in (("before", held), ("after", [[table.canonical(one) for one in names] for names in held])):
            linked = linkage(those)
            yield Figure(f"{name}_names_{when}", linked.n_names, "names")
            yield Figure(f"{name}_singletons_{when}", linked.singleton_fraction, "share")
            yield Figure(f"{name}_largest_component_{when}", linked.largest_component_fraction, "share")


def _labels_of(file: Path) -> Iterator[list[str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        names = json.loads(line).get("knowledge_points")
        if names:
            yield names


def bench_held_out() -> Iterator[Figure]:
    """The same for the lists that the rules were never fitted to: all of them planted together."""
    near = [*lists.HELD_OUT_NEAR_MISSES, *lists.HELD_OUT_NEAR_MISSES_CHINESE]
    concept = concepts(lists.HELD_OUT_SAME)
    names = {name for pair in (*near, *lists.HELD_OUT_SAME) for name in pair}
    made = [Variant("held out", *pair) for pair in lists.HELD_OUT_SAME]
    found = Planted(made, near, (), dict.fromkeys(sorted(names), 1), concept)
    table = merge_aliases(found.counts, {})
    merged = measure(found, table)
    yield Figure("held_out_pairs_joined", merged.n_pairs, "pairs")
    yield Figure("held_out_precision", merged.precision, "share", ">= 0.98")
    yield Figure("held_out_recall", merged.recall["held out"], "share")
    yield Figure("held_out_near_misses_kept_apart", merged.near_apart, "share", ">= 0.98")
    yield Figure("held_out_near_misses_told_apart_by_a_mark", _share(told_apart(*pair) for pair in near), "share")


def main() -> None:
    """Print every figure, then what was merged and should not have been."""
    for figure in chain(bench(), bench_held_out()):
        print(figure.line(), flush=True)
    found = planted()
    for one, other in measure(found, merge_aliases(found.counts, {})).wrong:
        print(f"wrong: {one} = {other}")
    folder = os.environ.get("LINKQA_REAL_SEEDS")
    if not folder:
        print("LINKQA_REAL_SEEDS is not set: no labels of real seeds.")
        return
    for figure in bench_labels(Path(folder)):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
