"""ELAN: a tier a speaker, an annotation a turn."""

from __future__ import annotations

from xml.etree import ElementTree

from relcode.exports.times import check_times
from relcode.records import Session

_HEADER = {"AUTHOR": "", "DATE": "1970-01-01T00:00:00+00:00", "FORMAT": "3.0", "VERSION": "3.0"}
_TYPE = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": "speech", "TIME_ALIGNABLE": "true"}


def to_elan(session: Session) -> bytes:
    """An ELAN document without media; an end that is not known is a time slot without a value.

    Raises
    ------
    ExportError
        Turns without a time.
    """
    check_times(session, "ELAN's tiers")
    document = ElementTree.Element("ANNOTATION_DOCUMENT", _HEADER)
    ElementTree.SubElement(document, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    order = ElementTree.SubElement(document, "TIME_ORDER")
    tiers: dict[str, ElementTree.Element] = {}
    for turn in session.turns:
        slots = []
        for number, seconds in enumerate((turn.t0, turn.t1)):
            slots.append(f"ts{2 * turn.turn - 1 + number}")
            known = {} if seconds is None else {"TIME_VALUE": str(round(seconds * 1000))}
            ElementTree.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slots[-1], **known})
        if turn.speaker not in tiers:
            names = {"LINGUISTIC_TYPE_REF": "speech", "PARTICIPANT": turn.speaker, "TIER_ID": turn.speaker}
            tiers[turn.speaker] = ElementTree.SubElement(document, "TIER", names)
        refs = {"ANNOTATION_ID": f"a{turn.turn}", "TIME_SLOT_REF1": slots[0], "TIME_SLOT_REF2": slots[1]}
        annotation = ElementTree.SubElement(
            ElementTree.SubElement(tiers[turn.speaker], "ANNOTATION"), "ALIGNABLE_ANNOTATION", refs
        )
        ElementTree.SubElement(annotation, "ANNOTATION_VALUE").text = turn.text
    ElementTree.SubElement(document, "LINGUISTIC_TYPE", _TYPE)
    ElementTree.indent(document)
    written: bytes = ElementTree.tostring(document, encoding="UTF-8", xml_declaration=True)
    return written
