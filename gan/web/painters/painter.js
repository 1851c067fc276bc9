// The interface of painters, which draw the instrument's pictures. The server is one painter (server.js); a network
// that runs in the browser is another (onnx.js).
//
// A painter is an object of async operations. Each takes one object and returns one, both plain JSON. An operation
// throws Refused, with a sentence in the visitor's language, for a request that it refuses; any other error means that
// the painter cannot be reached. Every painter has the four required operations. All others are optional: a tool lists
// those that it needs, and is hidden where one is missing. A model's capabilities tell which operations suit the model.

/**
 * A picture's recipe, which its PNG holds in the text chunk `seedbed` (gan/recipes.py).
 * @typedef {Object} Recipe
 * @property {1} version
 * @property {{name: string, repo?: string, revision?: string, weights_sha256: string}} model
 * @property {number} [seed] either a seed or a latent
 * @property {{space: string, shape: number[], float32: string}} [latent]
 * @property {number} psi
 * @property {string} [class]
 * @property {{class: string, amount: number}} [class_mix]
 * @property {{with: Object, layers: number[]}} [mix]
 * @property {Push[]} [directions]
 * @property {{tool: string, parents: Object[], settings: Object<string, number>}} [lineage]
 */

/**
 * @typedef {{name: string, vector: Object, strength: number, layers: number[] | null}} Push a step along a direction
 * @typedef {{src: string, recipe: Recipe}} Tile src: a lossless PNG that carries the recipe, as a data: or blob: URL
 * @typedef {{tiles: Tile[]}} Tiles
 * @typedef {{id: string}} Started a task that has begun; `task` returns its state
 */

/**
 * The settings that all tools share, and the model they are for.
 * @typedef {Object} Taste
 * @property {string} model a key
 * @property {number} [psi]
 * @property {string} [class] "" is any
 * @property {string} [mix_with] another class; "" for no mixture
 * @property {number} [mix_amount]
 */

/**
 * The facts about a model that the tools use. No tool compares the names of its family or of its latent spaces.
 * @typedef {Object} Model
 * @property {string} key
 * @property {string} name
 * @property {string} weights sha256; cached pictures of other weights are invalid
 * @property {string} family its name, used in sentences only
 * @property {number} resolution pixels a side
 * @property {string[]} classes [] for an unconditional model
 * @property {number} z_dim the number of normal random numbers in a z
 * @property {number} layers the number of layers with a latent of their own
 * @property {Object<string, number[]>} groups the layers by what they shape: coarse, middle, fine
 * @property {Capabilities} capabilities
 *
 * @typedef {Object} Capabilities
 * @property {boolean} mixes_layers a picture can take some layers from another
 * @property {boolean} mixes_classes a picture can be between two classes
 * @property {boolean} [knows_training_set] its training pictures are on the painter's machine
 */

/**
 * Required operations.
 * @typedef {Object} RequiredOperations
 * @property {(key: string | null) => Promise<Description>} describe all models, and the details of one: that of
 *   `key`, else the first that can be opened; `trouble` says why it is not the requested one
 * @property {(asked: Taste & {seeds: string}) => Promise<Tiles & {seeds: number[]}>} pictures of seeds as users type
 *   them: "0-7, 12"
 * @property {(asked: {model: string, recipes: Recipe[]}) => Promise<Tiles>} draw recipes
 * @property {(asked: {z_dim: number, classes: string[], seeds: number[]}) => Promise<{latents: Latent[]}>} the
 *   latents of seeds
 *
 * @typedef {{models: {key: string, label: string}[], model: Model | null, trouble?: string}} Description
 * @typedef {{seed: number, z: Float32Array, class: string | null}} Latent
 */

/**
 * Optional operations. A request of type Object holds a model's key and the fields that its comment names.
 * @typedef {Object} OptionalOperations
 * @property {(asked: {model: string, recipe: Recipe, distance: number, seed: number}) => Promise<Tiles>} [variations]
 *   the picture itself, then seven near it
 * @property {(asked: Taste & {x: number, y: number}) => Promise<Tiles>} [explore] a point of the plane of seeds
 * @property {(asked: Taste & {places: number[][]}) => Promise<{seeds: number[], small: string[]}>} [seedsAround]
 * @property {(asked: {model: string, recipes: Recipe[], scale: 2 | 4 | 8}) => Promise<Tiles>} [enlarge] larger PNGs
 * @property {(asked: {model: string}) => Promise<{groups: Object<string, Object<string, number>>}>} [layerEffects]
 *   what each group of layers changes: shares of shape, colour and detail
 * @property {(asked: Taste & {rows: Side, columns: Side, layers: number[]}) => Promise<Table>} [mix]
 * @property {(asked: Taste & {generations: Object[]}) => Promise<Tiles>} [breed] the children of the last generation
 * @property {(asked: Taste & {seeds?: string, stops?: (number | Recipe)[]}) => Promise<Stops>} [stops] of a walk
 * @property {(asked: {model: string, a: Recipe, b: Recipe, t: number, space: string}) => Promise<Tiles>} [between]
 * @property {(asked: Object) => Promise<{frames: string[], start: number}>} [preview] some frames of a walk, small:
 *   recipes, space, closed, easing, frames in all, start
 * @property {(asked: Object) => Promise<Started>} [film] a walk's fields, fps, seconds a leg, kind, scale
 * @property {(asked: {model: string, count: number}) => Promise<Directions>} [directions]
 * @property {(asked: Taste & {seed?: string, recipe?: Recipe, pushes: Push[]}) => Promise<Tiles>} [push]
 * @property {(asked: Object) => Promise<Strips>} [strips] as push
 * @property {(asked: {model: string, changes: Object[]}) => Promise<{saved: Object[]}>} [saveDirections]
 * @property {(asked: {model: string, name: string}) => Promise<{saved: Object[]}>} [takeOverDirection]
 * @property {(asked: Object) => Promise<BulkOrder>} [bulkLook] count, first_seed, psi, class, per_class, drop_copies
 * @property {(asked: Object) => Promise<Started>} [bulk]
 * @property {(asked: {model: string, recipe: Recipe}) => Promise<Likeness>} [nearestTraining]
 * @property {(asked: {model: string, name: string, content: string}) => Promise<{src: string, id: string}>}
 *   [fitPicture] turns a photograph, as base64, into the picture that the model will rebuild
 * @property {(asked: Object) => Promise<Started>} [project] name, content, class
 * @property {(asked: {model: string}) => Promise<Started>} [projectTypical] the error of the model's own pictures
 * @property {(asked: {id: string}) => Promise<Task>} [task]
 * @property {(asked: {id: string}) => Promise<{}>} [stopTask]
 * @property {(asked: {id: string, offset: number}) => Promise<{content: string, size: number}>} [taskFile] base64
 * @property {(asked: {name: string, content: string}) => Promise<Found>} [recallFile] the recipe in a PNG
 * @property {(asked: {recipe: Recipe}) => Promise<Found>} [recallRecipe]
 * @property {(asked: {repo: string, revision: string | null}) => Promise<{key: string}>} [getModel]
 * @property {(zip: File) => Promise<{key: string, name: string}>} [addModel] keeps the model of a zip
 * @property {(asked: {model: string, recipes: Recipe[], kind: string}) => Promise<{content: string}>} [saveLatents]
 * @property {(asked: Taste & {name: string, content: string}) => Promise<{recipes: Recipe[]}>} [loadLatents]
 *
 * @typedef {{seeds: string, pictures: Recipe[]}} Side
 * @typedef {Tiles & {rows: Tile[], columns: Tile[], cells: Tile[][]}} Table
 * @typedef {Tiles & {spaces: Object<string, string | null>}} Stops for each latent space, the best first, the
 *   reason why no way leads through it, or null
 * @typedef {{weights: Object[], samples: Object[], saved: Object[], refusal: string | null}} Directions
 * @typedef {{base: string, strips: string[][], tendencies?: {what: string, rises: boolean}[][]}} Strips each at -2, -1,
 *   1 and 2, and the properties that change visibly from -2 to 2
 * @typedef {{src: string, distance: number, near: boolean}} Original near: nearer than 95 % of new pictures are
 * @typedef {{pixels: Original, features: Original, pictures: number, name: string}} Likeness the nearest of the
 *   training pictures, by pixels and by features
 * @typedef {Tiles & {total: number, most: number, training: Object | null}} BulkOrder
 * @typedef {{state: string, done: number, total: number, news: Object, result?: Object}} Task
 * @typedef {{recipe: Recipe, model?: string, missing?: string, repo?: string, revision?: string}} Found the key of the
 *   model, or a sentence on the missing model and where to get it
 *
 * @typedef {RequiredOperations & OptionalOperations} Painter
 */

export const REQUIRED = ["describe", "pictures", "draw", "latents"];

/** Thrown for a request that a painter refuses, with a sentence for the visitor. */
export class Refused extends Error {
  constructor(sentence, code = null) {
    super(sentence);
    this.code = code;
  }
}
