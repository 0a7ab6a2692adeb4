"""Every link, anchor and image of the built pages leads somewhere.

`python docs/_tools/check_links.py results/docs` names every fault and ends with 1 where there is
one. Links to other hosts are looked at for their form only: nothing is asked from a network.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LEADS = {"href": ("a", "link", "area"), "src": ("img", "script", "iframe", "source")}
LOCAL = re.compile(r"https?://(localhost|127\.|\[::1\])")


@dataclass
class Page(HTMLParser):
    """Anchors of a page, and its links with the lines they are in."""

    anchors: set[str] = field(default_factory=set)
    links: list[tuple[int, str]] = field(default_factory=list)
    twice: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                if value in self.anchors:
                    self.twice.append((self.getpos()[0], value))
                self.anchors.add(value)
            elif tag in LEADS.get(name, ()):
                self.links.append((self.getpos()[0], value or ""))


def read(path: Path) -> Page:
    """A page as the browser has it."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def faults(site: Path) -> list[str]:
    """Everything wrong with the links of a site, one line each."""
    pages = {path.resolve(): read(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        where = path.relative_to(site.resolve())
        found += [f"{where}, line {line}: id {name} is there twice" for line, name in page.twice]
        for line, link in page.links:
            wrong = fault(link, path, pages, site.resolve())
            if wrong:
                found.append(f"{where}, line {line}: {link or 'a link without text'}: {wrong}")
    return found


def fault(link: str, path: Path, pages: dict[Path, Page], site: Path) -> str:
    """What is wrong with a link of a page; an empty text when nothing is."""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        return str(error)
    if parts.scheme or parts.netloc:
        return _outside(link)
    target = path
    if parts.path:
        base = site if parts.path.startswith("/") else path.parent
        target = (base / unquote(parts.path).lstrip("/")).resolve()
        if target.is_dir():
            target /= "index.html"
        if not target.is_relative_to(site):
            return "leads out of the site"
        if not target.is_file():
            return "no such file"
    elif not link:
        return "leads nowhere"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "no such anchor"
    return ""


def _outside(link: str) -> str:
    parts = urlsplit(link)
    if parts.scheme == "data":
        return ""
    if parts.scheme == "mailto":
        return "" if MAIL.fullmatch(parts.path) else "no mail address"
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme or 'no scheme'} is neither https nor mailto"
    if LOCAL.match(link):
        return "leads to the reader's own machine"
    return "" if HOST.fullmatch(parts.hostname or "") else "no host"


def main(folder: str) -> int:
    """Print the faults; 1 where there are some, or no pages."""
    site = Path(folder)
    if not any(site.rglob("*.html")):
        print(f"{site}: no pages; `make docs` builds them.", file=sys.stderr)
        return 1
    found = faults(site)
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print(f"{len(found)} faults.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: check_links.py FOLDER")
    sys.exit(main(sys.argv[1]))
