"""Print one-page papers: what the patient is told, and the sheets that go with an appeal."""

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..domain import words
from ..pdf import TEMPLATES, keep_together

FOLDER = TEMPLATES / "notices"


def html(template: str, title: str, **shown: Any) -> str:
    """Fill a template of templates/notices; a word that is missing is an error."""
    return keep_together(_environment().get_template(f"{template}.html").render(title=title, **shown))


def printed(template: str, title: str, **shown: Any) -> bytes:
    """Print a template of templates/notices as PDF."""
    from ..press import printed as press  # WeasyPrint takes half a second to load

    return press(html(template, title, **shown), FOLDER / "notice.css")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for wording in (words.day, words.money, words.number, words.listed):
        made.filters[wording.__name__] = wording
    return made
