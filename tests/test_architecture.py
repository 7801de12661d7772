"""Imports point inwards: web and cli, services, models, then files and formats, then the domain."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "clinic_claims"
BELOW_SERVICES = {
    "db",
    "domain",
    "rulebook",
    "reading",
    "edi",
    "pdf",
    "press",
    "packet",
    "storage",
    "sealing",
    "calendars",
    "clock",
}
OUTSIDE = {"sqlalchemy", "flask", "flask_security", "flask_migrate", "xlsxwriter", "weasyprint", "jinja2", "pikepdf"}
WEB = {
    "flask",
    "flask_login",
    "flask_security",
    "flask_wtf",
    "wtforms",
    "markupsafe",
    "werkzeug",
    "sqlalchemy",
    "jinja2",
    "zxcvbn",
    "authlib",
    "joserfc",
    "webauthn",
    "requests",
}
MAY_IMPORT = {  # layer: what it may import from, besides the standard library and itself
    "domain": set(),
    "edi": {"oxedi", "arro3", "openpyxl"},
    "reading": {"cattrs"},
    "rulefile": {"reading"},
    "rulebook": {"domain", "rulefile"},
    "calendars": {"holidays"},
    "clock": {"flask"},
    "storage": {"obstore"},
    "sealing": {"cryptography"},
    "pdf": {"domain", "press", "jinja2"},
    "press": {"weasyprint", "domain", "PIL"},
    "packet": {"domain", "press", "pdf", "pikepdf", "img2pdf", "PIL", "pypdfium2"},
    "examples": set(),
    "db": {"flask", "flask_sqlalchemy", "sqlalchemy"},
    "models": {"db", "domain", "clock", "sqlalchemy", "flask", "flask_security"},
    "services": {"models", "examples", *BELOW_SERVICES, *OUTSIDE},
    "web": {"services", "models", *BELOW_SERVICES, *WEB},
    "application": {"db", "models", "rulebook", "sealing", "web", "flask", "sqlcipher3"},
    "cli": {"application", "services", "clinic_claims", *BELOW_SERVICES, "models", "click", "flask", "gunicorn"},
}
FILES = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Name the layer or outside package behind every import in the file."""
    inside = ("clinic_claims", *path.relative_to(PACKAGE).parent.parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = inside[: len(inside) - node.level + 1] if node.level else ()
            targets = [(*start, *node.module.split("."))] if node.module else [(*start, a.name) for a in node.names]
            found |= {t[1] if t[0] == "clinic_claims" and len(t) > 1 else t[0] for t in targets}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_inwards(path):
    layer = layer_of(path)
    assert layer in MAY_IMPORT, f"{layer}: a new room; say above what it may import"
    assert imported(path) - set(sys.stdlib_module_names) - MAY_IMPORT[layer] - {layer, "__future__"} == set()


def test_the_database_session_does_not_live_in_a_package_init():
    assert "SQLAlchemy(" not in (PACKAGE / "__init__.py").read_text("utf-8")


@pytest.mark.parametrize("path", [p for p in FILES if layer_of(p) == "services"], ids=lambda p: p.stem)
def test_services_never_commit(path):
    """Only the doors of whole files and whole archives open transactions; they are named here."""
    opens = {"intake", "backups", "seeding", "jobs", "moving"}
    assert ".commit()" not in path.read_text("utf-8") or path.stem in opens
