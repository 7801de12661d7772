"""The browser that the other tests stand on."""

import pytest
from flask import Flask, Response

PAGE = """<!doctype html><html lang="en"><title>Home</title><main><h1>Claims</h1>%s</main>"""


@pytest.fixture
def app():
    app = Flask(__name__)
    app.add_url_rule("/favicon.ico", view_func=lambda: "", endpoint="icon")
    app.add_url_rule("/", view_func=lambda: PAGE % "<p>None are late.</p>", endpoint="home")
    app.add_url_rule("/poor", view_func=lambda: PAGE % "<img src='/favicon.ico'>", endpoint="poor")
    app.add_url_rule("/broken", view_func=lambda: PAGE % "<script>undefined.late()</script>", endpoint="broken")
    app.add_url_rule(
        "/abroad", view_func=lambda: PAGE % "<script src='http://cdn.example/x.js'></script>", endpoint="far"
    )
    app.add_url_rule("/strict", view_func=strict)
    return app


def strict():
    return Response(PAGE % "", headers={"Content-Security-Policy": "default-src 'self'"}, mimetype="text/html")


def test_chromium_opens_a_page_of_the_live_server(page, live_server, app):
    page.goto(live_server(app))
    assert page.get_by_role("heading").inner_text() == "Claims"


def test_axe_finds_nothing_on_a_sound_page(page, live_server, app, axe):
    page.goto(live_server(app))
    assert axe() == []


def test_axe_names_an_image_without_words(page, live_server, app, axe):
    page.goto(live_server(app) + "/poor")
    assert [fault.split(":")[0] for fault in axe()] == ["image-alt"]


def test_axe_works_under_a_strict_policy(page, live_server, app, axe):
    page.goto(live_server(app) + "/strict")
    assert axe() == []


def test_pictures_are_taken_at_each_width_light_and_dark(page, live_server, app, pictures):
    page.goto(live_server(app))
    files = pictures("home")
    assert len(files) == 6
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_a_script_error_is_a_fault(page, live_server, app, page_faults):
    page.goto(live_server(app) + "/broken")
    assert len(page_faults) == 1
    assert "undefined" in page_faults.pop()


def test_a_call_to_another_machine_is_refused_and_a_fault(page, live_server, app, page_faults):
    page.goto(live_server(app) + "/abroad")
    assert page_faults[0] == "asked for http://cdn.example/x.js"
    page_faults.clear()
