// Draws the mixing table: wells along two sides, to which pictures are dragged, and a mixture in every cell.
import { h, iconButton } from "../core/dom.js";
import { draggable, takesTiles } from "../core/drag.js";
import { icon } from "../core/icons.js";
import { caption } from "../core/recipes.js";
import { choosable, selection } from "../core/selection.js";
import { session } from "../core/session.js";
import { chooseLabel, tileElement } from "../core/tiles.js";
import { word } from "../core/words.js";

const SIDES = {
  rows: { role: "rowheader", add: "create_mix_add_row" },
  columns: { role: "columnheader", add: "create_mix_add_column" },
};

/**
 * @param most lines along a side
 * @param does add(side, tiles or null), replace(side, index, tiles), remove(side, index)
 */
export const makeMixTable = (most, does) => {
  const named = { role: "table", "aria-label": word("create_mix_table") };
  const root = h("div", { class: "wall mix-table", id: "mix-table", ...named });
  choosable(root);
  draggable(root);

  const header = (side, tile, index, count) => {
    const figure = tileElement(tile);
    figure.setAttribute("role", SIDES[side].role);
    takesTiles(figure, (tiles) => does.replace(side, index, tiles));
    const label = word("create_clear", { what: caption(tile.recipe) });
    const remove = () => does.remove(side, index);
    if (count > 1) figure.append(iconButton("close", label, remove, { class: "on-tile mix-remove" }));
    return figure;
  };
  const well = (side) => {
    const label = word(SIDES[side].add);
    const add = { type: "button", class: "mix-well", title: label, "aria-label": label, html: icon("plus") };
    const element = h("button", { ...add, onclick: () => does.add(side, null) });
    takesTiles(element, (tiles) => does.add(side, tiles));
    return h("div", { role: "cell", class: `mix-end is-${side}` }, element);
  };
  const cell = (tile, row, column) => {
    const figure = tileElement(tile, { plain: true });
    const values = { row: caption(row.recipe), column: caption(column.recipe), model: session.model.name };
    const label = word("create_mix_cell", values);
    figure.setAttribute("role", "cell");
    figure.querySelector("img").alt = label;
    figure.querySelector("button").setAttribute("aria-label", chooseLabel(label));
    return figure;
  };
  const line = (...cells) => h("div", { role: "row", class: "mix-row" }, cells.flat());
  const all = () => [...root.querySelectorAll("figure.tile")];

  return {
    root,
    /** @param count how many lines a side has: {rows, columns} as the painter answered */
    show({ rows, columns, cells }) {
      const chosen = all().indexOf(selection.figure);
      root.style.setProperty("--lines", columns.length);
      root.style.setProperty("--rows", rows.length);
      root.removeAttribute("aria-busy");
      const corner = h("div", { class: "mix-corner", role: "cell" });
      const top = columns.map((tile, at) => header("columns", tile, at, columns.length));
      const body = rows.map((tile, row) =>
        line(
          header("rows", tile, row, rows.length),
          cells[row].map((mixed, column) => cell(mixed, tile, columns[column])),
          h("div", { role: "cell", class: "mix-corner" }),
        ),
      );
      const columnEnd = columns.length < most ? well("columns") : h("div", { role: "cell", class: "mix-corner" });
      const rowEnd = rows.length < most ? [line(well("rows"))] : [];
      root.replaceChildren(line(corner, top, columnEnd), ...body, ...rowEnd);
      if (chosen >= 0) selection.put([all()[chosen] ?? null]);
    },
    count: (side) => root.querySelectorAll(`[role=${SIDES[side].role}]`).length,
  };
};
