"""What every answer carries, and on which way a request may come: the proxy's word, known hosts, https."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from . import static_files

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; frame-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
A_YEAR = "max-age=31536000; includeSubDomains"
PROBED = {"health"}  # blueprints that a machine on the inside asks by plain http


def init_app(app: Flask) -> None:
    """Trust as many proxies as there are, insist on https where cookies need it, and dress every answer."""
    if hops := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_insist_on_https)
    app.after_request(_dress)
    static_files.init_app(app)


def policy(app: Flask) -> str:
    """Return the content policy; a form may also lead to the identity provider, where there is one."""
    issuer = urlsplit(app.config["OIDC_ISSUER"])
    target = f"form-action 'self' {issuer.scheme}://{issuer.netloc}" if issuer.netloc else "form-action 'self'"
    return HEADERS["Content-Security-Policy"].replace("form-action 'self'", target)


def _insist_on_https() -> ResponseReturnValue | None:
    """Send a plain request to https; refuse one that carries a form, as it has told its content already."""
    if request.is_secure or not current_app.config["SESSION_COOKIE_SECURE"] or request.blueprint in PROBED:
        return None
    if request.method not in ("GET", "HEAD"):
        abort(400)
    return redirect(request.url.replace("http://", "https://", 1), 308)


def _dress(response: Response) -> Response:
    """Put the headers on; nothing but static files may be kept by a browser."""
    response.headers.setdefault("Content-Security-Policy", policy(current_app))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.get("request_number", "")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = A_YEAR
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if request.endpoint == "security.logout":
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
