"""The web: views parse, call and answer. `init_app` hangs every page on the application, guarded."""

from flask import Flask

from . import (
    access_log,
    account,
    addresses,
    admin,
    appeals,
    approval_work,
    audit,
    auth,
    authorizations,
    background,
    batches,
    benefits,
    checklists,
    checks,
    citations,
    claims,
    contracts,
    correspondence,
    dashboard,
    denials,
    desk,
    documents,
    emergencies,
    errors,
    estimates,
    filters,
    finding,
    headers,
    health,
    imports,
    invitations,
    letterhead,
    letters,
    navigation,
    notes,
    packets,
    pages,
    paper_eobs,
    patients,
    payers,
    peer_calls,
    rules,
    security,
    sessions,
    setup,
    signing,
    steps,
    surgery,
    tables,
    undo,
    vials,
    visits,
    wording,
    worklist,
)

BLUEPRINTS = (
    health.blueprint,
    pages.blueprint,
    worklist.blueprint,
    claims.blueprint,
    authorizations.blueprint,
    approval_work.blueprint,
    peer_calls.blueprint,
    visits.blueprint,
    checks.blueprint,
    vials.blueprint,
    benefits.blueprint,
    estimates.blueprint,
    checklists.blueprint,
    surgery.blueprint,
    patients.blueprint,
    payers.blueprint,
    documents.blueprint,
    steps.blueprint,
    undo.blueprint,
    notes.blueprint,
    desk.blueprint,
    finding.blueprint,
    setup.blueprint,
    admin.blueprint,
    account.blueprint,
    invitations.blueprint,
    emergencies.blueprint,
    audit.blueprint,
    appeals.blueprint,
    denials.blueprint,
    imports.blueprint,
    tables.blueprint,
    paper_eobs.blueprint,
    batches.blueprint,
    letters.blueprint,
    correspondence.blueprint,
    packets.blueprint,
    dashboard.blueprint,
    rules.blueprint,
    citations.blueprint,
    letterhead.blueprint,
    wording.blueprint,
    contracts.blueprint,
    signing.blueprint,
)


def init_app(app: Flask) -> None:
    """Set up sessions, guards, sign-in, words and pages. Raises UnmarkedEndpoint for a page without a mark."""
    errors.init_app(app)
    access_log.init_app(app)
    headers.init_app(app)
    sessions.init_app(app)
    security.init_app(app)
    auth.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    addresses.init_app(app)
    undo.init_app(app)
    background.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    security.check_marks(app)
