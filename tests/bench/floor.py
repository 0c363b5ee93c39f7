"""The floor: what the same gunicorn, Flask, SQLAlchemy and Jinja cost when nothing else is done.

`/hello`: a sentence. `/select`: one indexed SELECT of 50 rows, no template. `/table`: the same rows in a Jinja table;
this one is the floor that pages are compared with.
"""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from flask import Flask, render_template_string

ROWS = sa.text(
    "SELECT id, reference, title, campaign, scheme_code, state, requested_cents, due_on, updated_at "
    "FROM application ORDER BY updated_at DESC, id DESC LIMIT 50"
)
TABLE = """<!DOCTYPE html>
<html lang="fr"><head><title>Dossiers</title></head><body><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table></body></html>"""

app = Flask(__name__)
engine = sa.create_engine(os.environ.get("BENCH_DATABASE_URL", "sqlite://"))


@app.get("/hello")
def hello() -> str:
    return "Bonjour."


@app.get("/select")
def select() -> str:
    return str(len(_rows()))


@app.get("/table")
def table() -> str:
    return render_template_string(TABLE, rows=_rows())


def _rows() -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(ROWS))
