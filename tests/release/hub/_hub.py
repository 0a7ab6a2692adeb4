"""A hub on 127.0.0.1: the calls that an upload makes."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ._store import LARGE, REPO, SIGNATURE, Entry, FakeHub

PAGE = 7  # files on a page of a listing
API = f"/api/datasets/{REPO}/"


@contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    """The hub at `hub.url`, as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith(f"{API}revision/"):
            self._serve("info", lambda: self._info(path.removeprefix(f"{API}revision/")))
        elif path.startswith(f"{API}tree/"):
            self._serve("tree", lambda: self._tree(path.removeprefix(f"{API}tree/")))
        elif path.startswith(f"/datasets/{REPO}/resolve/"):
            self._serve("get", lambda: self._resolve(path))
        else:
            self._repo_not_found()

    def do_HEAD(self) -> None:
        self._resolve(unquote(urlsplit(self.path).path), body=False)

    def do_PUT(self) -> None:
        self._serve("put", self._put)

    def do_POST(self) -> None:
        path = unquote(urlsplit(self.path).path)
        handlers = {
            "/api/validate-yaml": ("yaml", self._validate),
            f"{API}preupload/main": ("preupload", self._preupload),
            f"/datasets/{REPO}.git/info/lfs/objects/batch": ("batch", self._batch),
            f"{API}commit/main": ("commit", self._commit),
            "/lfs-verify": ("verify", self._verify),
        }
        if path in handlers:
            self._serve(*handlers[path])
        else:
            self._body()
            self._repo_not_found()

    def _serve(self, kind: str, handler: Callable[[], None]) -> None:
        self.fault = self.hub.fault(kind)
        if self.fault == "reset":
            self.rfile.read(int(self.headers.get("Content-Length", "0")) // 2)
            self.close_connection = True
            return
        given = self.headers.get("Authorization", "")
        self.body = self._body()
        if isinstance(self.fault, int):
            self._json({"error": f"broken on purpose for {given}"}, status=self.fault)
        elif self.fault == "garbage":
            self._answer(200, b"<html>proxy</html>", {"Content-Type": "text/html"})
        elif self.hub.token and kind != "put" and given != f"Bearer {self.hub.token}":
            self._json(
                {"error": f"what is {given}?"},
                status=401,
                headers={"X-Error-Message": "Invalid credentials in Authorization header"},
            )
        else:
            handler()

    def _info(self, revision: str) -> None:
        if revision != "main":
            self._json({"error": "no"}, status=404, headers={"X-Error-Code": "RevisionNotFound"})
            return
        self._json({"id": REPO, "sha": self.hub.head.oid})

    def _tree(self, revision: str) -> None:
        commit = next(c for c in self.hub.history if c.oid == revision)
        query = parse_qs(urlsplit(self.path).query)
        start = int(query.get("cursor", ["0"])[0])
        rows: list[dict[str, Any]] = [{"type": "directory", "path": "A5_skin_lomo", "oid": "0"}]
        for path, entry in sorted(commit.tree.items()):
            row: dict[str, Any] = {"type": "file", "path": path, "size": entry.size}
            row["oid"] = "f" * 40 if entry.large else entry.oid
            if entry.large:
                row["lfs"] = {"oid": entry.oid, "size": entry.size, "pointerSize": 130}
            rows.append(row)
        headers = {}
        if start + PAGE < len(rows):
            here = f"{self.hub.url}{urlsplit(self.path).path}"
            link = f"{here}?recursive=True&expand=False&cursor={start + PAGE}"
            headers["Link"] = f'<{link}>; rel="next"'
        self._json(rows[start : start + PAGE], headers=headers)

    def _resolve(self, path: str, *, body: bool = True) -> None:
        revision, _, name = path.removeprefix(f"/datasets/{REPO}/resolve/").partition("/")
        commit = next(c for c in self.hub.history if c.oid == revision)
        entry = commit.tree[name]
        content = self.hub.objects[entry.oid]
        headers = {"X-Repo-Commit": revision, "ETag": f'"{entry.oid}"'}
        self._answer(200, content, headers, body=body)

    def _validate(self) -> None:
        content = json.loads(self.body)["content"]
        if "licence: [" in content:
            self._json({"errors": [{"message": "unexpected end"}], "warnings": []}, status=400)
        else:
            self._json({"errors": [], "warnings": [{"message": "empty metadata"}]})

    def _preupload(self) -> None:
        files = []
        for asked in json.loads(self.body)["files"]:
            large = asked["size"] >= LARGE or asked["path"].endswith(".parquet")
            there = self.hub.head.tree.get(asked["path"])
            files.append(
                {
                    "path": asked["path"],
                    "uploadMode": "lfs" if large else "regular",
                    "shouldIgnore": asked["path"] in self.hub.ignored,
                    "oid": there.oid if there else None,
                }
            )
        self._json({"files": files})

    def _batch(self) -> None:
        objects = []
        for asked in json.loads(self.body)["objects"]:
            found: dict[str, Any] = dict(asked)
            if asked["oid"] not in self.hub.objects:
                upload = f"{self.hub.url}/lfs/{asked['oid']}?{SIGNATURE}"
                verify = {"href": f"{self.hub.url}/lfs-verify"}
                found["actions"] = {"upload": {"href": upload}, "verify": verify}
            objects.append(found)
        self._json({"transfer": "basic", "objects": objects})

    def _put(self) -> None:
        oid = urlsplit(self.path).path.rsplit("/", 1)[1]
        content = self.body[::-1] if self.fault == "wrong" else self.body
        if self.fault != "wrong" and hashlib.sha256(content).hexdigest() != oid:
            self._json({"error": "digest"}, status=400)
            return
        with self.hub.lock:
            self.hub.objects[oid] = content
        self._answer(200, b"")

    def _verify(self) -> None:
        asked = json.loads(self.body)
        whole = len(self.hub.objects.get(asked["oid"], b"")) == asked["size"]
        self._json({}, status=200 if whole else 404)

    def _commit(self) -> None:
        if self.hub.before_commit:
            self.hub.before_commit(self.hub)
        items = [json.loads(line) for line in self.body.splitlines()]
        header = items[0]["value"]
        if header.get("parentCommit") != self.hub.head.oid:
            self._json({"error": "A commit has happened since. Try again."}, status=412)
            return
        tree = dict(self.hub.head.tree)
        for item in items[1:]:
            value = item["value"]
            if item["key"] == "deletedFile":
                del tree[value["path"]]
            elif item["key"] == "lfsFile":
                if value["oid"] not in self.hub.objects:
                    self._json({"error": f"{value['path']} never arrived"}, status=400)
                    return
                tree[value["path"]] = Entry(value["oid"], value["size"], large=True)
            else:
                content = base64.b64decode(value["content"])
                tree[value["path"]] = self.hub.store(
                    content[::-1] if self.fault == "wrong" else content
                )
        made = self.hub.commit(tree, header["summary"])
        if self.fault == "lost":
            self.close_connection = True
            return
        url = f"{self.hub.url}/datasets/{REPO}/commit/{made.oid}"
        self._json({"commitUrl": url, "commitOid": made.oid, "pullRequestUrl": None})

    def _repo_not_found(self) -> None:
        self._json({"error": "no"}, status=404, headers={"X-Error-Code": "RepoNotFound"})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        blocks = []
        while size := int(self.rfile.readline(), 16):
            blocks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(blocks)

    def _json(self, data: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        kind = {"Content-Type": "application/json", **(headers or {})}
        self._answer(status, json.dumps(data).encode(), kind)

    def _answer(
        self,
        status: int,
        content: bytes,
        headers: dict[str, str] | None = None,
        *,
        body: bool = True,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
