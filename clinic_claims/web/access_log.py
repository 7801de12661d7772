"""One line of JSON for each request: which page, what came of it, how long. No address, no query, no form, no name."""

import json
import logging
import time

from flask import Flask, Response, g, request
from flask_login import current_user

logger = logging.getLogger("clinic_claims.access")


def init_app(app: Flask) -> None:
    """Write a line after every request but those for static files."""
    app.before_request(_start)
    app.after_request(_tell)


def _start() -> None:
    g.started = time.monotonic()


def _tell(response: Response) -> Response:
    """Tell the page by its name in the code: an address might carry what somebody typed."""
    if logger.isEnabledFor(logging.INFO) and request.endpoint != "static":
        line = {
            "request": g.get("request_number"),
            "method": request.method if request.endpoint else "",
            "page": request.endpoint,
            "status": response.status_code,
            "ms": round(1000 * (time.monotonic() - g.get("started", time.monotonic()))),
            "user": current_user.id if current_user and current_user.is_authenticated else None,
        }
        logger.info(json.dumps(line))
    return response
