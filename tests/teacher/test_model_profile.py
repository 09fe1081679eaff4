from typing import Any

from fakes.requests import request_of
from linkqa_kedro.teacher.model_profile import ModelProfile
from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel
from linkqa_kedro.teacher.requests import request_key


def model(**profile: Any) -> OpenAICompatibleModel:
    return OpenAICompatibleModel("m", "http://127.0.0.1:1/v1", None, 5.0, ModelProfile(**profile))


def test_instructions_stand_in_the_users_message_unless_the_model_wants_them_apart() -> None:
    request = request_of("a")
    assert ModelProfile().messages(request) == ({"role": "user", "content": "Annotate.\n\nWhat is a?"},)
    assert ModelProfile(instructions="system").messages(request) == request.messages


def test_what_the_makers_advise_takes_the_place_of_the_roles_own() -> None:
    settings = ModelProfile(temperature=0.7).settings(request_of("a"))
    assert (settings.temperature, settings.top_p, settings.max_output_tokens) == (0.7, 0.95, 64)


def test_how_a_model_is_asked_is_part_of_the_key_and_the_price_is_not() -> None:
    request = request_of("a")
    plain = request_key(model(), request)
    assert request_key(model(temperature=0.7), request) != plain
    assert request_key(model(instructions="system"), request) != plain
    assert request_key(model(extra_body={"reasoning_effort": "low"}), request) != plain
    assert request_key(model(structured_output="none"), request) == plain
    assert request_key(model(token_limit="max_completion_tokens"), request) == plain
