"""The table of the calls that the browser may make. Each tool has its entries in this table.

Only the owner may make calls that write into the home, use a login or show training pictures.
"""

from gan.playing import breed, bulk, directions, enlarge, explore, layers, likeness, mix, morph, pictures, project, recall
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
    "look": Answering("visitor", pictures.LookCall, pictures.look),
    "pictures": Answering("visitor", pictures.PicturesCall, pictures.pictures),
    "recipes": Answering("visitor", pictures.RecipesCall, pictures.recipes),
    "variations": Answering("visitor", pictures.VariationsCall, pictures.variations),
    "enlarge": Answering("visitor", enlarge.EnlargeCall, enlarge.enlarge),
    "layers": Answering("visitor", layers.LayersCall, layers.effects),
    "mix": Answering("visitor", mix.MixCall, mix.mix),
    "directions": Answering("visitor", directions.FoundCall, directions.found),
    "push": Answering("visitor", directions.PushCall, directions.push),
    "strips": Answering("visitor", directions.StripsCall, directions.strips),
    "save_directions": Answering("owner", directions.SaveCall, directions.save),
    "take_over_direction": Answering("owner", directions.AdoptCall, directions.take_over),
    "breed": Answering("visitor", breed.BreedCall, breed.children),
    "explore": Answering("visitor", explore.ExploreCall, explore.at_point),
    "seeds_around": Answering("visitor", explore.SeedsAroundCall, explore.seeds_around),
    "stops": Answering("visitor", morph.StopsCall, morph.stops),
    "between": Answering("visitor", morph.BetweenCall, morph.on_the_way),
    "preview": Answering("visitor", morph.PreviewCall, morph.preview),
    "film": Answering("visitor", morph.FilmCall, morph.film),
    "bulk_look": Answering("visitor", bulk.BulkCall, bulk.look),
    "bulk": Answering("visitor", bulk.BulkCall, bulk.start),
    "nearest_training": Answering("owner", likeness.LikenessCall, likeness.nearest_training),
    "fit_picture": Answering("visitor", project.FitCall, project.fit),
    "project": Answering("visitor", project.ProjectCall, project.start),
    "project_typical": Answering("visitor", project.TypicalCall, project.start_typical),
    "task": Answering("visitor", TaskCall, _task),
    "stop_task": Answering("visitor", TaskCall, _stop_task),
    "task_file": Answering("visitor", ContentCall, _task_file),
    "recall": Answering("visitor", recall.FileCall, recall.recall),
    "recall_recipe": Answering("visitor", recall.RecipeCall, recall.recall_recipe),
    "get_model": Answering("owner", recall.GetModelCall, recall.get_model),
    "may_add_model": Answering("owner", recall.MayAddCall, recall.may_add_model),
    "add_model": Answering("owner", recall.AddModelCall, recall.add_dropped_model),
    "load_latents": Answering("visitor", recall.LoadLatentsCall, recall.load_latents),
    "save_latents": Answering("visitor", recall.SaveLatentsCall, recall.save_latents),
}
