"""The elements of an HTML page, for tests of what stands in it."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Elements in their order, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
