"""One script for Chinese text: simplified characters for traditional ones, as a key for comparing.

OpenCC (Apache-2.0, dictionaries inside the package) decides by phrases where one character has several: 皇后 stays,
後 becomes 后, 乾坤 stays, 餅乾 becomes 饼干. Words that differ between regions (軟體, 软件) stay two.
"""

import re
from functools import cache, lru_cache
from typing import Any

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


@lru_cache(maxsize=1 << 18)
def simplified(text: str) -> str:
    """The text in simplified characters; text without Chinese characters comes back as it is."""
    return str(_converter().convert(text)) if _HAN.search(text) else text


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
