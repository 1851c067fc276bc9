"""The table of the calls that the browser may make: a tool adds its entries here."""

from gan.playing import breed, bulk, directions, explore, mix, morph, pictures, project, recall
from gan.playing.studio import Answer, Answering, Studio
from gan.playing.tasks import ContentCall, TaskCall, content, status_of
from gan.words import Language


def _task(studio: Studio, call: TaskCall, language: Language) -> Answer:
    return status_of(studio.tasks.get(call.id))


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
    "directions": Answering(directions.FoundCall, directions.found),
    "push": Answering(directions.PushCall, directions.push),
    "strips": Answering(directions.StripsCall, directions.strips),
    "save_directions": Answering(directions.SaveCall, directions.save),
    "take_over_direction": Answering(directions.AdoptCall, directions.take_over),
    "breed": Answering(breed.BreedCall, breed.children),
    "explore": Answering(explore.ExploreCall, explore.at_point),
    "seeds_around": Answering(explore.SeedsAroundCall, explore.seeds_around),
    "stops": Answering(morph.StopsCall, morph.stops),
    "between": Answering(morph.BetweenCall, morph.on_the_way),
    "preview": Answering(morph.PreviewCall, morph.preview),
    "film": Answering(morph.FilmCall, morph.film),
    "bulk_look": Answering(bulk.BulkCall, bulk.look),
    "bulk": Answering(bulk.BulkCall, bulk.start),
    "fit_picture": Answering(project.FitCall, project.fit),
    "project": Answering(project.ProjectCall, project.start),
    "project_typical": Answering(project.TypicalCall, project.start_typical),
    "task": Answering(TaskCall, _task),
    "stop_task": Answering(TaskCall, _stop_task),
    "task_file": Answering(ContentCall, _task_file),
    "recall": Answering(recall.FileCall, recall.recall),
    "recall_recipe": Answering(recall.RecipeCall, recall.recall_recipe),
    "get_model": Answering(recall.GetModelCall, recall.get_model),
    "load_latents": Answering(recall.LoadLatentsCall, recall.load_latents),
    "save_latents": Answering(recall.SaveLatentsCall, recall.save_latents),
}
