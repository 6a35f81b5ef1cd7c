"""Templates of this package's ``assets``: what is put into them is escaped."""

import jinja2
from markupsafe import Markup

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("fastir_train.report", "assets"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(template: str, **values: object) -> Markup:
    """The text of a template, which other templates take as it is."""
    text = _TEMPLATES.get_template(template).render(values)
    return Markup(text)
