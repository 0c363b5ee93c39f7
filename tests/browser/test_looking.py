"""The eyes themselves: each of them sees the fault it is there for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import looking

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    context = chrome.new_context()
    yield context.new_page()
    context.close()


def test_a_picture_without_a_text_is_seen(page: Page) -> None:
    page.set_content("<html lang=fr><title>Essai</title><main><h1>Essai</h1><img src=x></main></html>")
    assert any("image-alt" in one for one in looking.violations(page))


def test_what_sticks_out_of_a_phone_is_seen(page: Page) -> None:
    page.set_content("<main style='width: 360px'>Trop large</main>")
    assert [one.partition(" px")[0][-3:] for one in looking.too_wide(page)] == ["320"]


def test_a_label_of_a_row_that_a_phone_hides_is_seen(page: Page) -> None:
    table = (
        "<table class=data-table><tbody><tr><td data-label=Montant style='display: block; padding-left: {}'>8 €</table>"
    )
    page.set_content(table.format("40%"))
    assert looking.too_wide(page) == []
    page.set_content(table.format("0.6rem"))
    assert ["Montant n’est plus écrit" in one for one in looking.too_wide(page)] == [True, True]


def test_a_hidden_focus_and_a_skipped_button_are_seen(page: Page) -> None:
    skip, bare = "<a href='#contenu'>Aller au contenu</a>", "<button style='outline: none'>Un</button>"
    page.set_content(f"{skip}{bare}<button>Deux</button>")
    assert ["le focus ne se voit pas sur BUTTON Un" in one for one in looking.keyboard(page)] == [True]
    page.set_content(f"<button>Un</button>{skip}")
    assert any("arrive d’abord sur BUTTON Un" in one for one in looking.keyboard(page))
