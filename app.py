"""Builds and launches the page: `python app.py [--host --port --home …]`, and the entry point of a Space."""

import argparse
import os
import secrets
from importlib import import_module
from importlib.util import find_spec

GENERATED = ""  # the option's value for --owner-key without an argument


def main() -> None:
    """Read the options, then start the page."""
    parser = argparse.ArgumentParser(description="Seedbed: grow an image generator from your own pictures.")
    parser.add_argument("--host", help="address to listen on; left out, Gradio's default and GRADIO_SERVER_NAME hold")
    parser.add_argument("--port", type=int, help="port to listen on; left out, the first free one from 7860")
    parser.add_argument("--home", help="folder for trainings and models; left out, $GAN_HOME, else the working folder")
    parser.add_argument("--mcp", action="store_true", help="offer the endpoints as MCP tools too; needs gradio[mcp]")
    parser.add_argument(
        "--owner-key",
        nargs="?",
        const=GENERATED,
        metavar="KEY",
        help="who opens the printed link with this key is the owner and may train, delete and share; left out, KEY is made",
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that the page is reached by too",
    )
    options = parser.parse_args()
    # These variables must be set before gradio and torch are imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    # The page and a trainer share the cores. Threads that wait by spinning would make both up to thirty times as slow.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    if find_spec("spaces"):  # on ZeroGPU; the package `spaces` prepares torch and must be imported first
        import_module("spaces")
    from gan import GanError
    from gan.hub import check_endpoint
    from gan.machine import allow_any_letters, space_storage, without_collecting, without_proxies, without_stubs

    allow_any_letters()
    try:
        check_endpoint()  # importing gradio imports the Hub's client
    except GanError as error:
        parser.exit(1, f"{error}\n")
    with without_collecting(), without_stubs(), without_proxies():  # importing gradio creates an HTTP client
        from gan.runs import home_folder
        from gan.ui import Serving, launch

    key = secrets.token_urlsafe(24) if options.owner_key == GENERATED else options.owner_key
    try:
        serving = Serving(options.host, options.port, options.mcp, key, tuple(options.allowed_host))
        launch(home_folder(options.home or os.environ.get("GAN_HOME") or space_storage()), serving)
    except GanError as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
