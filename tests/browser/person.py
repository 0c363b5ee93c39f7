"""Somebody before a real screen: opens pages, fills forms by their labels, presses buttons by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Download, Locator, Page, expect

from tests.browser.service import Account, Service

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 812}


class Person:
    """One person with one browser of their own. `faults`: what the browser complained of (scripts, policy, errors)."""

    def __init__(
        self, browser: Browser, service: Service, account: Account | None = None, *, scripts: bool = True
    ) -> None:
        self.service, self.account = service, account
        self.context = browser.new_context(
            viewport=DESK,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(10_000)
        self.faults: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        """An answer that refuses is expected here; so is a preview that ends unread because its page is left."""
        refused = "the server responded with a status of 4" in message.text
        left = message.text.startswith(("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort"))
        if message.type in ("error", "warning") and not refused and not left:
            self.faults.append(f"{message.text} ({self.page.url})")

    def open(self, path: str) -> int:
        """Go to an address, through the sign-in page when it stands in the way. Returns the status."""
        response = self.page.goto(self.service.address + path)
        status = response.status if response else 0
        if "/connexion" in self.page.url and self.account is not None and not path.startswith("/connexion"):
            self.sign_in()
            return 200
        return status

    def sign_in(self) -> None:
        """Through the real form, which must be on the screen."""
        if self.account is None:
            raise LookupError("nobody is to sign in here")
        self.fill("Adresse électronique", self.account.email)
        self.fill("Mot de passe", self.account.password)
        self.press("Se connecter")

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press the button of this name and wait for the page that comes."""
        place = within if within is not None else self.page.locator("main")
        with self.page.expect_navigation():
            place.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow the link of this name, in the page or the menu."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()

    def fill(self, label: str, value: Any, within: Locator | None = None) -> None:
        """Answer one question, whatever its control: a text, a date, a list, radios, boxes, a file."""
        place = within if within is not None else self.page.locator("main")
        group = place.get_by_role("group", name=label)
        if group.count():
            for one in value if isinstance(value, list) else [value]:
                group.first.get_by_label(_starting(one)).first.check()
            return
        control = place.get_by_label(_starting(label)).first
        tag = control.evaluate("element => element.tagName")
        if tag == "SELECT":
            control.select_option(label=value)
        elif isinstance(value, Path):
            control.set_input_files(value)
        else:
            control.fill(str(value))

    def answer(self, answers: dict[str, Any], within: Locator | None = None) -> None:
        for label, value in answers.items():
            self.fill(label, value, within)

    def action(self, label: str) -> Locator:
        """The form of this action on the page of the case, opened."""
        summary = self.page.locator("summary", has_text=_exactly(label))
        form = self.page.locator("details.case-action").filter(has=summary)
        expect(form, f"« {label} » est proposé").to_have_count(1)
        if form.get_attribute("open") is None:
            form.locator("> summary").click()
        return form

    def do(self, label: str, answers: dict[str, Any] | None = None) -> None:
        """Press the button of this action, or open its form, answer what it asks and confirm."""
        direct = self.page.locator("button.case-action-direct", has_text=_exactly(label))
        if direct.count():
            self.press(label)
            return
        form = self.action(label)
        self.answer(answers or {}, form)
        with self.page.expect_navigation():
            form.locator("form > button[type=submit]:not([formaction])").click()

    def sees(self, *texts: str) -> None:
        """Each text stands on the page, where it can be read."""
        for text in texts:
            found = self.page.locator("main").get_by_text(text).filter(visible=True)
            expect(found.first, f"« {text} » est à l’écran ({self.page.url})").to_be_visible()

    def sees_no(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("main").get_by_text(text).filter(visible=True)).to_have_count(0)

    def is_at(self, heading: str) -> None:
        """The title of the page."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)

    def state(self, label: str) -> None:
        """The tag of the case."""
        expect(self.page.locator(".case-header .tag").first).to_have_text(label)

    @contextmanager
    def download(self, name: str) -> Iterator[list[Download]]:
        """Follow a link that gives a file; the list holds it after the block."""
        got: list[Download] = []
        with self.page.expect_download() as waiting:
            yield got
            self.page.get_by_role("link", name=name).first.click()
        got.append(waiting.value)

    def leave(self) -> None:
        self.context.close()


def _starting(label: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(label)}")


def _exactly(label: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(label)}\s*$")
