"""The rules of access, checked by axe in the page itself."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parents[2] / "assets" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """Every rule the page breaks, with the elements that do."""
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(done => done.violations.map("
        "one => one.id + ': ' + one.nodes.map(node => node.html).join(' | ')))",
        RULES,
    )
    return list(found)


def with_axe(context: BrowserContext) -> Page:
    """A tab in which axe runs, as a program of the tester and not of the page."""
    context.add_init_script(path=AXE)
    return context.new_page()
