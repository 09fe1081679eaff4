"""Items that ask for the right answer of each question out of one common list."""

from linkqa_kedro.composer.draft import Draft, Plan, clashes
from linkqa_kedro.composer.material import Material

_MAX_ENTRY_CHARACTERS = 60
# Two entries for two questions leave a single choice to make.
_MIN_ENTRIES = 3


def build_matching(plan: Plan) -> Draft | None:
    """Which entry of a shuffled list answers each question; some entries are wrong options of the questions.

    The options stay with their questions, so that exactly one entry is right for each: no two entries mean
    the same, and the right one of a question is the text of its key.
    """
    if not all(_matchable(material) for material in plan.questions):
        return None
    right = [_right_text(material) for material in plan.questions]
    entries = [(material.place, text) for material, text in zip(plan.questions, right, strict=True)]
    spare = [
        (material.place, material.option_text(letter))
        for material in plan.questions
        for letter in material.wrong_letters
        if 0 < len(material.option_text(letter)) <= _MAX_ENTRY_CHARACTERS
    ]
    for entry in plan.dice.shuffled(spare, "spare"):
        if len(entries) >= len(right) + 1 + plan.load // 2:
            break
        if not clashes([*(text for _, text in entries), entry[1]]):
            entries.append(entry)
    if len(entries) < _MIN_ENTRIES or clashes([text for _, text in entries]):
        return None
    shown = plan.dice.shuffled(entries, "entries")
    labels = "abcdefghij"[: len(shown)]
    dash = "—" if plan.wording.language == "zh" else "–"
    pairs = [f"{place}{dash}{labels[shown.index((place, text))]}" for place, text in entries[: len(right)]]
    wording = plan.wording
    lines = [f"({label}) {wording.free_answer(text)}" for label, (_, text) in zip(labels, shown, strict=True)]
    return Draft(
        question_type="matching",
        questions=plan.questions,
        task="\n".join([wording.say("matching"), *lines]) + "\n\n" + wording.say("matching_form"),
        answer=("，" if wording.language == "zh" else ", ").join(pairs),
        reasons=(),
        rule={
            "entries": [
                {"label": label, "part": place, "text": text}
                for label, (place, text) in zip(labels, shown, strict=True)
            ]
        },
    )


def _matchable(material: Material) -> bool:
    if material.options:
        return material.claimable and len(material.key) == 1 and len(_right_text(material)) <= _MAX_ENTRY_CHARACTERS
    # Free answers that are no plain number may be spelt in two ways, and so answer two questions.
    return material.number is not None


def _right_text(material: Material) -> str:
    return material.option_text(material.key[0]) if material.options else material.answer
