"""Attacks on the page by raw requests, each refused; and requests of the owner and of honest programs, which work."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from gan.limits import MAX_BODY_BYTES, MAX_CALL_WITH_FILE_BYTES, MAX_VISITOR_UPLOAD_BYTES
from gan.runs import list_runs, read_queue
from gan.ui import Serving
from gan.ui.doors import names_of
from gan.ui.rights import Rights, declared_rights
from tests.doorways import ELSEWHERE, Caller, House, opened
from tests.tiny_models import write_tiny_model

MODEL = "kept:pets"
REFUSED = "Only the owner"
EVIL = "http://evil.example"
FOREIGN_HOSTS = ("evil.example", "evil.example:7860", "localhost.evil.example", "127.0.0.1.nip.io")
FOREIGN_ORIGINS = (EVIL, "http://127.0.0.1:8000", "http://localhost:7861", "null", "https://127.0.0.1.evil.example:7860")
POSTS = ("component_server", "queue/join", "run/predict", "call/generate", "cancel", "reset", "stream/x")
SPACE_HOST = "ada-flowers.hf.space"


def furnish(home: Path) -> Path:
    write_tiny_model(home / "models" / "pets", classes=("cats", "dogs"))
    return home


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Yield the page with default settings."""
    with opened(furnish(tmp_path_factory.mktemp("local"))) as house:
        yield house


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Yield the page for all machines of the network, with a key."""
    with opened(furnish(tmp_path_factory.mktemp("keyed")), Serving(host="0.0.0.0", owner_key="open-sesame")) as house:
        yield house


@pytest.fixture
def space(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Yield the page as a Space that ada owns."""
    for name, value in {"SPACE_ID": "ada/flowers", "SPACE_AUTHOR_NAME": "ada", "SPACE_HOST": SPACE_HOST}.items():
        monkeypatch.setenv(name, value)
    with opened(furnish(home), Serving(host="0.0.0.0")) as house:
        yield house


def owners_events(house: House) -> list[int]:
    """Return every event that needs more than a visitor's right."""
    rights = declared_rights(house.page)
    names = {number: f"{number} {event.api_name}" for number, event in house.page.fns.items()}
    return [number for number, name in names.items() if rights.get(name, "visitor") != "visitor"]


def assert_no_owners_event_is_reached(house: House, caller: Caller) -> None:
    events = owners_events(house)
    assert len(events) >= 8
    for number in events:
        assert REFUSED in caller.event(number), house.page.fns[number].api_name


# The owner at the machine


def test_the_owner_at_the_machine_reaches_every_handler_without_a_key(local: House) -> None:
    owner = local.caller()
    for number in owners_events(local):
        assert REFUSED not in owner.event(number)
    assert owner.ask("save_directions", model=MODEL, changes=[]) == {"saved": []}
    assert "?key" not in owner.http.get("/").text


def test_no_request_of_the_owner_gets_a_cookie_or_a_warning(local: House) -> None:
    answer = local.caller().http.get("/")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


# 1: the owner's login in visitors' hands


def test_a_visitor_cannot_pull_with_the_machines_login_nor_write_into_the_home(keyed: House) -> None:
    visitor = keyed.caller(ELSEWHERE, "192.168.1.5:7860")
    for call, asked in (
        ("get_model", {"repo": "private/secretmodel"}),
        ("may_add_model", {}),
        ("add_model", {"path": "/pets.zip"}),
        ("save_directions", {"model": MODEL, "changes": []}),
        ("take_over_direction", {"model": MODEL, "name": "age"}),
    ):
        assert REFUSED in visitor.ask(call, **asked)["error"], call


def test_a_visitor_still_makes_pictures(keyed: House) -> None:
    visitor = keyed.caller(ELSEWHERE, "192.168.1.5:7860")
    assert len(visitor.ask("pictures", model=MODEL, seeds="0-3")["tiles"]) == 4


def test_a_refusal_is_said_in_the_visitors_language_and_names_the_way_in(keyed: House) -> None:
    visitor = keyed.caller(ELSEWHERE, "192.168.1.5:7860")
    answer = visitor.ask("get_model", headers={"accept-language": "zh-CN"}, repo="private/secretmodel")
    assert "密钥" in answer["error"]
    assert "link with the key" in visitor.ask("get_model", repo="private/secretmodel")["error"]


def test_no_handler_of_the_owners_is_reached_by_a_visitor(keyed: House) -> None:
    assert_no_owners_event_is_reached(keyed, keyed.caller(ELSEWHERE, "192.168.1.5:7860"))


@pytest.mark.parametrize(
    ("header", "value"), [("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=127.0.0.1"), ("x-real-ip", "::1")]
)
def test_a_request_that_a_proxy_passed_on_is_a_visitors(local: House, header: str, value: str) -> None:
    assert REFUSED in local.caller().ask("save_directions", headers={header: value}, model=MODEL, changes=[])["error"]


# The key


def test_the_link_with_the_key_opens_the_owners_rights_and_hides_the_key(keyed: House) -> None:
    browser = keyed.caller(ELSEWHERE, "192.168.1.5:7860")
    answer = browser.http.get("/", params={"key": "open-sesame", "model": "pets"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?model=pets")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "open-sesame" not in cookie
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert browser.ask("save_directions", model=MODEL, changes=[]) == {"saved": []}
    for number in owners_events(keyed):
        assert REFUSED not in browser.event(number)


def test_a_program_shows_the_key_in_a_header(keyed: House) -> None:
    program = keyed.caller(ELSEWHERE, "192.168.1.5:7860")
    shown = {"authorization": "Bearer open-sesame"}
    assert program.ask("save_directions", headers=shown, model=MODEL, changes=[]) == {"saved": []}


def test_a_link_with_a_key_never_leads_to_another_host(keyed: House) -> None:
    browser = keyed.caller()
    answer = browser.http.get("http://127.0.0.1:7860//evil.example/%2e%2e", params={"key": "open-sesame"})
    assert answer.headers["location"].startswith("/evil.example/")


def test_wrong_keys_are_refused_and_guessing_is_slowed_down(keyed: House) -> None:
    guesser = keyed.caller(("192.168.1.66", 1), "192.168.1.5:7860")
    said = [guesser.http.get("/", params={"key": f"guess-{number}"}).status_code for number in range(12)]
    assert said == [403] * 10 + [429] * 2
    assert guesser.http.get("/", params={"key": "open-sesame"}).status_code == 429, "not even the right one tells itself"
    assert keyed.caller(ELSEWHERE).http.get("/", params={"key": "open-sesame"}).status_code == 303, "others are not held back"


# 2: other sites and rebinding


@pytest.mark.parametrize("host", [*FOREIGN_HOSTS, "192.168.1.5", ""])
@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x", "/theme.css"])
def test_under_a_name_that_is_not_ours_nothing_is_served(local: House, host: str, path: str) -> None:
    assert local.caller().http.get(path, headers={"host": host}).status_code == 400


def test_a_rebound_page_cannot_drive_the_app(local: House) -> None:
    rebound = local.caller(host="evil.example:7860")
    answer = rebound.ask("save_directions", headers={"origin": "http://evil.example:7860"}, model=MODEL, changes=[])
    assert (answer["status"], "not served under the name evil.example" in answer["said"]) == (400, True)


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_another_sites_page_cannot_call_anything(local: House, origin: str) -> None:
    owner = local.caller()
    assert owner.ask("look", headers={"origin": origin})["status"] == 403
    for number in owners_events(local):
        assert "another site" in owner.event(number, headers={"origin": origin})


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_post_that_hides_its_origin_is_known_by_sec_fetch_site(local: House, site: str) -> None:
    assert local.caller().ask("look", headers={"sec-fetch-site": site})["status"] == 403


def test_the_pages_own_requests_pass(local: House) -> None:
    for host in ("127.0.0.1:7860", "localhost:7860", "[::1]:7860"):
        own = {"origin": f"http://{host}", "sec-fetch-site": "same-origin"}
        assert "error" not in local.caller(host=host).ask("look", headers=own)
    assert local.caller().http.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200, "a link leads here"


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_json_under_another_content_type_is_refused(local: House, path: str, kind: str) -> None:
    answer = local.caller().http.post(f"/gradio_api/{path}", content=b'{"data": {}}', headers={"content-type": kind})
    assert answer.status_code == 415


def test_an_upload_is_a_form_and_nothing_else(local: House) -> None:
    owner = local.caller()
    assert owner.http.post("/gradio_api/upload", files={"files": ("a.txt", b"hello")}).status_code == 200
    assert owner.http.post("/gradio_api/upload", json={}).status_code == 415


def test_other_names_are_served_where_the_owner_allows_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = names_of("127.0.0.1", "", ("Studio.example:443", "a.example, b.example"))
    assert all(names.serve(host) for host in ("studio.example", "a.example", "b.example", "localhost", "::1"))
    assert not any(names.serve(host) for host in ("c.example", "example", "192.168.1.5", None))
    assert names_of("0.0.0.0", "", ()).serve("192.168.1.5")
    assert not names_of("0.0.0.0", "", ()).serve("studio.lan")
    assert names_of("192.168.1.5", "", ()).serve("192.168.1.5")


def test_no_other_site_may_frame_the_page_but_a_spaces(local: House, space: House) -> None:
    assert "frame-ancestors 'self'" in local.caller().http.get("/").headers["content-security-policy"]
    assert "content-security-policy" not in space.caller(ELSEWHERE, SPACE_HOST, "https").http.get("/").headers


# 3: strangers on a Space


def test_strangers_neither_train_nor_stop_nor_queue_on_a_space(space: House, home: Path) -> None:
    assert_no_owners_event_is_reached(space, space.caller(ELSEWHERE, SPACE_HOST, "https"))
    assert_no_owners_event_is_reached(space, space.caller())
    assert list_runs(home) == []
    assert read_queue(home) == []


def test_a_stranger_on_a_space_reads_how_to_have_one_of_their_own(space: House) -> None:
    stranger = space.caller(ELSEWHERE, SPACE_HOST, "https")
    assert "duplicate the Space" in stranger.ask("get_model", repo="private/secretmodel")["error"]


def test_where_anyone_may_train_the_rest_stays_the_owners(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAN_TRAINING", "anyone")
    monkeypatch.setenv("SPACE_ID", "ada/flowers")
    with opened(furnish(home), Serving(host="0.0.0.0")) as house:
        stranger = house.caller(ELSEWHERE, "10.0.0.1:7860")
        rights = declared_rights(house.page)
        said = {number: stranger.event(number) for number in owners_events(house)}
        for number, words in said.items():
            needed = rights[f"{number} {house.page.fns[number].api_name}"]
            assert (REFUSED in words) == (needed == "owner"), house.page.fns[number].api_name
        assert any("at most 15 minutes" in words for words in said.values()), "the usual training is longer than a visitor's"


# 4: sizes


def test_a_body_is_refused_by_the_size_that_it_claims(local: House) -> None:
    answer = local.caller().http.post(
        "/gradio_api/queue/join", content=b"{}", headers={"content-type": "application/json", "content-length": str(500 << 20)}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(("path", "limit"), [("queue/join", MAX_BODY_BYTES), ("component_server", MAX_CALL_WITH_FILE_BYTES)])
def test_a_body_that_claims_nothing_is_counted(local: House, path: str, limit: int) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"data": "'
        for _ in range(limit // 65_536 + 1):
            yield b"x" * 65_536

    answer = local.caller().http.post(f"/gradio_api/{path}", content=pieces(), headers={"content-type": "application/json"})
    assert "larger than" in answer.text
    assert answer.status_code == 413


def test_a_visitor_uploads_a_picture_and_no_zip_of_a_gigabyte(keyed: House) -> None:
    visitor = keyed.caller(ELSEWHERE, "192.168.1.5:7860")
    assert visitor.http.post("/gradio_api/upload", files={"files": ("a.png", b"small")}).status_code == 200
    large = {"files": ("a.zip", bytes(MAX_VISITOR_UPLOAD_BYTES))}
    assert visitor.http.post("/gradio_api/upload", files=large).status_code == 413
    owner = {"authorization": "Bearer open-sesame"}
    assert visitor.http.post("/gradio_api/upload", files=large, headers=owner).status_code == 200


def test_another_visitors_upload_is_found_by_no_guess(keyed: House) -> None:
    sender, stranger = (keyed.caller((address, 50_000), "192.168.1.5:7860") for address in ("192.168.1.9", "192.168.1.10"))
    (found,) = sender.http.post("/gradio_api/upload", files={"files": ("mine.png", b"for no eyes but mine")}).json()
    folder, uploads = Path(found).parent, Path(found).parent.parent
    by_content = sha256(b"for no eyes but mine").hexdigest()
    assert len(folder.name) == len(by_content)
    assert sender.http.get(f"/gradio_api/file={found}").content == b"for no eyes but mine"
    guesses = [f"{uploads}{rest}" for rest in ("", "/mine.png", "/*/mine.png", f"/{by_content}/mine.png", "/../../etc/passwd")]
    guesses += [f"{folder}", f"{folder}/MINE.png", f"{folder}/..%2f..%2f..%2fetc%2fpasswd"]
    for guess in guesses:
        answer = stranger.http.get(f"/gradio_api/file={guess}")
        assert answer.status_code in (403, 404), (guess, answer.text)


def test_the_uploads_of_one_address_have_a_share_an_hour(home: Path) -> None:
    with opened(home, Serving(host="0.0.0.0", owner_key="open-sesame")) as house:
        visitor = house.caller(ELSEWHERE, "192.168.1.5:7860")
        claimed = {"content-type": "multipart/form-data; boundary=x", "content-length": str(16 << 20)}
        said = [visitor.http.post("/gradio_api/upload", content=b"--x--", headers=claimed).status_code for _ in range(33)]
    assert said[:32] == [200] * 32 or 429 not in said[:32]
    assert said[32] == 429


def test_a_key_that_no_link_can_carry_is_refused_at_the_start() -> None:
    with pytest.raises(Exception, match="a link cannot carry"):
        Serving(owner_key="two words").rights()
    assert Serving().rights() == Rights()


@pytest.mark.parametrize("name", ["resume", "longer"])
def test_on_zero_gpu_no_button_starts_a_training(local: House, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    (number,) = [number for number, event in local.page.fns.items() if event.name == name]
    assert "ZeroGPU lends" in local.caller().event(number)
