"""One form for an English word that has several: singular for plural, American for British spelling.

The results are keys for comparing, not text for showing: "physics" stays, and "colour" and "color" both give
"color". A rule may give a form that is no word, since it only matters which words share it. Where two different
words would share one ("mean", "means"; "axis", "axe" through "axes"), the word is left alone.
"""

import re
import unicodedata
from functools import lru_cache


def word_set(words: str) -> frozenset[str]:
    """The words of a list written in one string."""
    return frozenset(words.split())


# Not the plural of the word without its s, or not of that word alone.
_NO_PLURALS = word_set(
    "means news goods works customs arms morals manners contents premises savings humanities glasses spectacles "
    "securities earnings odds classics stocks shorts looks electronics series species headquarters crossroads "
    "mathematics statistics economics physics mechanics dynamics optics ethics genetics logistics acoustics "
    "axes bases ellipses leaves lives "
    "bias lens canvas atlas pancreas texas kansas arkansas christmas alias biogas thomas judas "
    "cosmos chaos pathos ethos logos asbestos rhinoceros tetanos"
)
# A plural in -ics is rare: most words in -ics are names of fields.
_ICS_PLURALS = word_set(
    "metrics topics characteristics antibiotics fabrics logics cubics quartics clinics critics heuristics mosaics "
    "conics plastics lyrics relics quadratics"
)
_IRREGULAR = {
    "analyses": "analysis",
    "hypotheses": "hypothesis",
    "syntheses": "synthesis",
    "theses": "thesis",
    "crises": "crisis",
    "parentheses": "parenthesis",
    "diagnoses": "diagnosis",
    "matrices": "matrix",
    "vertices": "vertex",
    "indices": "index",
    "appendices": "appendix",
    "bacteria": "bacterium",
    "criteria": "criterion",
    "phenomena": "phenomenon",
    "mitochondria": "mitochondrion",
    "spectra": "spectrum",
    "quanta": "quantum",
    "equilibria": "equilibrium",
    "polyhedra": "polyhedron",
    "nuclei": "nucleus",
    "radii": "radius",
    "fungi": "fungus",
    "stimuli": "stimulus",
    "formulae": "formula",
    "vertebrae": "vertebra",
    "halves": "half",
    "wolves": "wolf",
    "teeth": "tooth",
    "children": "child",
    "larvae": "larva",
    "algae": "alga",
    "antennae": "antenna",
    "ova": "ovum",
    "curricula": "curriculum",
    "maxima": "maximum",
    "minima": "minimum",
    "optima": "optimum",
    "tetrahedra": "tetrahedron",
    "octahedra": "octahedron",
    "dodecahedra": "dodecahedron",
    "icosahedra": "icosahedron",
    "loci": "locus",
    "foci": "focus",
    "genera": "genus",
    "tsunamis": "tsunami",
    "rhombuses": "rhombus",
    "symbioses": "symbiosis",
    "gases": "gas",
    "biases": "bias",
    "lenses": "lens",
    "viruses": "virus",
    "quizzes": "quiz",
    "heroes": "hero",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "echoes": "echo",
    "volcanoes": "volcano",
    "mosquitoes": "mosquito",
    "calories": "calorie",
    "movies": "movie",
    "niches": "niche",
    "caches": "cache",
    "avalanches": "avalanche",
    "psyches": "psyche",
}

_VOWEL = re.compile("[aeiouy]")

_BRITISH_STEMS = [
    (re.compile(british), american)
    for british, american in (
        (r"(col|behavi|fav|flav|harb|hum|hon|lab|neighb|od|rig|rum|sav|tum|vap|vig|arm|endeav|parl)our", r"\1or"),
        (r"(cent|met|lit|fib|theat|calib|lust|spect)re(s|d)?$", r"\1er\2"),
        (r"(?<=[a-z]{3})is(e|ed|es|er|ers|ing|ation|ations|ational|able)$", r"iz\1"),
        (r"(?<=[a-z]l)ys(e|ed|es|er|ers|ing)$", r"yz\1"),
        (r"(model|label|travel|cancel|signal|channel|level|tunnel|counsel|total|marshal)l(?=ing|ed|er)", r"\1"),
        (r"(cata|ana|dia|mono|pro|homo)logue", r"\1log"),
        (r"(def|off|lic|pret)ence(s)?$", r"\1ense\2"),
        (r"(h|leuk|an)aem", r"\1em"),
        (r"^(orthop|encyclop|p)aed", r"\1ed"),
        (r"archaeo", "archeo"),
        (r"caesium", "cesium"),
        (r"anaesthe", "anesthe"),
        (r"aesthetic", "esthetic"),
        (r"oestr", "estr"),
        (r"oesoph", "esoph"),
        (r"oedema", "edema"),
        (r"foet", "fet"),
        (r"diarrhoea", "diarrhea"),
        (r"homoeo", "homeo"),
        (r"manoeuvre", "maneuver"),
        (r"sulph", "sulf"),
        (r"aluminium", "aluminum"),
        (r"artefact", "artifact"),
        (r"^programme(s)?$", r"program\1"),
        (r"^gr[ea]y$", "gray"),
        (r"^(p|s)(l|k)ough$", r"\1\2ow"),
        (r"^mould", "mold"),
        (r"^maths$", "math"),
        (r"^ageing$", "aging"),
        (r"(judg|acknowledg)ement", r"\1ment"),
        (r"^scept", "skept"),
    )
]
_ORDINALS = {
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
    "ninth": "9th",
    "tenth": "10th",
}
# Doubling is the commonest slip in a long word ("accomodation") and, that long, seldom tells two terms apart.
_LONG_WORD = 9
# Where it does: colocation, referring, scraping and striping are other words.
_DOUBLED_ON_PURPOSE = word_set("collocation refereeing scrapping stripping")
_DOUBLED = re.compile(r"([a-z])\1")


@lru_cache(maxsize=1 << 18)
def singular(word: str) -> str:
    """The singular of a casefolded English noun; a word that is no regular or listed plural comes back as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not _may_be_plural(word):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "tches", "shes", "tzes", "nches", "rches", "aches")):
        # "headaches" has the e of "ache", "approaches" has not.
        return word[:-1] if word.endswith(("daches", "haches")) else word[:-2]
    return word[:-1]


def _may_be_plural(word: str) -> bool:
    if len(word) < 4 or word in _NO_PLURALS or not word.isascii() or not word.isalpha():
        return False
    if word.endswith("ics"):
        return word in _ICS_PLURALS
    # Without a vowel it is an abbreviation, and its s no ending: HTTPS, GPS.
    return _VOWEL.search(word) is not None and word.endswith("s") and not word.endswith(("ss", "us", "is"))


@lru_cache(maxsize=1 << 18)
def american(word: str) -> str:
    """The American spelling of a casefolded word, without diacritics on Latin letters, as a key for comparing."""
    bare = _without_diacritics(word)
    if not bare.isascii():
        return bare
    for british, replacement in _BRITISH_STEMS:
        bare = british.sub(replacement, bare)
    # What holds a bracket or digit may hold a numeral, and III is no slip for II.
    if len(bare) < _LONG_WORD or bare in _DOUBLED_ON_PURPOSE or not bare.isalpha():
        return bare
    return _DOUBLED.sub(r"\1", bare)


def ordinal(word: str) -> str:
    """The ordinal in digits where it is written in letters, up to tenth: "second" gives "2nd"."""
    return _ORDINALS.get(word, word)


def _without_diacritics(word: str) -> str:
    # A single letter is a symbol: Å is no A, and â no a.
    if word.isascii() or len(word) == 1:
        return word
    kept = []
    for character in word:
        base = unicodedata.normalize("NFD", character)
        # Only accents on Latin letters are a matter of spelling; in kana they make another sound.
        kept.append(base[0] if base[0].isascii() else character)
    return "".join(kept)
