"""Compression ratio: how much of a body of text is repetition."""

import zlib
from collections.abc import Sequence


def compression_ratio(texts: Sequence[str]) -> float:
    """Bytes of the texts, a line each, over their bytes when compressed; higher is more repetitive.

    Shaib et al. 2024, "Standardizing the Measurement of Text Diversity" (arXiv 2403.00553), there with gzip: this is
    the same DEFLATE at level 9 without the file header. Above about 0.5 (one short text); about 2.5 to 3 for varied
    English prose. DEFLATE looks back 32 KiB, so repetition further apart is not seen: order matters, and figures
    compare only between bodies of like size. NaN for no text.
    """
    body = "\n".join(texts).encode("utf-8", "surrogatepass")
    return len(body) / len(zlib.compress(body, 9)) if body else float("nan")
