from linkqa_kedro.keyphrases import own_phrases
from linkqa_kedro.keyphrases.chinese import han_key, han_phrases


def phrases(*texts: str) -> list[set[str]]:
    return [{"".join(key) for key in seed.relevance} for seed in han_phrases(texts)]


def test_a_term_that_the_dictionary_splits_is_one_word_again() -> None:
    """jieba reads 离心率 as 离 | 心率: eccentricity would become heart rate."""
    texts = ["求椭圆的离心率。", "双曲线的离心率是多少？", "离心率大于一。"]
    assert all("离心率" in found and "心率" not in found for found in phrases(*texts))


def test_a_word_that_often_stands_by_itself_is_not_joined() -> None:
    texts = ["求椭圆的离心率。", "双曲线的离心率是多少？", "离心率大于一。", "心率过快。", "测量心率。"]
    assert "心率" in phrases(*texts)[0]


def test_set_phrases_that_name_something_stand_and_turns_of_speech_do_not() -> None:
    found = phrases("方差分析的步骤是什么？", "由此可知，结论成立。")
    assert "方差分析" in found[0]
    assert "由此可知" not in found[1]


def test_a_set_phrase_that_is_an_option_names_something() -> None:
    assert "归纳推理" in phrases("他用归纳推理得出。", "这属于哪一种？\n归纳推理\n想象")[0]


def test_a_verb_and_its_object_are_no_term() -> None:
    assert "提高企业" not in phrases("此举能提高企业利润。")[0]


def test_a_verb_that_opens_options_is_part_of_terms() -> None:
    found = phrases("他采用认知策略记忆。", "加涅把它归入哪一类？\n认知策略\n言语信息")
    assert "认知策略" in found[0]


def test_an_option_word_with_the_tag_of_a_verb_is_spare() -> None:
    seeds = han_phrases(["记忆过程的哪一步最难？\n识记\n保持", "识记之后要复习。"])
    assert ("识记",) in seeds[1].spare
    assert ("识记",) not in seeds[1].relevance


def test_options_that_answer_nothing_are_no_terms() -> None:
    seed = han_phrases(["是否成立？\n无法确定\n以上都对\n没有答案"])[0]
    assert not {"无法确定", "以上都对", "没有答案"} & {"".join(key) for key in (*seed.relevance, *seed.spare)}


def test_names_of_constructs_are_words() -> None:
    assert han_key("一元二次方程") == ("一元二次方程",)
    assert "四则混合运算" in own_phrases("复习四则混合运算。", "zh", 3)
