// The tools, in the order of their tabs.
import * as breed from "./breed.js";
import * as bulk from "./bulk.js";
import * as directions from "./directions.js";
import * as explore from "./explore.js";
import * as mix from "./mix.js";
import * as morph from "./morph.js";
import * as pictures from "./pictures.js";
import * as project from "./project.js";

export const TOOLS = { pictures, explore, morph, mix, breed, directions, project, bulk };
