"""Doccano: the local server, the session, pages, push, pull. The only place of relcode that knows Doccano."""
