"""What is asked of any page before any person: no overflow, nothing serious for axe-core, a keyboard that goes
everywhere."""

from __future__ import annotations

import fcntl
import hashlib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
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
_LOST = """async () => {
    if (!document.querySelector('.data-table [data-label]')) return [];
    await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    return [...document.querySelectorAll('.data-table td[data-label], .data-table tbody th[data-label]')]
        .filter(one => one.dataset.label && one.checkVisibility() && getComputedStyle(one).display !== 'table-cell'
            && parseFloat(getComputedStyle(one).paddingLeft) < one.parentElement.clientWidth * 0.3)
        .slice(0, 3).map(one => one.dataset.label);
}"""
_AXE = """async tags => {
    const found = await axe.run(document, {
        runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], preload: false, iframes: false });
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
_LISTEN = """() => {
    window.focused = [];
    document.addEventListener('focusin', event => {
        const one = event.target, look = getComputedStyle(one), box = one.getBoundingClientRect();
        const drawn = (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== 'none';
        one.dataset.reached = one.dataset.reached || String(Math.random());
        window.focused.push({
            key: one.type === 'radio' ? one.name : one.dataset.reached,
            what: one.tagName + ' ' + (one.textContent || one.name || '').trim().slice(0, 40),
            text: (one.textContent || '').trim(), drawn, shown: box.width > 0 && box.height > 0 });
    });
}"""


class Unseen:
    """What nobody has looked at yet, whatever the worker: an element, where it stands, with its kinds of attributes.

    A page that only says other words in places already looked at is the same page.
    """

    def __init__(self, folder: Path) -> None:
        self.seen = folder / "seen"

    def first(self, html: str) -> bool:
        """True when something of this page was never looked at; it then has been."""
        with self.seen.open("a+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            new = places_of(html) - set(file.read().split())
            file.writelines(f"{place}\n" for place in sorted(new))
        return bool(new)


def places_of(html: str) -> set[str]:
    """A mark for each element of the page: its tag, classes and attributes, and those it stands in."""
    reader = _Places()
    reader.feed(html)
    return reader.found


class _Places(HTMLParser):
    """Follows the elements inside `body`."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.open and tag != "body":
            return
        known = dict(attrs)
        telling = " ".join(f"{name}={known[name]}" for name in ("class", "type", "role") if name in known)
        above = self.open[-1][1] if self.open else ""
        mark = hashlib.sha256(f"{above}>{tag} {telling} {sorted(known)}".encode()).hexdigest()[:20]
        self.found.add(mark)
        if tag not in _VOID:
            self.open.append((tag, mark))

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag in (name for name, _ in self.open):
            if self.open.pop()[0] == tag:
                return


def open_everything(page: Page) -> None:
    """Every panel of the page is opened: what is folded is looked at too."""
    page.evaluate(_OPEN_ALL)


def too_wide(page: Page) -> list[str]:
    """What sticks out of a screen of 375 and 320 pixels, the page having its natural width, and labels hidden there."""
    found = []
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 812})
        found += [f"{page.url} à {width} px : {name}" for name in page.evaluate(_TOO_WIDE)]
        found += [f"{page.url} à {width} px : {label} n’est plus écrit" for label in page.evaluate(_LOST)]
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
    reachable = page.evaluate(_REACHABLE)
    page.evaluate(_LISTEN)
    for _ in range(reachable):
        page.keyboard.press("Tab")
    faults: list[str] = []
    reached: set[str] = set()
    for rank, focus in enumerate(page.evaluate("window.focused")):
        if rank == 0 and focus["text"] != "Aller au contenu":
            faults.append(f"{page.url} : le clavier arrive d’abord sur {focus['what']}")
        if not focus["drawn"] or not focus["shown"]:
            faults.append(f"{page.url} : le focus ne se voit pas sur {focus['what']}")
        reached.add(focus["key"])
    if len(reached) < reachable:
        faults.append(f"{page.url} : {len(reached)} éléments atteints au clavier sur {reachable}")
    return faults
