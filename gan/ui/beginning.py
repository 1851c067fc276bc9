"""What the page's HTML begins with: scripts that run before Gradio's own, and the name of the app while it loads."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan.ui.language import own_language_script

# The timer of Gradio's progress runs in every frame, and that of the loader goes on while the page is open (Gradio 6.31):
# a page that was left alone took a twelfth of a core. Four times a second are enough for a timer. It is recognised by its text; a
# Gradio with another text keeps its timer.
SLOW_TIMERS = r"""<script>
(() => {
  const timer = /^\(\)=>\{\w+\(\w+,\(performance\.now\(\)-\w+\(\w+\)\)\/1e3\)/;
  const everyFrame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (paint) => (timer.test(paint) ? setTimeout(paint, 250) : everyFrame(paint));
})();
</script>"""

# Gradio's page is blank until its scripts have run, for seconds on a busy machine. start.js removes the name.
ARRIVING = """<style>
#arriving { position: fixed; inset: 40% 0 auto; text-align: center; pointer-events: none; color: #7a7a70;
  font: 600 22px system-ui, sans-serif; animation: arriving 1.6s ease-in-out infinite alternate; }
@keyframes arriving { from { opacity: 0.35; } to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { #arriving { animation: none; } }
</style><script>
addEventListener("DOMContentLoaded", () => {
  document.body.append(Object.assign(document.createElement("div"), { id: "arriving", textContent: "Seedbed …" }));
});
</script>"""


class Beginning:
    """Middleware that puts at the beginning of the page slower timers, the app's name while it loads, and the visitor's language.

    Gradio reads the browser's language and functions before any other script of this package runs.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the page's HTML gets the scripts."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        scripts = SLOW_TIMERS + ARRIVING + own_language_script(Headers(scope=scope).get("cookie"))
        await self.app(scope, receive, _BeginningWith(scripts.encode(), send))


class _BeginningWith:
    """Sends an HTML answer with scripts at the beginning of its head; any other answer stays as it is."""

    def __init__(self, scripts: bytes, send: Send) -> None:
        self.scripts, self.send = scripts, send
        self.waits = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            self.waits = headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
            if self.waits and "content-length" in headers:
                headers["content-length"] = str(int(headers["content-length"]) + len(self.scripts))
            message = {**message, "headers": headers.raw}
        elif self.waits and b"<head>" in message.get("body", b""):
            message = {**message, "body": message["body"].replace(b"<head>", b"<head>" + self.scripts, 1)}
            self.waits = False
        await self.send(message)
