"""What machines ask: is the process alive, can it work, what does it count. No answer holds data of anybody."""

import hmac
import os

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from ..clock import now
from ..services import condition
from .security import Door, needs

TOKEN = "CLINIC_CLAIMS_METRICS_TOKEN"  # noqa: S105 (the name of a setting)

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@needs(Door.PUBLIC)
def alive() -> ResponseReturnValue:
    """Say that the process answers; asks nothing of the database."""
    return _plain("alive")


@blueprint.get("/ready")
@needs(Door.PUBLIC)
def ready() -> ResponseReturnValue:
    """Say whether pages can be served, else by name what is wrong; `doctor` tells what to do."""
    wrong = [finding.name for finding in condition.ready() if not finding.well]
    return (_plain(f"not ready: {', '.join(wrong)}"), 503) if wrong else _plain("ready")


@blueprint.get("/metrics")
@needs(Door.PUBLIC)
def metrics() -> ResponseReturnValue:
    """Give counts to a monitor that knows the token; without a token set there is no such page."""
    token = os.environ.get(TOKEN, "")
    given = request.authorization.token if request.authorization else None
    if not token or not hmac.compare_digest(token.encode(), (given or "").encode()):
        abort(404)
    return _plain("".join(f"clinic_claims_{name} {value}\n" for name, value in condition.figures(now()).items()))


def _plain(words: str) -> Response:
    return Response(words if words.endswith("\n") else f"{words}\n", mimetype="text/plain")
