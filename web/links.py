"""Addresses written in messages: those of the public service, whatever the request said of its host."""

from __future__ import annotations

from flask import url_for

from web.session import settings


def link_address(endpoint: str) -> str:
    """The address of a single-use link, with {token} where the token goes."""
    return settings().public_url.rstrip("/") + url_for(endpoint, token="-").removesuffix("-") + "{token}"  # noqa: S106
