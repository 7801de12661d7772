"""Ask one thing on a page of its own, do it, and go on."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from .records import RecordForm, attempt

FORM_PAGE = "components/form_page.html"


def ask(
    form: RecordForm,
    record: Any,
    deed: Callable[[], Any],
    *,
    title: str,
    button: str,
    crumbs: Sequence[tuple[str, str]],
    done: str,
    to: Callable[[], str] | None = None,
    template: str = FORM_PAGE,
    **shown: Any,
) -> ResponseReturnValue:
    """Show a form, or do its deed and open `to()`, by default the page it came from.

    `record` is what the form changes, or None when it makes something new.
    """
    page = {"form": form, "title": title, "button": button, "crumbs": crumbs, **shown}
    if not form.is_submitted():
        if record is not None:
            form.shows(record)
        return render_template(template, **page)
    if code := attempt(form, record, deed):
        return render_template(template, **page), code
    flash(done, "success")
    return redirect(to() if to else crumbs[-1][1])
