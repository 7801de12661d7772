"""What becomes of a request beside its steps: asked for after the service, and renewed before it ends."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from ..domain import responses
from ..domain.next_actions import RENEW, asked_on
from ..domain.permissions import Permission
from ..models import Authorization
from ..services import authorizations
from .addresses import name_of, page_of
from .asking import ask
from .forms import optional, required
from .records import RecordForm, seen
from .security import needs, this_deed

blueprint = Blueprint("approval_work", __name__, url_prefix="/approvals")
ROWS = {"rows": 3}


class RenewalForm(RecordForm):
    """Why a continuation is asked for although the response to the last session is not recorded."""

    reason = TextAreaField("Why it is asked for without a recorded response", [optional()], render_kw=ROWS)


class RetroactiveForm(RecordForm):
    """Why a request is made after the service."""

    reason = TextAreaField(
        "Reason for the delay",
        [required("Give the reason for the delay.")],
        description="Such as: the patient could not tell us of the coverage before the visit.",
        render_kw=ROWS,
    )


@blueprint.route("/<int:authorization_id>/renew", methods=["GET", "POST"])
@needs(Permission.AUTHORIZATION_WRITE)
def renew(authorization_id: int) -> ResponseReturnValue:
    """Prepare the request that continues an approval."""
    approval, form = seen(Authorization, authorization_id), RenewalForm()
    lacking = () if approval.case.treatment != "toxin" else responses.gaps(authorizations.responses_of(approval.case))
    if not lacking:
        del form.reason
    made: list[Authorization] = []
    reason = lambda: form.reason.data or None if lacking else None  # noqa: E731
    return ask(
        form,
        None,
        lambda: made.append(authorizations.renew(approval, this_deed(), reason=reason())),
        title=asked_on(RENEW, approval.valid_to, this_deed().today),
        sub=("" if lacking else "The response to the last session is on record. ") + "The lines are taken over.",
        button="Prepare the request",
        template="authorizations/renew.html",
        lacking=lacking,
        last=next(reversed(approval.case.injections), None),
        crumbs=[(name_of(approval), page_of(approval))],
        done="The request is prepared. Send it, then mark it as submitted.",
        to=lambda: page_of(made[0]),
    )


@blueprint.route("/<int:authorization_id>/retroactive", methods=["GET", "POST"])
@needs(Permission.AUTHORIZATION_WRITE)
def retroactive(authorization_id: int) -> ResponseReturnValue:
    """Make a prepared request one for a service already given."""
    approval, form = seen(Authorization, authorization_id), RetroactiveForm()
    return ask(
        form,
        approval,
        lambda: authorizations.ask_retroactively(approval, form.reason.data or "", this_deed()),
        title="Ask after the service",
        button="Note the reason",
        crumbs=[(name_of(approval), page_of(approval))],
        done="The request now says that it is made after the service, and why.",
    )
