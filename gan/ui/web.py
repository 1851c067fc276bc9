"""The modules of gan/web as the page loads them: fixed files at an address that changes with their content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

WEB = Path(__file__).parents[1] / "web"
# Said here, since the types that a machine guesses by its own table can keep a browser from running a module.
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
FOREVER = "public, max-age=31536000, immutable"  # the address changes when a file does
ADDRESS_DIGITS = 16
NOT_THE_APPS = {"static", "vendor"}  # the published page, and what it runs on


@dataclass(frozen=True)
class WebFiles:
    """Files by their path below a folder, and the address they are served at, relative to the page's."""

    files: Mapping[str, bytes]
    address: str

    @classmethod
    def read(cls, folder: Path = WEB) -> "WebFiles":
        """All modules and stylesheets below a folder, as they are now; later changes of the folder change nothing."""
        paths = sorted(path for path in folder.rglob("*") if path.suffix in TYPES)
        paths = [path for path in paths if path.relative_to(folder).parts[0] not in NOT_THE_APPS]
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        content = hashlib.sha256()
        for name, data in files.items():
            content.update(f"{name}\0{len(data)}\0".encode() + data)
        return cls(files, f"web/{content.hexdigest()[:ADDRESS_DIGITS]}/")

    @property
    def preloads(self) -> str:
        """HTML that fetches every module at once, while the page is still building; imports then find them there."""
        modules = [name for name in self.files if name.endswith(".js")]
        return "".join(f'<link rel="modulepreload" href="./{self.address}{name}">' for name in modules)

    def route(self) -> Route:
        """Serves these files and nothing else: an address is looked up in the table, never on the disk."""
        return Route(f"/{self.address}{{name:path}}", self._answer, methods=["GET", "HEAD"])

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.files:
            return Response(status_code=404)
        headers = {"Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"}
        return Response(self.files[name], headers=headers, media_type=TYPES[Path(name).suffix])


def stylesheets(folder: Path = WEB) -> list[Path]:
    """The instrument's stylesheets, the common ones first."""
    return [*sorted((folder / "styles").glob("*.css")), *sorted((folder / "tools").glob("*.css"))]
