"""Traditional and simplified characters are one script for comparing."""

import pytest

from linkqa_kedro.text_hygiene.chinese_script import simplified


@pytest.mark.parametrize(
    ("traditional", "expected"),
    [
        ("電場強度", "电场强度"),
        ("頭髮", "头发"),
        ("發現", "发现"),
        ("皇后", "皇后"),  # the empress is no 後
        ("乾坤", "乾坤"),  # and not every 乾 is dry
        ("α粒子散射實驗", "α粒子散射实验"),
        ("さくら関数", "さくら関数"),
    ],
)
def test_traditional_characters_become_simplified_by_the_phrase_they_stand_in(traditional: str, expected: str) -> None:
    assert simplified(traditional) == expected


def test_words_of_another_region_stay_other_words() -> None:
    assert simplified("軟體工程") != "软件工程"


def test_text_without_chinese_characters_comes_back_as_it_is() -> None:
    assert simplified("Ohm's law") == "Ohm's law"
