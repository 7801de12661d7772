"""Open a record with the view on the audit trail, and answer a form that several people may have open at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import abort
from sqlalchemy.orm.exc import StaleDataError
from wtforms import HiddenField

from ..db import db, transaction
from ..domain.lifecycle import StepRefused
from ..services import history
from ..services.deeds import Refused
from .errors import CHANGED
from .filters import moment, person
from .forms import Form
from .security import record_access, this_deed
from .steps import changes_since, last_event

Record = TypeVar("Record")
A_SITTING = timedelta(minutes=15)  # in which the pictures of a page that was opened are no further views


class RecordForm(Form):
    """A form about one record: it knows which version of the record it shows."""

    version = HiddenField()
    seen = HiddenField()

    def shows(self, record: Any) -> None:
        """Note the version that stands on the page."""
        self.version.data, self.seen.data = str(record.version_id), str(last_event(record))

    def is_stale(self, record: Any) -> bool:
        """Say who changed the record since this form was shown, and show the newer version from here on."""
        if self.version.data == str(record.version_id):
            return False
        changes = changes_since(record, self.seen.data)
        told = [f"{person(event.actor)}, {moment(event.at)}: {event.sentence}" for event in changes]
        self.form_errors += ["Somebody changed this while you had it open; what you typed is kept below.", *told]
        self.shows(record)
        return True


def seen(kind: type[Record], key: int, load: Callable[[int], Record | None] | None = None, **data: Any) -> Record:
    """Return a record that a person opens; 404 when there is none. The view goes into the history.

    `load` reads it by its key with what else its page shows.
    """
    with transaction():
        record = load(key) if load else db.session.get(kind, key)
        if record is None:
            abort(404)
        record_access("view", record, **data)
    return record


def part_seen(record: Any, **data: Any) -> None:
    """Put a picture of a record that a page shows into the history, unless the person opened the record just before."""
    deed = this_deed()
    if not history.was_seen(record, deed.actor, deed.at - A_SITTING):
        with transaction():
            record_access("view", record, **data)


def attempt(form: RecordForm, record: Any, deed: Callable[[], Any], *, about: Any = None) -> int:
    """Do a deed with what a form says. Returns 0, or the code to show the form again with: 422 or 409.

    `record` is what the form changes, or None when it makes something new. A form shown again shows the record that it
    changes or is `about`: that is a view, as an empty form would do to see it.
    """
    code = _attempt(form, record, deed)
    shown = record if about is None else about
    if code and shown is not None:
        with transaction():
            record_access("view", shown, page="form")
    return code


def _attempt(form: RecordForm, record: Any, deed: Callable[[], Any]) -> int:
    if record is not None and form.is_stale(record):
        return 409
    if not form.validate():
        return 422
    try:
        with transaction():
            deed()
    except (Refused, StepRefused) as refused:
        form.form_errors += refused.reasons
    except StaleDataError:
        form.form_errors.append(CHANGED)
    return 409 if form.form_errors else 0
