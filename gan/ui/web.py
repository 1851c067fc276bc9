"""The modules of gan/web for the page: they are served at an address that changes with their content."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

WEB = (Path(__file__).parents[1] / "web").resolve()
ENTRY = "start.js"
IMPORTED = re.compile(r"""^(?:import|export)\b[^;]*?\bfrom\s+["'](\.[^"']+)["'];""", re.MULTILINE)
# The type is fixed, because the machine's own table of types may be wrong, and a browser then does not run a module.
TYPE = "text/javascript; charset=utf-8"
FOREVER = "public, max-age=31536000, immutable"  # the address changes when a file does
ADDRESS_DIGITS = 16


@dataclass(frozen=True)
class WebFiles:
    """Modules by their path below a folder, and the address they are served at, relative to the page's."""

    files: Mapping[str, bytes]
    address: str

    @classmethod
    def read(cls, folder: Path = WEB) -> "WebFiles":
        """Read `start.js` and all that it imports; later changes of the folder have no effect."""
        files = {path.relative_to(folder.resolve()).as_posix(): path.read_bytes() for path in modules_from(folder / ENTRY)}
        content = hashlib.sha256()
        for name, data in files.items():
            content.update(f"{name}\0{len(data)}\0".encode() + data)
        return cls(files, f"web/{content.hexdigest()[:ADDRESS_DIGITS]}/")

    @property
    def preloads(self) -> str:
        """Return HTML that fetches every module at once while the page is still building, so that imports find them loaded."""
        return "".join(f'<link rel="modulepreload" href="./{self.address}{name}">' for name in self.files)

    def route(self) -> Route:
        """Return a route for these files and no others: an address is looked up in the table, never on the disk."""
        return Route(f"/{self.address}{{name:path}}", self._answer, methods=["GET", "HEAD"])

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.files:
            return Response(status_code=404)
        headers = {"Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"}
        return Response(self.files[name], headers=headers, media_type=TYPE)


def modules_from(entry: Path) -> list[Path]:
    """Return a module and all that it imports, directly or not."""
    found: set[Path] = set()
    waiting = [entry.resolve()]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [(path.parent / name).resolve() for name in IMPORTED.findall(path.read_text(encoding="utf-8"))]
    return sorted(found)


def stylesheets(folder: Path = WEB) -> list[Path]:
    """Return the stylesheets of the Create tab, the common ones first."""
    return [*sorted((folder / "styles").glob("*.css")), *sorted((folder / "tools").glob("*.css"))]
