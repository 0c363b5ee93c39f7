"""What is asked of any page before any person: no overflow, nothing serious for axe-core, a keyboard that goes
everywhere."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_TOKEN = re.compile(r'name="csrf_token"[^>]*')
GRAVE = ("serious", "critical")
NARROW = (375, 320)

_OPEN_ALL = "document.querySelectorAll('main details').forEach(one => { one.open = true })"
_TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
        .filter(one => one.getBoundingClientRect().right > width + 1)
        .slice(0, 3).map(one => one.tagName + '.' + one.className);
}"""
_AXE = """async tags => {
    const found = await axe.run(document, {
        runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], preload: false });
    return found.violations.map(one => ({
        id: one.id, impact: one.impact, help: one.help,
        where: one.nodes.slice(0, 3).map(node => node.target.join(' ')) }));
}"""
_REACHABLE = """() => {
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')];
    const seen = new Set();
    return all.filter(one => {
        if (one.disabled || one.type === 'hidden' || one.tabIndex < 0 || !one.checkVisibility()) return false;
        if (one.type !== 'radio') return true;
        if (seen.has(one.name)) return false;
        seen.add(one.name);
        return true;
    }).length;
}"""
_FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const look = getComputedStyle(one), box = one.getBoundingClientRect();
    const drawn = (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== 'none';
    one.dataset.reached = one.dataset.reached || String(Math.random());
    return {
        key: one.type === 'radio' ? one.name : one.dataset.reached,
        what: one.tagName + ' ' + (one.textContent || one.name || '').trim().slice(0, 40),
        text: (one.textContent || '').trim(), drawn, shown: box.width > 0 && box.height > 0 };
}"""


class Unseen:
    """What no worker has looked at yet: the same content under another role is the same page, whatever its menu."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder

    def first(self, page: Page) -> bool:
        content = _TOKEN.sub("", page.locator("main").evaluate("main => main.outerHTML"))
        mark = self.folder / hashlib.sha256(content.encode()).hexdigest()
        try:
            mark.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def open_everything(page: Page) -> None:
    """Every panel of the page is opened: what is folded is looked at too."""
    page.evaluate(_OPEN_ALL)


def too_wide(page: Page) -> list[str]:
    """What sticks out of a screen of 375 and of 320 pixels, the page having its natural width."""
    found = []
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 812})
        found += [f"{page.url} à {width} px : {name}" for name in page.evaluate(_TOO_WIDE)]
    return found


def violations(page: Page, *, grave: bool = True) -> list[str]:
    """What axe-core finds on the page as it stands: the serious and the critical, or all the rest."""
    page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate(_AXE, TAGS)
    kept = [one for one in found if (one["impact"] in GRAVE) == grave]
    return [f"{page.url} {one['id']} ({one['impact']}) : {one['help']} – {one['where']}" for one in kept]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def keyboard(page: Page) -> list[str]:
    """Go through the page with Tab alone: the skip link first, a visible focus everywhere, nothing out of reach."""
    faults: list[str] = []
    reachable = page.evaluate(_REACHABLE)
    reached: dict[str, None] = {}
    for rank in range(reachable + 5):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None or focus["key"] in reached:
            break
        if rank == 0 and focus["text"] != "Aller au contenu":
            faults.append(f"{page.url} : le clavier arrive d’abord sur {focus['what']}")
        if not focus["drawn"] or not focus["shown"]:
            faults.append(f"{page.url} : le focus ne se voit pas sur {focus['what']}")
        reached[focus["key"]] = None
    if len(reached) < reachable:
        faults.append(f"{page.url} : {len(reached)} éléments atteints au clavier sur {reachable}")
    return faults
