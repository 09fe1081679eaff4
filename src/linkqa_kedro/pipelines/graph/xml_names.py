"""Names that an XML file can hold: GraphML is one."""

import re
from collections.abc import Sequence

# What XML 1.0 leaves out: control characters but tab and line ends, halves of surrogate pairs, and two non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """The text with a blank for every character that XML forbids."""
    return _FORBIDDEN.sub(" ", text)


def xml_names(names: Sequence[str], numbers: Sequence[int]) -> list[str]:
    """The names as they are, but for characters that XML forbids; they stay different from one another.

    A name that had to be changed gets its number behind it, and a prime more as long as another name is the same.

    Args:
        names: Names of vertices, none twice.
        numbers: Their numbers, none twice.
    """
    taken = set(names)
    written = []
    for name, number in zip(names, numbers, strict=True):
        allowed = xml_text(name)
        if allowed != name:
            allowed = f"{allowed} ({number})"
            while allowed in taken:
                allowed += "'"
            taken.add(allowed)
        written.append(allowed)
    return written
