"""Compression ratio."""

import math
import random
import zlib

from linkqa_kedro.figures.compression_ratio import compression_ratio


def test_it_is_bytes_over_compressed_bytes() -> None:
    assert compression_ratio(["ab", "cd"]) == 5 / len(zlib.compress(b"ab\ncd", 9))


def test_repetition_compresses_and_noise_does_not() -> None:
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=4000))
    assert compression_ratio(["the same line"] * 300) > 50
    assert compression_ratio([noise]) < 1.6


def test_no_text_has_no_ratio() -> None:
    assert math.isnan(compression_ratio([]))
