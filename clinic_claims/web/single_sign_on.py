"""Sign-in through the clinic's own identity provider by OpenID Connect; off unless an issuer is configured.

An account is linked by the person who is signed in to it, by issuer and subject, never by an e-mail address. A second
factor that is set up here, or required here, is asked for all the same.
"""

from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from flask import Flask, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security import FsOAuthProvider, uia_email_mapper
from joserfc.errors import JoseError
from requests.exceptions import RequestException

NAME = "sso"
FAILED = "The identity provider did not confirm the sign-in. Try again, or use your password."


class ClinicProvider(FsOAuthProvider):
    """The clinic's provider: authorization code with PKCE, state and nonce."""

    def authlib_config(self) -> dict[str, Any]:
        """Return where the provider tells about itself, and what we ask of it."""
        known = current_app.config
        return {
            "client_id": known["OIDC_CLIENT_ID"],
            "client_secret": known["OIDC_CLIENT_SECRET"],
            "server_metadata_url": f"{known['OIDC_ISSUER'].rstrip('/')}/.well-known/openid-configuration",
            "client_kwargs": {"scope": "openid", "code_challenge_method": "S256"},
        }

    def fetch_identity_cb(self, oauth: Any, token: Any) -> tuple[str, str]:
        """Return by what the account is found. Raises OAuthError for a token that was made for somebody else."""
        return "sso_subject", subject_of(token)

    def oauth_response_failure(self, error_view: str, e: OAuthError) -> Any:
        """Say that it failed; what the provider wrote is not shown."""
        return failed(e)


def configure(app: Flask) -> None:
    """Switch the library's pages on where an issuer is configured."""
    if not app.config["OIDC_ISSUER"]:
        return
    app.config["SECURITY_OAUTH_ENABLE"] = True
    app.config["SECURITY_OAUTH_BUILTIN_PROVIDERS"] = []
    app.config["SECURITY_USER_IDENTITY_ATTRIBUTES"] = [
        {"email": {"mapper": uia_email_mapper, "case_insensitive": True}},
        {"sso_subject": {"mapper": str}},
    ]
    for error in (OAuthError, JoseError, RequestException):
        app.register_error_handler(error, failed)


def register(app: Flask) -> None:
    """Make the provider known to the library."""
    if glue := app.extensions["security"].oauthglue:
        with app.app_context():
            glue.register_provider_ext(ClinicProvider(NAME))


def client() -> Any | None:
    """Return the client of the provider, or None where there is no single sign-on."""
    glue = current_app.extensions["security"].oauthglue
    return glue.authlib_provider(NAME) if glue else None


def subject_of(token: Any) -> str:
    """Return issuer and subject of a token. Raises OAuthError unless it was issued by our provider, and for us."""
    claims, known = token.get("userinfo") or {}, current_app.config
    audience = claims.get("aud", [])
    audience = [audience] if isinstance(audience, str) else audience
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    if issuer.rstrip("/") != known["OIDC_ISSUER"].rstrip("/") or known["OIDC_CLIENT_ID"] not in audience or not subject:
        raise OAuthError(error="wrong_token")
    return f"{issuer} {subject}"


def failed(_: Exception) -> ResponseReturnValue:
    """Lead back to the door."""
    flash(FAILED, "error")
    return redirect(url_for("security.login"))
