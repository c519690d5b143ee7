"""The installed app: the worker takes charge, keeps a page for the moment without network, and nothing else."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.browsing import sign_in
from tests.journeys.conftest import NewPage
from tests.journeys.line import line_to
from tests.journeys.serving import Server

KARIM = "vendeur.lyon@demo.test"


def test_without_network_a_page_of_ours_answers_and_the_way_back_works(server: Server, new_page: NewPage):
    page = new_page()
    with line_to(server.url) as line:
        sign_in(page, line.url, KARIM)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.reload()

        line.cut()
        page.goto(f"{line.url}/leads/")
        expect(page.get_by_role("heading", name="Pas de connexion")).to_be_visible()
        looks = page.locator(".panel").evaluate("node => getComputedStyle(node).borderRadius")
        line.mend()
        page.locator(".panel a").click()

        assert looks != "0px"
        expect(page.get_by_role("heading", name="Leads")).to_be_visible()


def test_no_page_with_anybodys_data_is_kept(server: Server, new_page: NewPage):
    page = new_page()
    sign_in(page, server.url, KARIM)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for path in ("/", "/leads/", "/inbox/"):
        page.goto(f"{server.url}{path}")

    kept = page.evaluate(
        """async () => {
          const names = await caches.keys();
          const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
          return lists.flat().map((request) => new URL(request.url).pathname);
        }"""
    )

    assert "/offline/" in kept
    assert [path for path in kept if not path.startswith("/static/") and path != "/offline/"] == []


def test_the_browser_finds_it_installable(server: Server, new_page: NewPage):
    page = new_page()
    sign_in(page, server.url, KARIM)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    debugger = page.context.new_cdp_session(page)
    manifest = debugger.send("Page.getAppManifest")
    problems = debugger.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert manifest["errors"] == []
    # A private window is the browser's own reason; every other one would be ours.
    assert [problem["errorId"] for problem in problems if problem["errorId"] != "in-incognito"] == []
