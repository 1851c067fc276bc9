"""Serves drafts of static pages to a frame of the Share tab, at an address that holds the draft's secret word."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from gan.playing.sharing import Draft, Drafts

# The types are fixed, because the machine's own table of types may be wrong, and a browser then does not run a module.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
ANY_TYPE = "application/octet-stream"


def address_of(draft: Draft) -> str:
    """Return the address of a draft, relative to the page. Its query makes the draft store nothing in the browser."""
    return f"./drafts/{draft.word}/index.html?draft"


def drafts_route(drafts: Drafts) -> Route:
    """Return a route for the files of the present drafts, and for nothing outside their folders."""

    async def answer(request: Request) -> Response:
        folder = drafts.folder(request.path_params["word"])
        path = folder and file_in(folder, request.path_params["name"])
        if not path:
            return Response(status_code=404)
        headers = {"Cache-Control": "no-store"}
        return FileResponse(path, media_type=TYPES.get(path.suffix, ANY_TYPE), headers=headers)

    return Route("/drafts/{word}/{name:path}", answer, methods=["GET", "HEAD"])


def file_in(folder: Path, name: str) -> Path | None:
    """Return a file below a folder by its path in the folder; None if it is missing, or outside the folder."""
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
