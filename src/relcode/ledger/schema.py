"""The ledger's tables, the triggers that refuse changes, and the views that anybody with a database shell can read.

The same SQL serves both databases. `views.py` says in Python what the views say: a property test holds them equal.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from relcode.ledger.columns import NUMBERS, TEXTS

SCHEMA_VERSION = 2
metadata = sa.MetaData()
_DERIVED: list[sa.Column[Any]] = [
    *(sa.Column(name, sa.Text) for name in TEXTS),
    *(sa.Column(name, sa.BigInteger) for name in NUMBERS),
]
events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    *_DERIVED,
    sa.Index("ix_events_coder", "coder", "kind", "batch", "page"),
    sa.Index("ix_events_session", "session_id", "kind"),
)
meta = sa.Table("meta", metadata, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text))

_LABEL = "coder, batch, page, session_id, turn, span_start, span_end, code"
# An event stands where no later one undid it; said again before that, it stands where it was said first.
_STANDING = """
    SELECT * FROM (
        SELECT told.*, row_number() OVER (PARTITION BY {place} ORDER BY seq) AS nth FROM (
            SELECT events.*, max(CASE WHEN kind = '{undo}' THEN seq ELSE 0 END) OVER (PARTITION BY {place}) AS undone
            FROM events WHERE kind IN ('{do}', '{undo}')
        ) told WHERE kind = '{do}' AND seq > undone
    ) standing WHERE nth = 1
"""
# A subquery, not a join: it is a look into the index for each row, where a join made SQLite read all pages for each.
_ROLE = """coalesce((
    SELECT pages.role FROM events pages WHERE pages.kind = 'page' AND pages.coder = held.coder
    AND pages.batch = held.batch AND pages.page = held.page ORDER BY pages.seq DESC LIMIT 1
), 'code')"""
VIEWS = {
    "pushed_pages": """
        SELECT events.seq, first_seq, at, actor, events.coder, events.batch, events.page, role, session_id, payload
        FROM events JOIN (
            SELECT max(seq) AS seq, min(seq) AS first_seq FROM events WHERE kind = 'page' GROUP BY coder, batch, page
        ) pushed ON events.seq = pushed.seq""",
    "confirmed_pages": f"""
        SELECT held.seq, held.at, held.actor, held.coder, held.batch, held.page, {_ROLE} AS role
        FROM ({_STANDING.format(do="confirm", undo="unconfirm", place="coder, batch, page")}) held""",
    "current_labels": f"""
        SELECT held.seq, held.at, held.actor, held.coder, held.batch, held.page, {_ROLE} AS role,
            held.session_id, turn, span_start, span_end, code, provenance, held.payload
        FROM ({_STANDING.format(do="label", undo="unlabel", place=_LABEL)}) held""",
    "current_accepted": f"""
        SELECT seq, at, actor, session_id, turn, span_start, span_end, code, decision, payload
        FROM ({_STANDING.format(do="accept", undo="unaccept", place="session_id, turn, span_start, span_end, code")}) held
        """,
}
_SQLITE_TRIGGERS = {
    **{
        f"events_refuse_{verb.lower()}": f"BEFORE {verb} ON events "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    },
    "events_refuse_bare": "BEFORE INSERT ON events WHEN NEW.coder IS NULL AND "
    "NEW.kind IN ('page', 'label', 'unlabel', 'confirm', 'unconfirm') "
    "BEGIN SELECT RAISE(ABORT, 'written by an older relcode'); END",
}
_POSTGRESQL_TRIGGERS = {
    "events_refuse_change": "BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_refuse()",
    "events_refuse_truncate": "BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()",
}
_REFUSE = """
CREATE OR REPLACE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
"""


def make(connection: Connection, *, head: str) -> None:
    """Make everything, of this version, in an empty database."""
    metadata.create_all(connection)
    make_triggers_and_views(connection)
    connection.execute(
        meta.insert(), [{"key": "schema_version", "value": str(SCHEMA_VERSION)}, {"key": "head", "value": head}]
    )


def make_triggers_and_views(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_REFUSE)
    for name, body in _triggers(connection).items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {body}")
    for name, select in VIEWS.items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {select}")


def faults(connection: Connection) -> list[str]:
    """What is not as this version makes it: a trigger, view or index that is gone, a view of another content."""
    if connection.dialect.name == "postgresql":
        found = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'events'::regclass AND tgenabled = 'O'"
    else:
        found = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    triggers = set(connection.exec_driver_sql(found).scalars())
    inspector = sa.inspect(connection)
    views, indexes = set(inspector.get_view_names()), {index["name"] for index in inspector.get_indexes("events")}
    gone = [
        *(f"trigger {name}" for name in _triggers(connection) if name not in triggers),
        *(f"view {name}" for name in VIEWS if name not in views),
        *(f"index {index.name}" for index in events.indexes if index.name not in indexes),
    ]
    faults = [f"{thing}: missing" for thing in gone]
    if connection.dialect.name == "sqlite":
        # PostgreSQL keeps a view in a form of its own; there only the name can be compared.
        faults += [
            f"view {name}: its content is not what relcode made"
            for name in VIEWS
            if name in views and inspector.get_view_definition(name) != f"CREATE VIEW {name} AS {VIEWS[name]}".strip()
        ]
        damage = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        faults += [] if damage == "ok" else ["the file is damaged: tables and indexes do not fit together"]
    return faults


def _triggers(connection: Connection) -> dict[str, str]:
    return _POSTGRESQL_TRIGGERS if connection.dialect.name == "postgresql" else _SQLITE_TRIGGERS
