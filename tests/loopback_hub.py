"""A Hugging Face Hub on 127.0.0.1 for tests: real HTTP for the real huggingface_hub client, with its data in memory.

It implements the endpoints that pushing and pulling a model use: whoami, create, validate-yaml, preupload, LFS batch with its PUT
and verify, commit (NDJSON), settings, model info, tree and resolve. Tests read `repos`, and make the Hub misbehave with `fail`,
`stall`, `redirect`, `pour`, `break_off` and `before_commit`.
"""

import base64
import hashlib
import json
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml  # type: ignore[import-untyped]

LICENCES = {"apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "other", "unknown"}
LONGEST_DESCRIPTION = 60
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Repo:
    """A repository: its commits in order (sha, files by path), and whether it is private."""

    private: bool
    gated: bool = False
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)

    @property
    def head(self) -> str:
        return self.commits[-1][0]

    @property
    def files(self) -> dict[str, bytes]:
        return self.commits[-1][1]

    def commit(self, files: dict[str, bytes]) -> str:
        parent = self.commits[-1][0] if self.commits else ""
        digest = hashlib.sha1(f"{parent} {len(self.commits)}".encode())
        for path in sorted(files):
            digest.update(path.encode() + hashlib.sha256(files[path]).digest())
        self.commits.append((digest.hexdigest(), dict(files)))
        return self.head

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        if revision == "main":
            return self.commits[-1]
        return next((commit for commit in self.commits if commit[0] == revision), None)


class LoopbackHub:
    """Starts on entering a `with` block and stops on leaving it; `tokens` maps a token to its user."""

    def __init__(self) -> None:
        self.tokens = {"hf_ada": "ada", "hf_bob": "bob"}
        self.organisations: dict[str, list[str]] = {}  # organisations of each user
        self.read_only: set[str] = set()
        self.paying: set[str] = set()  # users who may create Gradio Spaces on a CPU or GPU of their own
        self.hardware: dict[str, str] = {}  # hardware requested for each Space
        self.repos: dict[str, Repo] = {}
        self.large: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.failures: list[tuple[re.Pattern[str], Answer]] = []
        self.before_commit: Callable[[Repo], None] | None = None
        self.claimed_sizes: dict[str, int] = {}
        self.stalled: re.Pattern[str] | None = None
        self.cut_off: re.Pattern[str] | None = None
        self.lies: list[tuple[re.Pattern[str], Callable[[_Handler], None]]] = []
        self.poured = 0  # bytes of endless bodies that were sent
        self.closing = threading.Event()

    def __enter__(self) -> "LoopbackHub":
        hub = self

        class Handler(_Handler):
            owner = hub

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def add(self, repo_id: str, files: dict[str, bytes], *, private: bool = False, gated: bool = False) -> Repo:
        """Add a repository as its owner would have pushed it."""
        repo = Repo(private, gated)
        repo.commit(files)
        self.repos[repo_id] = repo
        return repo

    def fail(self, request: str, status: int, code: str = "", message: str = "") -> None:
        """Answer every request whose "METHOD /path" matches the pattern with this status from now on."""
        headers = {"X-Error-Code": code} if code else {}
        headers |= {"X-Error-Message": message} if message else {}
        self.failures.append((re.compile(request), (status, headers, b"{}")))

    def cut(self, request: str) -> None:
        """Close the connection of a matching request before all of it is read."""
        self.cut_off = re.compile(request)

    def stall(self, request: str) -> None:
        """Never answer a matching request."""
        self.stalled = re.compile(request)

    def redirect(self, request: str, to: str) -> None:
        """Send a matching request to the same path of another server."""
        self.lies.append((re.compile(request), lambda handler: handler.send_elsewhere(to)))

    def pour(self, request: str) -> None:
        """Answer a matching request with a body that has no end."""
        self.lies.append((re.compile(request), lambda handler: handler.send_without_end()))

    def break_off(self, request: str) -> None:
        """Close the connection of a matching request in the middle of its body."""
        self.lies.append((re.compile(request), lambda handler: handler.send_half()))


class _Handler(BaseHTTPRequestHandler):
    owner: LoopbackHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, *args: Any) -> None:
        """Print nothing: `requests` is the log."""

    def _serve(self) -> None:
        hub = self.owner
        path = urlsplit(self.path).path
        request = f"{self.command} {path}"
        hub.requests.append(request)
        if hub.cut_off and hub.cut_off.search(request):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Transfer-Encoding") == "chunked":
            self.body = self._read_chunks()
        if hub.stalled and hub.stalled.search(request):
            hub.closing.wait()
            return
        lie = next((lie for pattern, lie in hub.lies if pattern.search(request)), None)
        if lie is not None:
            lie(self)
            return
        failure = next((answer for pattern, answer in hub.failures if pattern.search(request)), None)
        self._send(failure or self._route(path))

    def _read_chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, answer: Answer) -> None:
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_elsewhere(self, to: str) -> None:
        self._send((302, {"Location": to + self.path}, b""))

    def send_without_end(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        piece = bytes(1 << 16)
        try:
            while not self.owner.closing.is_set():
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.owner.poured += len(piece)
        except OSError:  # the client hung up
            self.close_connection = True

    def send_half(self) -> None:
        status, headers, body = self._route(urlsplit(self.path).path)
        self._send((status, headers | {"Content-Length": str(len(body))}, body[: len(body) // 2]))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _route(self, path: str) -> Answer:
        for method, pattern, action in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and self.command in method.split():
                return action(self, *(unquote(group) for group in match.groups()))
        return _error(404, "", f"no such route: {self.command} {path}")

    # The sender

    def _user(self) -> str | None:
        return self.owner.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))

    def _readable(self, repo_id: str) -> Repo | Answer:
        """Return the repository, or the Hub's refusal, which does not reveal to a stranger that a private one exists."""
        if self.headers.get("Authorization") and self._user() is None:
            return _error(401, "", "Invalid credentials in Authorization header")
        repo = self.owner.repos.get(repo_id)
        user = self._user()
        if repo is None or (repo.private and user != _owner(repo_id)):
            return _error(404 if user else 401, "RepoNotFound", "Repository not found")
        return repo

    def _writable(self, repo_id: str) -> Repo | Answer:
        repo = self._readable(repo_id)
        if isinstance(repo, Repo) and not self._may_write(_owner(repo_id)):
            return _error(403, "", "You do not have write access to this repository")
        return repo

    def _may_write(self, owner: str | None) -> bool:
        user = self._user()
        return user is not None and user == owner and user not in self.owner.read_only

    # The account

    def whoami(self) -> Answer:
        user = self._user()
        if not user:
            return _error(401, "", "Invalid user token")
        return _json({"type": "user", "name": user, "orgs": [{"name": name} for name in self.owner.organisations.get(user, [])]})

    def create(self) -> Answer:
        asked = json.loads(self.body)
        user = self._user()
        if user is None:
            return _error(401, "", "Invalid user token")
        owner = asked.get("organization") or user
        if not self._may_write(owner):
            return _error(403, "", "You don't have the rights to create a model under this namespace")
        repo_id = f"{owner}/{asked['name']}"
        if asked.get("type") == "space":
            hardware = asked.get("hardware") or ""
            if asked.get("sdk") != "static" and not hardware.startswith("zero-") and user not in self.owner.paying:
                return _error(402, "", "Payment required: subscribe to PRO to create a Space of this kind")
            repo_id = f"spaces/{repo_id}"
            self.owner.hardware.setdefault(repo_id, hardware)
        answer = {"url": f"{self.owner.endpoint}/{repo_id}"}
        if repo_id in self.owner.repos:
            return _json(answer, 409)
        self.owner.add(repo_id, {".gitattributes": b"*.safetensors filter=lfs\n"}, private=asked.get("visibility") == "private")
        return _json(answer)

    def validate_yaml(self) -> Answer:
        _, _, rest = json.loads(self.body)["content"].partition("---\n")
        front = yaml.safe_load(rest.partition("\n---\n")[0])
        wrong = not isinstance(front, dict) or not isinstance(front.get("tags"), list)
        if json.loads(self.body).get("repoType") == "space":
            wrong = wrong or front.get("sdk") not in ("static", "gradio") or front.get("license") not in LICENCES
            wrong = wrong or len(front.get("short_description", "")) > LONGEST_DESCRIPTION
        else:
            wrong = wrong or front.get("license") not in LICENCES
        problems = [{"message": f"front matter is not valid: {front}"}] if wrong else []
        return _json({"errors": problems, "warnings": []}, 400 if problems else 200)

    def settings(self, repo_id: str) -> Answer:
        repo = self._writable(repo_id)
        if not isinstance(repo, Repo):
            return repo
        repo.private = json.loads(self.body).get("visibility") == "private"
        return _json({"private": repo.private})

    # Writing

    def preupload(self, repo_id: str, revision: str) -> Answer:
        repo = self._writable(repo_id)
        if not isinstance(repo, Repo):
            return repo
        files = []
        for asked in json.loads(self.body)["files"]:
            large = asked["path"].endswith(".safetensors")
            known = repo.files.get(asked["path"])
            oid = None if known is None else _blob_id(known, large)
            files.append({"path": asked["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False, "oid": oid})
        return _json({"files": files})

    def lfs_batch(self, repo_id: str) -> Answer:
        repo = self._writable(repo_id)
        if not isinstance(repo, Repo):
            return repo
        objects = []
        for asked in json.loads(self.body)["objects"]:
            item: dict[str, Any] = {"oid": asked["oid"], "size": asked["size"]}
            if asked["oid"] not in self.owner.large:
                href = f"{self.owner.endpoint}/lfs/{asked['oid']}"
                item["actions"] = {"upload": {"href": href}, "verify": {"href": f"{href}/verify"}}
            objects.append(item)
        return _json({"transfer": "basic", "objects": objects})

    def lfs_put(self, oid: str) -> Answer:
        if hashlib.sha256(self.body).hexdigest() != oid:
            return _error(400, "", "the bytes do not have this sha256")
        self.owner.large[oid] = self.body
        return _json({})

    def lfs_verify(self, oid: str) -> Answer:
        asked = json.loads(self.body)
        stored = self.owner.large.get(oid)
        return _json({}) if stored is not None and len(stored) == asked["size"] else _error(404, "", "not uploaded")

    def commit(self, repo_id: str, revision: str) -> Answer:
        repo = self._writable(repo_id)
        if not isinstance(repo, Repo):
            return repo
        if self.owner.before_commit:
            self.owner.before_commit(repo)
        lines = [json.loads(line) for line in self.body.splitlines()]
        header = lines[0]["value"]
        if header.get("parentCommit") not in (None, repo.head):
            return _error(412, "", "A commit has happened since. Please refresh and try again.")
        files = dict(repo.files)
        for line in lines[1:]:
            path = line["value"]["path"]
            if line["key"] == "file":
                files[path] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "lfsFile":
                files[path] = self.owner.large[line["value"]["oid"]]
            elif line["key"] == "deletedFile":
                del files[path]
        sha = repo.commit(files)
        return _json({"success": True, "commitOid": sha, "commitUrl": f"{self.owner.endpoint}/{repo_id}/commit/{sha}"})

    # Reading

    def info(self, repo_id: str, revision: str = "main") -> Answer:
        repo = self._readable(repo_id)
        if not isinstance(repo, Repo):
            return repo
        found = repo.at(revision)
        if found is None:
            return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        sha, files = found
        siblings = [
            {"rfilename": path, "size": self.owner.claimed_sizes.get(path, len(data)), "blobId": _blob_id(data, False)}
            for path, data in files.items()
        ]
        return _json({"id": repo_id, "sha": sha, "private": repo.private, "gated": repo.gated, "siblings": siblings})

    def tree(self, repo_id: str, revision: str) -> Answer:
        repo = self._readable(repo_id)
        if not isinstance(repo, Repo):
            return repo
        found = repo.at(revision)
        if found is None:
            return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        entries = [
            {"type": "file", "path": path, "size": len(data), "oid": _blob_id(data, False)} for path, data in found[1].items()
        ]
        return _json(entries)

    def resolve(self, repo_id: str, revision: str, path: str) -> Answer:
        repo = self._readable(repo_id)
        if not isinstance(repo, Repo):
            return repo
        if repo.gated and self._user() != _owner(repo_id):
            return _error(403, "GatedRepo", f"Access to model {repo_id} is restricted")
        found = repo.at(revision)
        if found is None:
            return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        sha, files = found
        if path not in files:
            return _error(404, "EntryNotFound", "Entry not found")
        etag = _blob_id(files[path], path.endswith(".safetensors"))
        return 200, {"X-Repo-Commit": sha, "ETag": f'"{etag}"', "Content-Type": "application/octet-stream"}, files[path]


REPO = r"([^/]+/[^/]+)"
ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", "/api/whoami-v2", _Handler.whoami),
    ("POST", "/api/repos/create", _Handler.create),
    ("POST", "/api/validate-yaml", _Handler.validate_yaml),
    ("PUT", f"/api/models/{REPO}/settings", _Handler.settings),
    ("POST", f"/api/models/{REPO}/preupload/([^/]+)", _Handler.preupload),
    ("POST", f"/{REPO}\\.git/info/lfs/objects/batch", _Handler.lfs_batch),
    ("PUT", "/lfs/([0-9a-f]{64})", _Handler.lfs_put),
    ("POST", "/lfs/([0-9a-f]{64})/verify", _Handler.lfs_verify),
    ("POST", f"/api/models/{REPO}/commit/([^/]+)", _Handler.commit),
    ("GET", f"/api/(?:models|datasets)/{REPO}/revision/([^/]+)", _Handler.info),
    ("GET", f"/api/(?:models|datasets)/{REPO}/tree/([^/]+)", _Handler.tree),
    ("GET", f"/api/(?:models|datasets)/{REPO}", _Handler.info),
    ("GET HEAD", f"(?:/datasets)?/{REPO}/resolve/([^/]+)/(.+)", _Handler.resolve),
]
# The same actions serve a Space under the name "spaces/user/name".
SPACE = r"(spaces/[^/]+/[^/]+)"
KINDS = re.compile(r"(?<=/api/)(?:models|\(\?:models\|datasets\))/|\(\?:/datasets\)\?")
ROUTES += [(method, KINDS.sub("", path).replace(REPO, SPACE), action) for method, path, action in ROUTES if REPO in path]


def _owner(repo_id: str) -> str:
    return repo_id.split("/")[-2]


def _json(content: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


def _error(status: int, code: str, message: str) -> Answer:
    headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
    return status, headers | {"Content-Type": "application/json"}, json.dumps({"error": message}).encode()


def _blob_id(data: bytes, large: bool) -> str:
    """Return the Hub's oid of a file: git's blob hash, or the content's sha256 for a file stored as a large one."""
    return hashlib.sha256(data).hexdigest() if large else hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
