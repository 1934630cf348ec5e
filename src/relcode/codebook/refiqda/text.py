"""What a Description of a `.qdc` holds: text for people, then one line for relcode that other programs leave alone.

That line is compact JSON in ASCII without angle brackets, ampersands or double dashes, so that no change of encoding, no
program that takes descriptions for HTML and none that sets dashes harms it. It keeps all fields, the text's too, with a
hash of the text: as long as the hash holds (white space does not count), the fields are taken as they were; else the text
is read anew.
"""

from __future__ import annotations

import json
import re
from typing import Any

from relcode.codebook.schema import Code, Codebook
from relcode.provenance import hash_text

SPEAKER_SETS = {"T": "Speaker: therapist", "C": "Speaker: client"}
AT_MOST_ONE, MODES = "At most one: ", "Ordinary modes"  # names of further sets
MARK = "--- relcode: please leave the next line as it is ---"
_MARK = re.compile(r"[-\u2010-\u2015]{1,3}[^\S\n]*relcode\b[^{}]*?[-\u2010-\u2015]{1,3}\s*(?=\{|$)")
_HEAD = re.compile(r"Code ([A-Za-z][A-Za-z0-9_.-]*); speaker: (?:therapist|client|therapist or client)\.")
_SPEAKERS = {"T": "therapist", "C": "client"}
_LISTS = {"include": "Include:", "exclude": "Exclude:", "rules": "Which code?"}
_EXAMPLES = {
    "hit": "Examples, yes:",
    "near_hit": "Examples, yes, though they look like misses:",
    "near_miss": "Examples, no, though they look like hits:",
    "miss": "Examples, no:",
}
_HEADINGS = {title: key for key, title in {**_LISTS, **_EXAMPLES}.items()}
_RULE = re.compile(r"against ([A-Za-z][A-Za-z0-9_.-]*): *(.+)", re.DOTALL)
# What XML 1.0 cannot hold at all.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """The text with what XML cannot hold replaced; the block keeps the original."""
    return _NO_XML.sub("\ufffd", text)


def describe_code(code: Code) -> str:
    """A code's definition, rules and examples as text that people read in another program."""
    who = " or ".join(_SPEAKERS[speaker] for speaker in code.speakers)
    parts = [f"Code {code.id}; speaker: {who}.", code.definition.strip()]
    parts += [_list(_LISTS[key], getattr(code, key)) for key in ("include", "exclude")]
    parts.append(_list(_LISTS["rules"], [f"against {rule.against}: {rule.ask}" for rule in code.rules]))
    for kind, title in _EXAMPLES.items():
        parts.append(_list(title, [f"“{example}”" for example in getattr(code.examples, kind)]))
    return xml_text("\n\n".join(part for part in parts if part))


def describe_codebook(codebook: Codebook) -> str:
    """What a codebook is, from whom and from which sources, as text for people."""
    parts = [codebook.description.strip(), f"relcode codebook {codebook.reference}."]
    parts += [_list("Authors:", codebook.authors), _list("Sources:", codebook.sources)]
    return xml_text("\n\n".join(part for part in parts if part))


def _list(title: str, items: list[str]) -> str:
    return "\n".join([title, *("- " + item.strip().replace("\n", "\n  ") for item in items)]) if items else ""


def with_block(text: str, block: dict[str, Any]) -> str:
    """The text, and below it the block of fields, with the text's hash."""
    line = json.dumps({**block, "text": text_hash(text)}, separators=(",", ":"))
    for signs in ("<", ">", "&", "--"):
        line = line.replace(signs, "".join(f"\\u{ord(sign):04x}" for sign in signs))
    return f"{text}\n\n{MARK}\n{line}".lstrip()


def split_block(description: str) -> tuple[str, dict[str, Any] | None, bool]:
    """The text of a description, its block (None where there is none), and whether one is there but damaged.

    A block has `codebook` or `code`, each with an `id`, or `folder`, a name.

    What somebody wrote below the block belongs to the text.
    """
    mark = _MARK.search(description)
    if mark is None:
        return description.strip(), None, False
    text = description[: mark.start()].strip()
    try:
        block, end = json.JSONDecoder().raw_decode(description, mark.end())
    except (ValueError, RecursionError):
        return text, None, True
    below = description[end:].strip()
    text = f"{text}\n\n{below}" if below else text
    return (text, block, False) if _is_block(block) else (text, None, True)


def _is_block(block: dict[str, Any]) -> bool:
    records = [block[key] for key in ("codebook", "code") if key in block]
    if records:
        return all(isinstance(record, dict) and isinstance(record.get("id"), str) for record in records)
    return isinstance(block.get("folder"), str)


def text_hash(text: str) -> str:
    """A short hash of the words of a text, white space apart."""
    return hash_text(" ".join(text.split()))[:16]


def named_code(text: str) -> str | None:
    """The id in the first line of a text that `describe_code` wrote."""
    head = _HEAD.match(text)
    return head[1] if head else None


def read_code_text(text: str) -> dict[str, Any]:
    """The fields of a code from a text in the form of `describe_code` that somebody has edited.

    A paragraph without a heading, and a rule that names no code, go to the definition, so that nothing is lost.
    """
    items: dict[str, list[str]] = {key: [] for key in _HEADINGS.values()}
    definition: list[str] = []
    key, after_blank = "", False
    for line in _HEAD.sub("", text, count=1).strip().splitlines():
        bare = line.strip()
        if bare in _HEADINGS:
            key = _HEADINGS[bare]
        elif key and re.match(r"[-*•] ", bare):
            items[key].append(bare[2:].strip())
        elif key and bare and items[key] and not after_blank:
            items[key][-1] += f"\n{bare}"
        elif bare or not key:
            definition.append(line.rstrip())
            key = ""
        after_blank = not bare
    rules = [_RULE.fullmatch(item) for item in items["rules"]]
    definition += [item for item, rule in zip(items["rules"], rules, strict=True) if rule is None]
    return {
        "definition": re.sub(r"\n{3,}", "\n\n", "\n".join(definition)).strip(),
        "include": items["include"],
        "exclude": items["exclude"],
        "rules": [{"against": rule[1], "ask": rule[2]} for rule in rules if rule],
        "examples": {kind: [re.sub(r'^[“"](.*)[”"]$', r"\1", each, flags=re.DOTALL) for each in items[kind]]
                     for kind in _EXAMPLES if items[kind]},
    }  # fmt: skip


def read_codebook_text(text: str) -> str:
    """The description in an edited text of `describe_codebook`: all that stands before its own lines."""
    return re.split(r"^(?:relcode codebook \S+\.|Authors:|Sources:)$", text, maxsplit=1, flags=re.MULTILINE)[0].strip()
