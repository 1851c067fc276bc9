// Browsers load no modules from a page that is opened as a file. This script then shows a sentence in place of an
// empty page.
document.addEventListener("DOMContentLoaded", function () {
  if (location.protocol !== "file:") return;
  var said = document.createElement("p");
  said.className = "trouble";
  said.setAttribute("role", "alert");
  said.textContent =
    "Browsers run this page only from a server. In its folder, run: python3 -m http.server, " +
    "then open http://localhost:8000. " +
    "浏览器只能通过服务器运行本页。请在该文件夹中运行 python3 -m http.server，然后打开 http://localhost:8000。";
  document.body.prepend(said);
  document.body.dataset.state = "error";
});
