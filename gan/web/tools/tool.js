// The contract of a tool. A tool is a module in this folder with `needs` and `make`, a line in table.js, and a
// stylesheet of the same name.

/**
 * @typedef {import("../painters/painter.js").Model} Model
 * @typedef {import("../painters/painter.js").Recipe} Recipe
 * @typedef {import("../painters/painter.js").Tile} Tile
 *
 * `needs` lists the painter's operations without which the tool is not shown. `make()` is called once the texts are
 * loaded.
 * @typedef {Object} Tool
 * @property {string} label
 * @property {string} [about] what it does with pictures, in a few words
 * @property {Object} defaults the first value of its slice of the state
 * @property {() => {controls: Node[], stage: Node | Node[]}} build
 * @property {(slice: Object, state: Object) => (Promise<void> | void)} update draw the state
 * @property {() => void} generate the action of the primary button and of the key G
 * @property {() => void} [random] the action of the key R
 * @property {(slice: Object) => string[]} [unheeded] the settings (psi, class, mix) without effect
 * @property {(model: Model) => string | null} [missing] why the model cannot be used with it
 * @property {(recipe: Recipe) => Object | null} [recall] the slice of the state for a picture that it made
 * @property {(tiles: Tile[], from: From, besides: Tile[]) => Object | null} [take] the state's change that opens it
 *   with tiles of the open model, and `took: {count, most}` where it may take fewer; `besides` are others of the grid
 *   in their class
 * @property {() => boolean} [mixed] whether it takes all starred pictures, of any class
 * @property {boolean} [compares] whether it can show the pictures of a second model next to its own
 * @property {boolean} [carries] false: a click on its tab brings no tiles along
 * @property {Use[]} [uses] other ways to use tiles in it
 * @property {boolean} [primaryAbove] false: the primary button is among the settings on a phone too
 * @property {Action[]} [actions] actions for chosen pictures
 *
 * @typedef {"chosen" | "held" | "stars" | "grid"} From the origin of tiles: the user brought them, chose them
 *   last, starred them, or they are visible
 * @typedef {{label: string, patch: (tiles: Tile[]) => Object, one?: boolean}} Use one: only a single tile
 *
 * @typedef {Object} Action
 * @property {string} label a key of the words
 * @property {string[]} [needs]
 * @property {(tiles: Tile[]) => void} run
 * @property {(tiles: Tile[]) => boolean} [hidden] whether to hide it now
 * @property {boolean} [first] whether it is at the beginning of the bar
 */
export {};
