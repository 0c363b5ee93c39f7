"""How a French name sounds: « Lefèvre », « Le Febvre » and « Lefebvre » are one. For finding a person again only.

Rules of French spelling, from the most particular to the most general: letters that are not heard are dropped, groups
that sound alike become one letter. A key is not a name: it is compared, never shown.
"""

from __future__ import annotations

import re

from casework.search import folded

_RULES: tuple[tuple[str, str], ...] = (
    (r"(?<=[aeiouy])bv", "v"),
    (r"ph", "f"),
    (r"sch|sh", "ch"),
    (r"ch(?=[lrn])", "k"),
    (r"ch", "C"),
    (r"gn", "N"),
    (r"h", ""),
    (r"eaux?|aux?(?!l?[td]$)", "o"),
    (r"oeuf?|ou", "u"),
    (r"ault$|auld$|aud$|aut$", "o"),
    (r"ean(?![aeiouymn])", "an"),
    (r"(?:ai|ei)(?=[mn](?![aeiouymn]))", "I"),
    (r"[iy](?=[mn](?![aeiouymn]))", "I"),
    (r"ai|ei|ay|ey|ee|er$|ez$|et$|es$|e$|est$", "e"),
    (r"(?:an|am|en|em)(?![aeiouymn])", "A"),
    (r"(?:on|om)(?![aeiouymn])", "O"),
    (r"I[mn]", "I"),
    (r"gu(?=[eiy])", "g"),
    (r"ge(?=[aou])|g(?=[eiy])|j", "j"),
    (r"c(?=[eiyA])|ss|ç|(?<=[aeiouAOI])z|z", "s"),
    (r"qu?|ck|c|k+", "k"),
    (r"x(?=.)", "ks"),
    (r"w", "v"),
    (r"y", "i"),
    (r"(.)\1+", r"\1"),
    (r"(?<=.{2})[tdspxe]+$", ""),
)


def sounds(name: str) -> str:
    """The key of a name: "dupond" and "Dupont" give one, accents, case, spaces and hyphens apart."""
    key = re.sub(r"[^a-z]", "", folded(name.replace("ç", "ss")))
    for pattern, heard in _RULES:
        key = re.sub(pattern, heard, key)
    return key or re.sub(r"[^a-z]", "", folded(name))
