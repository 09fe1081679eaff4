"""Annotations from corpus-wide candidates and from the labelled seeds nearby."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from linkqa_kedro.composer.rate import rate_question
from linkqa_kedro.keyphrases import CENTRAL_PHRASES, FEWEST_PHRASES, own_phrases, stands_in

MAX_KNOWN_POINTS = 8
# More candidates than this draw in words that the seed merely mentions, and no other seed names.
MAX_NEW_POINTS = CENTRAL_PHRASES
# Below two points a seed makes no edge, so neighbours lend theirs, if they are about the same matter.
_FEWEST_POINTS = FEWEST_PHRASES
_LENDING_SIMILARITY = 0.2
# Voters of each question are the nearest neighbours that can answer it; farther ones know less.
_MOST_VOTERS = 5
# Below this, neighbours have words like "which of the following" in common.
_NAMING_SIMILARITY = 0.1
# Nearly two of five like neighbours; between 0.3 and 0.4 the figures of docs/annotation_quality.md hardly change.
_NAMING_VOTE = 0.35
_FEWEST_NAMERS = 2
_MOST_NAMED_POINTS = 6
# Share of neighbours' names that stand in their own questions: 0.9 and more, or less than 0.1, where people labelled.
_MOSTLY_LITERAL = 0.5
_CATCH_ALL = ("general", "other", "综合", "其他", "通识")


def annotate_seed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The reply of an annotate request. Labels that the seed carries are kept as they are.

    Knowledge points otherwise see `choose_points`, discipline `vote_discipline`, difficulty `estimate_difficulty`.
    """
    known = values["known"]
    discipline = known.get("discipline") or vote_discipline(values)
    return {
        "knowledge_points": choose_points(values, discipline),
        "discipline": discipline,
        "difficulty": known.get("difficulty") or estimate_difficulty(values),
    }


def choose_points(values: Mapping[str, Any], discipline: str) -> list[str]:
    """One to eight knowledge points: the best candidates, or names that neighbours carry.

    Where people name what the text says, as the neighbours' own questions show, the candidates are what they would
    name. Where they name the chapters of a syllabus, which no question spells out, names are taken that neighbours of
    the seed's discipline agree on. Where that gives fewer than two, near neighbours lend names, then the seed a phrase
    of its own; the discipline's name stands in for a seed of formulas alone.
    """
    known = _distinct(values["known"].get("knowledge_points") or [])
    if known:
        return known[:MAX_KNOWN_POINTS]
    candidates = _without_parts(_distinct(values["candidates"]), values["seed"]["language"])[:MAX_NEW_POINTS]
    points = _agreed_names(values, discipline) or candidates
    if len(points) < _FEWEST_POINTS:
        points = _distinct([*points, *candidates])[:_FEWEST_POINTS]
    if len(points) < _FEWEST_POINTS:
        points = _distinct([*points, *_lent_points(values["neighbours"])])[:_FEWEST_POINTS]
    if len(points) < _FEWEST_POINTS:
        seed = values["seed"]
        text = "\n".join([seed["question"], *(option["text"] for option in seed.get("options") or [])])
        points = _distinct([*points, *own_phrases(text, seed["language"], 1)])[:_FEWEST_POINTS]
    return points or [discipline]


def _agreed_names(values: Mapping[str, Any], discipline: str) -> list[str]:
    """Names that enough of the nearest neighbours carry, most votes first; none where people's names stand in texts.

    A vote is a neighbour's share of the similarity of all five. A neighbour of another discipline has none, nor has one
    that is near to nothing, but their shares are given to nobody: a lone neighbour does not decide.
    """
    carriers = [near for near in values["neighbours"] if near["knowledge_points"]][:_MOST_VOTERS]
    if len(carriers) < _FEWEST_NAMERS or _literal_fraction(carriers, values["seed"]["language"]) >= _MOSTLY_LITERAL:
        return []
    weight = sum(near["similarity"] for near in carriers)
    votes: dict[str, float] = defaultdict(float)
    spelling: dict[str, str] = {}
    for near in carriers:
        is_of_discipline = (near.get("discipline") or discipline).casefold() == discipline.casefold()
        if is_of_discipline and near["similarity"] >= _NAMING_SIMILARITY:
            for point in _distinct(near["knowledge_points"]):
                spelling.setdefault(point.casefold(), point)
                votes[point.casefold()] += near["similarity"] / weight
    # Rounded, because a sum of shares must not depend on their order.
    ranked = sorted(votes, key=lambda point: (-round(votes[point], 9), point))
    return [spelling[point] for point in ranked if round(votes[point], 9) >= _NAMING_VOTE][:_MOST_NAMED_POINTS]


def _literal_fraction(carriers: Sequence[Mapping[str, Any]], language: str) -> float:
    """Share of the neighbours' names that stand in the question that they were given to."""
    stands = [stands_in(point, near["question"], language) for near in carriers for point in near["knowledge_points"]]
    return sum(stands) / len(stands)


def _without_parts(points: Sequence[str], language: str) -> list[str]:
    """Points that are no part of another one, unless that leaves fewer than two: "square" says less than "square root".

    In a spaced script a part is a run of whole words, in Chinese any run of characters.
    """
    end = "" if language == "zh" else " "
    text = {point: f"{end}{point.casefold()}{end}" for point in points}
    whole = [point for point in points if not any(text[point] in text[other] for other in points if other != point)]
    return whole if len(whole) >= _FEWEST_POINTS else list(points)


def _lent_points(neighbours: Sequence[Mapping[str, Any]]) -> list[str]:
    """Points of the neighbours that are near enough, by summed similarity."""
    votes: dict[str, float] = defaultdict(float)
    for neighbour in neighbours:
        if neighbour["similarity"] >= _LENDING_SIMILARITY:
            for point in dict.fromkeys(neighbour["knowledge_points"]):
                votes[point] += neighbour["similarity"]
    return sorted(votes, key=lambda point: (-votes[point], point))


def _distinct(points: Sequence[str]) -> list[str]:
    kept: dict[str, str] = {}
    for point in points:
        if point.strip():
            kept.setdefault(point.strip().casefold(), point.strip())
    return list(kept.values())


def vote_discipline(values: Mapping[str, Any]) -> str:
    """The discipline of the taxonomy that the five nearest neighbours name most, each by its similarity.

    Without such a neighbour: the discipline whose name stands in the seed's text or candidates; else a
    catch-all of the taxonomy ("General Knowledge", "其他"); else its first. Ties go to the earlier entry.
    """
    taxonomy: Sequence[str] = values["disciplines"]
    by_name = {name.casefold(): name for name in taxonomy}
    votes = dict.fromkeys(taxonomy, 0.0)
    named_by = [(by_name.get((near.get("discipline") or "").casefold()), near) for near in values["neighbours"]]
    for name, near in [(name, near) for name, near in named_by if name][:_MOST_VOTERS]:
        votes[name] += near["similarity"]
    if any(votes.values()):
        return max(taxonomy, key=lambda name: votes[name])
    text = " ".join([values["seed"]["question"], *values["candidates"]]).casefold()
    named = [name for name in taxonomy if name.casefold() in text]
    general = [name for name in taxonomy if any(word in name.casefold() for word in _CATCH_ALL)]
    return [*named, *general, *taxonomy][0]


def estimate_difficulty(values: Mapping[str, Any]) -> int:
    """Mean level of the five nearest neighbours that have one, weighted by similarity and rounded half up, 1 to 5.

    Without a labelled neighbour the composer's blind rating of the seed's text stands in.
    """
    rated = [n for n in values["neighbours"] if n.get("difficulty") is not None and n["similarity"] > 0]
    rated = rated[:_MOST_VOTERS]
    if rated:
        weight = sum(n["similarity"] for n in rated)
        mean = sum(n["similarity"] * n["difficulty"] for n in rated) / weight
        return min(5, max(1, int(mean + 0.5)))
    seed = values["seed"]
    level: int = rate_question(seed["question"], seed.get("options") or [], seed["answer"])["difficulty"]
    return level
