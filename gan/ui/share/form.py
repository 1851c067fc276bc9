"""The Share tab's fields, namely the target, the model, its name, and the statement on the pictures; and their values as a
Wish.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import gradio as gr

from gan.limits import NAME_LENGTH
from gan.playing.sharing import FILE_KINDS, FileKind, Kind
from gan.sharing import AppKind, Statement
from gan.ui.language import text

Where = Literal["static", "app", "hub", "file"]
"""The targets: a page that anyone can open, a Space with this app, a model on the Hub, a file."""

WHERE: tuple[Where, ...] = get_args(Where)
APP_KINDS: tuple[AppKind, ...] = ("zerogpu", "gradio")


class Wish(NamedTuple):
    """The values of the fields, in the order of `Fields.inputs`."""

    model: str | None
    where: Where
    app_kind: AppKind
    file_kind: FileKind
    name: str
    private: bool
    dataset: str
    licence: str
    may_use: bool

    @property
    def statement(self) -> Statement:
        """The owner's statement on the training pictures."""
        return Statement(self.dataset.strip()[:NAME_LENGTH], self.licence.strip()[:NAME_LENGTH])

    @property
    def kind(self) -> Kind | None:
        """The kind of Space; None where the target is not a Space."""
        return "static" if self.where == "static" else self.app_kind if self.where == "app" else None


@dataclass(frozen=True)
class Fields:
    """The fields, and the groups that are shown only for some targets."""

    model: gr.Dropdown
    where: gr.Radio
    app_kind: gr.Radio
    file_kind: gr.Radio
    name: gr.Textbox
    private: gr.Checkbox
    dataset: gr.Textbox
    licence: gr.Textbox
    may_use: gr.Checkbox
    token: gr.Textbox
    push_box: gr.Column

    @property
    def inputs(self) -> list[Any]:
        """The fields that make a Wish."""
        return [
            self.model,
            self.where,
            self.app_kind,
            self.file_kind,
            self.name,
            self.private,
            self.dataset,
            self.licence,
            self.may_use,
        ]


def share_form() -> Fields:
    """Build the fields of the Share tab."""
    model = gr.Dropdown([], label=text("share_what"), elem_id="share-model")
    places = [(text(f"share_where_{where}"), where) for where in WHERE]
    where = gr.Radio(places, value="static", label=text("share_where"), elem_id="share-where", elem_classes="stacked")
    apps = [(text(f"share_app_{kind}"), kind) for kind in APP_KINDS]
    app_kind = gr.Radio(
        apps, value="zerogpu", label=text("share_app"), info=text("share_app_info"), elem_id="share-app", visible=False
    )
    files = [(text(f"share_file_{kind}"), kind) for kind in FILE_KINDS]
    file_kind = gr.Radio(files, value="zip", label=text("share_file"), elem_id="share-file", visible=False)
    dataset = gr.Textbox(
        label=text("share_dataset"),
        elem_id="share-dataset",
        max_lines=1,
        max_length=NAME_LENGTH,
    )
    licence = gr.Textbox(
        label=text("share_licence"),
        placeholder="CC BY 4.0",
        elem_id="share-licence",
        max_lines=1,
        max_length=NAME_LENGTH,
    )
    with gr.Column(elem_id="share-push") as push_box:
        may_use = gr.Checkbox(False, label=text("share_may_use"), elem_id="share-may-use")
        name = gr.Textbox(
            label=text("share_name"), info=text("share_name_info"), elem_id="share-name", max_lines=1, max_length=NAME_LENGTH
        )
        private = gr.Checkbox(False, label=text("share_private"), elem_id="share-private")
        token = gr.Textbox(
            label=text("share_token"), info=text("share_token_info"), type="password", elem_id="share-token", max_lines=1
        )
    return Fields(model, where, app_kind, file_kind, name, private, dataset, licence, may_use, token, push_box)
