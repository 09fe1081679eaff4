import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.requests import request_of
from fakes.scripted import ScriptedTeacher, completion_of, teacher_of
from linkqa_kedro.price import probe as probing
from linkqa_kedro.price.probe import PriceProbe, PromptSize, text_size
from linkqa_kedro.teacher.completing import complete
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.requests import Completion, Request


def real_answer(_: Request) -> str:
    return "real"


def ask(probe: PriceProbe, *requests: Request) -> list[str]:
    async def work() -> list[Completion]:
        return [await probe.ask(request) for request in requests]

    return [completion.text for completion in asyncio.run(work())]


def test_stored_answers_come_back_and_the_stand_in_gives_the_others(tmp_path: Path) -> None:
    chat = ScriptedTeacher(real_answer)
    teacher = teacher_of(chat, tmp_path)
    complete([request_of("a")], teacher, lambda _, completion: completion.text)
    probe = PriceProbe(teacher, ScriptedTeacher(lambda _: "stand-in"))
    assert ask(probe, request_of("a"), request_of("b")) == ["real", "stand-in"]
    assert len(chat.asked) == 1, "the real model was asked"
    role = probe.roles["annotate"]
    assert (role.n_stored, role.n_new, role.model, role.stage) == (1, 1, "scripted", "extraction")
    assert [(one.input_tokens, one.output_tokens) for one in role.observations] == [(10, 5)]


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    teacher = teacher_of(ScriptedTeacher(real_answer), tmp_path)
    ask(PriceProbe(teacher, ScriptedTeacher(lambda _: "x")), request_of("a"))
    assert list(tmp_path.iterdir()) == []


def test_what_the_stand_in_cannot_do_says_nothing_about_the_model(tmp_path: Path) -> None:
    """Its fresh attempts are not counted: a real model may well need none."""
    probe = PriceProbe(teacher_of(ScriptedTeacher(real_answer), tmp_path), ScriptedTeacher(lambda _: "x"))
    ask(probe, request_of("a"), request_of("a").again())
    assert probe.roles["annotate"].n_new == 1


def test_a_fresh_attempt_after_a_stored_answer_counts(tmp_path: Path) -> None:
    teacher = teacher_of(ScriptedTeacher(real_answer), tmp_path)
    complete([request_of("a")], teacher, lambda _, completion: completion.text)
    probe = PriceProbe(teacher, ScriptedTeacher(lambda _: "x"))
    ask(probe, request_of("a"), request_of("a").again())
    role = probe.roles["annotate"]
    assert (role.n_stored, role.n_new, role.n_again) == (1, 1, 1)


def test_a_sample_is_fair_and_the_same_every_time(tmp_path: Path) -> None:
    requests = [request_of(f"r{i}") for i in range(100)]
    samples = []
    for order in (requests, requests[::-1]):
        probe = PriceProbe(
            teacher_of(ScriptedTeacher(real_answer), tmp_path), ScriptedTeacher(lambda _: "x"), n_sample=5
        )
        ask(probe, *order)
        samples.append([request.record_id for request in probe.roles["annotate"].sample(5)])
    assert samples[0] == samples[1]
    assert len(set(samples[0])) == 5
    assert samples[0] != [f"r{i}" for i in range(5)]


def test_a_sample_prefers_what_an_earlier_probe_had_not_seen(tmp_path: Path) -> None:
    teacher = teacher_of(ScriptedTeacher(real_answer), tmp_path)
    first = PriceProbe(teacher, ScriptedTeacher(lambda _: "x"), n_sample=2)
    ask(first, *(request_of(f"old{i}") for i in range(50)))
    second = PriceProbe(teacher, ScriptedTeacher(lambda _: "x"), n_sample=2, seen_before=first.keys())
    ask(second, *(request_of(f"old{i}") for i in range(50)), request_of("new"))
    assert second.roles["annotate"].sample(1)[0].record_id == "new"


def test_enough_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "MAX_SIMULATED", 2)
    probe = PriceProbe(teacher_of(ScriptedTeacher(real_answer), tmp_path), ScriptedTeacher(lambda _: "x"))
    ask(probe, *(request_of(f"r{i}", role="synthesise") for i in range(2)))
    with pytest.raises(ReplyUnusable):
        ask(probe, request_of("r2", role="synthesise"))
    assert (probe.roles["synthesise"].n_new, probe.roles["synthesise"].n_simulated) == (3, 2)
    ask(probe, *(request_of(f"r{i}") for i in range(3)))


def test_requests_about_qa_are_counted_apart_from_those_about_seeds(tmp_path: Path) -> None:
    probe = PriceProbe(teacher_of(ScriptedTeacher(real_answer), tmp_path), ScriptedTeacher(lambda _: "x"))
    ask(probe, request_of("seed-7", role="rate"), request_of("qa-00ff", role="rate"))
    assert (probe.roles["rate"].n_new, probe.roles["rate"].n_of_qa) == (2, 1)


def test_a_stored_answer_without_usage_tells_nothing(tmp_path: Path) -> None:
    chat = ScriptedTeacher(lambda _: completion_of("x", input_tokens=None))
    teacher = teacher_of(chat, tmp_path)
    complete([request_of("a")], teacher, lambda _, completion: completion.text)
    probe = PriceProbe(teacher, ScriptedTeacher(lambda _: "x"))
    ask(probe, request_of("a"))
    assert probe.roles["annotate"].observations == []


def test_text_is_counted_in_narrow_and_wide_characters() -> None:
    assert text_size("abc 质数") == PromptSize(narrow=4, wide=2)


@given(st.text())
def test_the_characters_of_a_text_add_up(text: str) -> None:
    size = text_size(text)
    assert size.narrow + size.wide == len(text)
    assert min(size.narrow, size.wide) >= 0
