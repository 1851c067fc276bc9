"""The table of what the browser may ask for: a tool adds its lines here."""

from gan.ui.create import breed, explore, mix, pictures, recall
from gan.ui.create.studio import Answer, Answering, Studio
from gan.ui.create.tasks import ContentCall, TaskCall, content, told
from gan.ui.language import Language


def _task(studio: Studio, call: TaskCall, language: Language) -> Answer:
    return told(studio.tasks.get(call.id))


def _stop_task(studio: Studio, call: TaskCall, language: Language) -> Answer:
    studio.tasks.get(call.id).stop()
    return {}


def _task_file(studio: Studio, call: ContentCall, language: Language) -> Answer:
    return content(studio.tasks.get(call.id), call.offset)


CALLS: dict[str, Answering] = {
    "look": Answering(pictures.LookCall, pictures.look),
    "pictures": Answering(pictures.PicturesCall, pictures.pictures),
    "recipes": Answering(pictures.RecipesCall, pictures.recipes),
    "variations": Answering(pictures.VariationsCall, pictures.variations),
    "mix": Answering(mix.MixCall, mix.mix),
    "breed": Answering(breed.BreedCall, breed.children),
    "explore": Answering(explore.ExploreCall, explore.at_point),
    "seeds_around": Answering(explore.SeedsAroundCall, explore.seeds_around),
    "task": Answering(TaskCall, _task),
    "stop_task": Answering(TaskCall, _stop_task),
    "task_file": Answering(ContentCall, _task_file),
    "recall": Answering(recall.FileCall, recall.recall),
    "get_model": Answering(recall.GetModelCall, recall.get_model),
    "load_latents": Answering(recall.LoadLatentsCall, recall.load_latents),
    "save_latents": Answering(recall.SaveLatentsCall, recall.save_latents),
}
