"""The errors a user may see: each carries a code, its values, and one sentence that says what, what was found, what to do.

GanError
├── DataError        a zip or a picture that cannot be used
├── ConfigError      a recipe that makes no sense
├── CheckpointError  a model folder or snapshot that is damaged or foreign
├── RunError         a run that cannot be started, resumed or changed
├── ModelError       a model that cannot be found, or asked for what it has not
└── HubError         the Hugging Face Hub refused or cannot be reached
"""

from typing import Any

# One sentence a code. The page translates by code (ui/texts.py); a test checks that every code has its translation.
MESSAGES: dict[str, str] = {
    # data
    "zip_missing": "There is no file at {path}. Check the path and try again.",
    "zip_unreadable": "{path} cannot be read: {reason}. Check the disk and the permissions.",
    "zip_foreign": "{path} is no zip, or was cut off while it was copied: its end is missing. Make the zip again, or copy it "
    "again.",
    "zip_damaged": "The table of contents of {path} is damaged ({reason}). Make the zip again.",
    "zip_too_many": "{path} lists {found} files; at most {limit} are read. Split it, or leave out what is no picture.",
    "zip_index_too_large": "The table of contents of {path} takes {found} MB; at most {limit} MB are read. Make the zip again, "
    "with short names and no comments.",
    "zip_too_large": "{path} unpacks to {found} GB; at most {limit} GB are read. Make the pictures smaller or leave some out.",
    "zip_bomb": "{path} unpacks to {found} times its size, as only zip bombs do, so it was not read; pictures stay below "
    "{limit} times. Make the zip again from pictures alone.",
    "zip_overlapping": "{first} and {second} share bytes within {path}, as only zip bombs do, so it was not read. Make the zip "
    "again.",
    "too_few_pictures": "{path} holds {found} readable pictures; training needs at least {needed}. Add more, or check that the "
    "files are PNG, JPEG or WebP.",
    "too_few_of_many": "{path} holds {found} readable pictures; training needs at least {needed}. Skipped files: "
    "{skipped}; the most frequent reason: {reason} Add more pictures, or mend these.",
    "dataset_missing": "The prepared pictures {found} are not in {home}. Prepare the zip again.",
    "dataset_damaged": "The prepared pictures in {path} are damaged or of another version. Remove that folder and prepare the "
    "zip again.",
    "dataset_disk": "The prepared pictures need {needed} MB in {path}, and {free} MB are free. Make room there, or choose a "
    "smaller size or another home.",
    "dataset_not_written": "The prepared pictures could not be written to {path}: {reason}. Make room there, or choose another "
    "home.",
    # data: what is worth a warning
    "few_pictures": "{found} pictures are few: a model may copy them instead of learning from them. {advised} or more are "
    "better.",
    "many_classes": "{found} folders are too many for classes (at most {limit}), so the pictures are taken as one set without "
    "classes.",
    # data: why a file in a zip was skipped
    "skip_name": "Its name leads outside the zip.",
    "skip_encrypted": "It is protected with a password.",
    "skip_link": "It is a link or a special file.",
    "skip_archive": "It is an archive inside the zip.",
    "skip_compression": "It is compressed in a way that is not read; only stored and deflated files are.",
    "skip_too_large": "It takes more than {limit} MB.",
    "skip_empty": "It is empty.",
    "skip_format": "It is a {format} file; only PNG, JPEG and WebP are read.",
    "skip_no_picture": "It is no picture.",
    "skip_dimensions": "It is {width} × {height} pixels; a side has 1 to {limit}.",
    "skip_too_many_pixels": "It has more than {millions} million pixels.",
    "skip_damaged": "It is damaged in the zip.",
    "skip_broken": "It is broken: it cannot be decoded.",
    # images
    "picture_unreadable": "{path} is no PNG, or is broken. Choose a PNG file as it was downloaded.",
    "picture_too_large": "{path} takes more than {limit} MB. Choose a PNG file as it was downloaded.",
    "picture_not_read": "The picture cannot be read: it is no PNG, JPEG or WebP, or it is broken. Choose another one.",
    "picture_file_too_large": "The picture's file takes more than {limit} MB. Make it smaller, then try again.",
    "picture_too_many_pixels": "The picture has more than {millions} million pixels, or a side of more than {limit}. Make it "
    "smaller, then try again.",
    "picture_misfit": "The picture is {found}; this model draws {side} × {side} × {channels}. Fit it first.",
    "recipe_too_large": "The recipe in {path} takes {found} bytes; at most {limit} are read. Choose a PNG file as it was "
    "downloaded.",
    "recipe_unreadable": "The recipe in {path} is damaged. Choose a PNG file as it was downloaded.",
    "recipe_absent": "{path} carries no recipe: it was not made here, or its metadata was stripped on the way. Drop a PNG as "
    "it was downloaded.",
    "too_many_latents": "{path} holds {found} latents; at most {most} are shown at once. Split the file.",
    "recipe_invalid": "The recipe in {path} cannot be used: {where}: {problem}. Choose a PNG file as it was downloaded.",
    "recipe_version": "The recipe in {path} has version {found}; this version reads version {known}. Update to the version "
    "that made the picture.",
    "latents_foreign": "{path} is no .npz or .safetensors file of latents, or is damaged. Choose a file of latents as it was "
    "written.",
    "latents_key": "{path} holds {found}; a file of latents holds either z or w. Write them under one of these keys.",
    "latents_shape": "{path} holds {found}; latents are float32 of the shape (N, dim), or (N, layers, dim) for w, with at most "
    "{most} latents, {layers} layers and {dim} dimensions. Write them so.",
    "latents_too_large": "{path} takes more than {limit} MB. Choose a file with fewer latents.",
    "latents_not_finite": "{path} holds values that are no numbers. Write the latents again.",
    "latents_mixed": "Latents of z and of w, or of different models, do not go into one file. Write a file for each kind.",
    # config
    "config_field": "{field} is {found}; it must be {expected}.",
    "argument_invalid": "The argument {name} cannot be used: {problem}. See the documentation of this endpoint.",
    "config_invalid": "The recipe cannot be used: {where}: {problem}.",
    "device_absent": "The device {device} is not there; this machine has {present}. Choose one of them.",
    "parent_family": "The model {parent} is of the network family {found}; it cannot start a {family}. "
    "Leave the network out, or start from scratch.",
    "batch_multiple": "A batch of {batch} pictures does not suit the network {family}, whose discriminator looks at "
    "{multiple} at a time; choose a multiple of {multiple}.",
    "batch_not_shared": "A batch of {batch} pictures cannot be shared out over {processes} processes; "
    "choose a multiple of {multiple}.",
    "objective_needs_penalty": "The {objective} objective needs a gradient penalty, or its critic grows without bound. "
    "Choose the penalty wgan-gp or r1, or another objective.",
    "penalty_with_batch_norm": "The penalty {penalty} looks at each picture's own gradient, but batch norm in the discriminator "
    "mixes the pictures of a batch. Turn batch norm off in the discriminator, or choose the penalty none.",
    "adapting_with_batch_norm": "augment_target compares the scores of several batches, but batch norm in the discriminator "
    "makes a score depend on its batch. Turn batch norm off in the discriminator, or choose augment_strength instead.",
    # checkpoint
    "file_missing": "{path} is missing. Check that the folder is complete; copy or pull it again if it is not.",
    "file_not_plain": "{path} is a link or no plain file, and is not read. Put a copy of the file itself there.",
    "file_too_large": "{path} holds {found} bytes; at most {limit} are read. Pull or export it again.",
    "file_unreadable": "{path} cannot be read: {reason}. Check the disk and the permissions.",
    "file_not_written": "{path} could not be written: {reason}. Free some space or check the permissions, then try again.",
    "json_damaged": "{path} is damaged or no JSON object. Restore the file, or pull or export the folder again.",
    "model_config_invalid": "{path} does not describe a model that this version knows: {where}: {problem}. Pull or export it "
    "again; if another version made it, open it with that one, or train it again.",
    "format_unknown": "{path} has format {found}; this version reads format {known}. Update to the version that wrote it.",
    "weights_damaged": "{path} is truncated or no safetensors file. Pull or export the model again.",
    "tensor_missing": "{path} holds no tensor {name}, which config.json asks for. Pull or export the model again.",
    "tensor_unknown": "{path} holds the tensor {name}, which config.json knows nothing of. Pull or export the model again.",
    "tensor_wrong": "{path} holds the tensor {name} as {found}; config.json asks for {expected}. Pull or export the model again.",
    "weights_changed": "{path} is not the file that config.json was written for. Its replacement was cut short: "
    "resume the run that writes it, or pull or export the model again.",
    "directions_damaged": "{path} holds directions that cannot be used: {where}: {problem}. Remove that file, or pull the model "
    "again.",
    "snapshot_damaged": "The snapshot {path} is incomplete or damaged ({file}). Go on from an earlier one.",
    # trainer
    "training_crashed": "Training ended on an unforeseen error: {reason}. What was learnt until the last snapshot is kept; "
    "the details are in {log}. Resume the run to go on from there.",
    "diverged": "The training of {name} broke down: its losses stopped being finite, and {times} returns to an earlier snapshot "
    "with a lower learning rate did not help. Start again with a lower learning rate or a stronger penalty.",
    "snapshots_damaged": "None of the {count} snapshots of {name} can be read, so there is nothing to go on from: {reason} "
    "Its model and samples are untouched; train a new run from its model.",
    "out_of_memory": "The device has not enough memory for pictures of {resolution} pixels, even a few at a time. "
    "Choose a smaller size or a smaller preset than this batch of {batch} came from.",
    # run
    "run_name_invalid": "{name} cannot name a run. Use up to 64 letters, digits, dots, dashes and underscores; "
    "the first must be a letter or a digit.",
    "run_name_reserved": "{name} is a name that Windows keeps for itself or cannot hold. Choose another name.",
    "run_exists": "There is already a run {name}. Choose another name, or resume that run.",
    "run_unknown": "There is no run {name} in {home}. Check the name, or give the home folder that holds it.",
    "run_held": "The run {name} is training already. Stop it first, or wait until it ends.",
    "run_waiting": "The run {name} is waiting in the queue already. It starts when the runs before it have ended.",
    "run_not_running": "The run {name} is not training (it is {state}), so it cannot be asked to {request}.",
    "run_done": "The run {name} is done. To train it further, give a larger number of pictures or more minutes.",
    "run_died": "The training ended without a word; its log ends with: {tail}",
    "run_not_started": "The training of {name} could not be started: {reason}. Check the Python environment, then resume it.",
    "home_unusable": "{home} cannot be used as the home folder: {reason}. Choose a folder that can be written to.",
    "queue_busy": "{path} has been locked by another process for {seconds} seconds. Try again; if it stays so, end that process.",
    # model
    "model_not_found": "There is no model {model}: not a folder, a run, a kept model or a starter. Here are {known}. A model "
    "on the Hugging Face Hub is named user/repo.",
    "run_without_model": "The run {run} has no model yet. Wait until its first pictures have appeared, or resume it.",
    "class_unknown": "{model} knows no class {found}. Choose one of {known}.",
    "model_without_classes": "{model} was grown without classes, so it cannot make {found}. Leave the class out.",
    "seeds_unreadable": "{found} is not a list of seeds. Write numbers and ranges from low to high, like 0-15,42.",
    "seed_out_of_range": "{found} is not a seed. Seeds are whole numbers from 0 to {highest}.",
    "too_many_seeds": "{found} seeds are too many at once. Ask for at most {most}.",
    "too_many_for_page": "{found} pictures are more than a page can show well. Ask for at most {most}, or go to Many.",
    "mix_too_large": "{found} pictures along one side are more than the table holds. Ask for at most {most} a side.",
    "mix_empty": "One side of the table has no picture. Write a seed there, or choose a kept picture.",
    "too_many_for_call": "{found} pictures are too many for one call. Make them on the command line "
    "(python -m gan generate --count), or ask for at most {most} at a time.",
    "one_seed": "{found} seeds are given, and one picture is pushed at a time. Write one seed.",
    "too_many_pushes": "{found} directions push this picture; at most {most} can. Set some to 0.",
    "directions_starter": "{model} came with Seedbed and stays as it is, so names are kept in this browser alone. To keep them "
    "with a model, train one of your own from it.",
    "psi_out_of_range": "psi is {found}; it must be between -{most} and {most}. 0.7 is a good value, 1 gives the full variety.",
    "latents_misshapen": "The latents have the shape {found}; this model needs (pictures, {z_dim}).",
    "latent_classes_missing": "{count} latents need one class each for a model with classes, and none for a model without; "
    "this one has {classes} classes.",
    "film_too_long": "{found} frames are more than a film may have. Ask for at most {most}: {seconds} seconds at this rate.",
    "create_busy": "{most} longer tasks are waiting already. Try again when some of them have ended.",
    "task_unknown": "This task is not known any more. Start it again.",
    "task_crashed": "Something unforeseen happened: {reason}. Nothing made before is lost; try again with other settings.",
    "recipe_foreign": "The recipe belongs to other weights, those of {wanted}; the model here is {found}. "
    "Choose {wanted}, or train or pull it first.",
    "latent_foreign": "The latent is {found}; {model} needs {wanted}. Use a latent that was made with this model.",
    "latent_class_missing": "A latent chooses no class, and {model} has several. Name one of {known}.",
    "layer_unknown": "{model} has {layers} layers, numbered from 0. Name some of them, or coarse, middle, fine or all.",
    "direction_foreign": "The direction {name} was found on other weights than those of {model}. Take it over to these weights, "
    "or find new ones.",
    "direction_name": "{found} cannot name a direction. Use 1 to {most} characters, with no space at either end.",
    "direction_twice": "Two directions are called {name}. Give one of them another name.",
    "directions_too_many": "{found} directions are too many to keep with one model; at most {most} are. Remove some first.",
    "directions_none": "{model} is of the family {family}, of whose first layer nothing is known, so no directions can be found "
    "in it. Choose a model of another family.",
    "needs_w": "{model} is of the family {family}, which has no intermediate latent w: styles and classes cannot be mixed there. "
    "Choose a model of the family style.",
    "way_without_w": "{model} is of the family {family}, which has no intermediate latent w. Walk through z instead.",
    "way_without_z": "Picture {number} has no place of its own in z: it is mixed, pushed along a direction, or a latent of w. "
    "Walk through w, or choose another picture.",
    "way_over_classes": "The pictures are of the classes {found}, and a walk through z keeps to one. Give them all one class, or "
    "walk through w where the model has one.",
    "way_over_class_mixes": "The pictures mix classes differently, and a walk through z keeps to one mix. Give them all the "
    "same, or walk through w.",
    "bulk_too_many": "{found} pictures are more than a page makes at once; at most {most} are. Make them on the command line "
    "(python -m gan generate --count), or ask for fewer.",
    "bulk_no_training_set": "The pictures that {model} was trained on are not on this machine, so copies of them cannot be told. "
    "Leave the filter out.",
    "mcp_missing": "Tools for MCP need the package mcp, which is not installed. Run pip install 'gradio[mcp]>=6.31,<7', "
    "then start again.",
    "bulk_other_order": "{path} holds pictures of another order: another model, psi, class or first seed. Choose another folder, "
    "or repeat that order.",
    "bulk_exists": "{path} is there already and is not what this order makes. Choose another name, or remove it.",
    "bulk_busy": "{path} is being filled by another process. Wait until it ends, or choose another name.",
    "bulk_copies": "{dropped} pictures of {model} were as near to training pictures as copies, and only {kept} were not, so it "
    "was given up. Train longer or on more pictures, or keep the copies.",
    # metrics
    "inception_absent": "FID and KID need the package torch-fidelity, which is not installed. Install it with: "
    "pip install 'torch-fidelity>=0.4,<0.5'; or leave them out.",
    "inception_not_fetched": "The weights of Inception cannot be fetched from {url}: {reason}. Try again online, put the file at "
    "{path} by hand, or leave FID and KID out.",
    "inception_changed": "{path} is not the file of Inception weights that is known: its SHA-256 is {found}, not {expected}. "
    "Delete it and fetch it again.",
    # hub
    "hub_name_invalid": "{repo} is not a name the Hugging Face Hub can have. Write user/repo, with letters, digits, dots, "
    "hyphens and underscores.",
    "hub_offline": "The Hugging Face Hub was not asked for {repo}, because HF_HUB_OFFLINE is set. Unset it, or use a model "
    "that is already here.",
    "hub_unreachable": "The Hugging Face Hub at {endpoint} cannot be reached. Check the network and try again; models "
    "already pulled work without it.",
    "hub_timeout": "The Hugging Face Hub at {endpoint} did not answer in time. Try again later; models already pulled work "
    "without it.",
    "hub_token_missing": "Pushing needs a Hugging Face token, and none was found. Make one that may write at "
    "https://huggingface.co/settings/tokens, then run: hf auth login",
    "hub_token_refused": "The Hugging Face Hub refused the token. Make a new one at https://huggingface.co/settings/tokens, "
    "then run: hf auth login",
    "hub_forbidden": "The token may not do this with {repo}. Use a name of your own, or a token that may write there.",
    "hub_gated": "{repo} is gated: its owner grants access by hand. Ask for it at {endpoint}/{repo}, then pull with a token "
    "of that account.",
    "hub_repo_missing": "The Hugging Face Hub shows no model {repo}. Check the spelling; if it is private, log in with: hf "
    "auth login",
    "hub_revision_missing": "{repo} has no revision {revision}. Leave it out for the newest, or give a branch, a tag or a "
    "commit.",
    "hub_stale": "{repo} was changed by somebody else in the same moment, so nothing was pushed. Look at the change, then "
    "push again.",
    "hub_busy": "The Hugging Face Hub asks for a pause: too many requests. Try again in a few minutes.",
    "hub_server": "The Hugging Face Hub has a problem of its own (status {status}). Try again later.",
    "hub_broken_off": "The transfer of {repo} broke off: {reason}. Check the network and the disk, then try again.",
    "hub_refused": "The Hugging Face Hub refused {repo}: {reason}.",
    "hub_not_a_model": "{repo} is not a Seedbed model: {file} is missing. Choose a repository with the tag seedbed.",
    "hub_file_too_large": "{file} of {repo} has {found} MB; a model of this kind has at most {most} MB. It was not pulled.",
    "hub_preview_unusable": "preview.png of {repo} is no usable PNG. It was not pulled; tell its owner.",
    "hub_is_public": "{repo} is public already, and you asked for a private push. Push with --public, or choose another name.",
    "hub_disk": "The model {repo} cannot be kept in {folder}: {reason}. Make room there, or choose another home.",
}


class GanError(Exception):
    """Base of all errors meant for users.

    `code` is a key of MESSAGES and `values` fill its placeholders, so that a page can say the same in another language.
    """

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(MESSAGES[code].format(**values))


class DataError(GanError):
    """A zip or a picture cannot be used."""


class ConfigError(GanError):
    """A recipe makes no sense, or a field is out of its bounds."""


class CheckpointError(GanError):
    """A model folder or a snapshot is damaged, foreign or of another format."""


class RunError(GanError):
    """A run cannot be started, resumed or changed."""


class ModelError(GanError):
    """A model cannot be found, or was asked for something it does not have."""


class MetricError(GanError):
    """A metric cannot be measured with what is here."""


class HubError(GanError):
    """The Hugging Face Hub refused, or cannot be reached."""
