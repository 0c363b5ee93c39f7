"""What every answer says to the browser: nothing from elsewhere, nothing inline, nothing kept after sign-out."""

from __future__ import annotations

from flask import Flask, Response, g, request

POLICY = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
ONE_YEAR = 31_536_000


def install(app: Flask) -> None:
    secure = app.extensions["casework"].settings.secure_cookies

    @app.after_request
    def _add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
        if request.endpoint == "static" and "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
        elif request.endpoint != "static":
            private = g.get("actor") is not None or request.method not in ("GET", "HEAD")
            response.headers["Cache-Control"] = "no-store" if private else "no-cache"
        return response
