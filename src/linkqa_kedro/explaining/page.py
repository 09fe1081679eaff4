"""An explanation as one HTML file that needs nothing else: no script, no font, no picture, no network."""

from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from linkqa_kedro.explaining.costs import total_of
from linkqa_kedro.explaining.explanation import Explanation
from linkqa_kedro.explaining.writing import count, dollars, number, percent


def explanation_page(explanation: Explanation) -> str:
    """The page; everything that comes from seeds and models is escaped."""
    return _template().render(it=explanation, total=total_of(explanation.costs))


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=True)
    environment.filters.update(count=count, dollars=dollars, percent=percent, number=number)
    source = files("linkqa_kedro.explaining").joinpath("page.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)
