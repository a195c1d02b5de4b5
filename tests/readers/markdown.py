"""Renders Markdown as CommonMark with tables, reads the HTML, and prints which tags are in it and its tables' rows."""
import json
import sys
from html.parser import HTMLParser

from markdown_it import MarkdownIt

VOID = {"br", "hr", "img"}


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.rows, self.summaries = [], {}, [], []

    def handle_starttag(self, tag, attributes):
        assert not attributes, (tag, attributes)
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "summary":
            self.summaries.append("")

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data
        if "summary" in self.open:
            self.summaries[-1] += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment hides {data!r}")


reader = Reader()
reader.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(sys.stdin.read()))
reader.close()
assert not reader.open, reader.open
json.dump({"tags": reader.tags, "rows": reader.rows, "summaries": reader.summaries}, sys.stdout)
