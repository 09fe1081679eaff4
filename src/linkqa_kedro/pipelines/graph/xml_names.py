"""Names that an XML file can hold: GraphML is one."""

import re
from collections.abc import Sequence

# What XML 1.0 leaves out: control characters but tab and line ends, halves of surrogate pairs, and two non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_names(names: Sequence[str], numbers: Sequence[int]) -> list[str]:
    """The names as they are, but for characters that XML forbids.

    A name that had to be changed gets its number behind it, so that it stays different from all others.

    Args:
        names: Names of vertices.
        numbers: Their numbers.
    """
    return [
        f"{_FORBIDDEN.sub(' ', name)} ({number})" if _FORBIDDEN.search(name) else name
        for name, number in zip(names, numbers, strict=True)
    ]
