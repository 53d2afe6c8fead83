// A matrix as a heatmap. Its numbers stand in the cells where they fit; elsewhere colours follow the square
// root, and a dot marks the largest entry of each row, as in the static figures.

import { svg } from "./elements.js";
import { widest } from "./graph.js";

// The colours of the static figures' matrices, dark for 0 and bright for 1.
export const CIVIDIS =
  "#00224e #123570 #3b496c #575d6d #707173 #8a8678 #a59c74 #c3b369 #e1cc55 #fee838".split(" ");
const TOP = 22; // pixels of the title

function shade(part) {
  const place = Math.min(Math.max(part, 0), 1) * (CIVIDIS.length - 1);
  const index = Math.min(Math.floor(place), CIVIDIS.length - 2);
  return `color-mix(in srgb, ${CIVIDIS[index + 1]} ${100 * (place - index)}%, ${CIVIDIS[index]})`;
}

export class Matrix {
  // `named` writes the tokens beside the rows; `choices` are what the pointer works on, where it does.
  constructor(tokens, { named, choices }) {
    const count = tokens.length;
    const label = widest(tokens, 6.6, 8);
    this.count = count;
    this.cell = count <= 3 ? 44 : count <= 8 ? 34 : Math.max(9, Math.floor(216 / count));
    this.numbered = this.cell >= 34;
    this.left = named ? label : 4;
    const size = count * this.cell;
    const [width, height] = [this.left + size + 6, TOP + size + label * 0.72 + 8];
    this.title = svg("text", { class: "title", x: this.left, y: 14 });
    this.cells = svg("g");
    this.marks = svg("g", { class: "marks" });
    const attributes = { class: "matrix", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" };
    const names = this.namesOf(tokens, named, TOP + size + 8);
    this.element = svg("svg", attributes, this.title, this.cells, names, this.marks);
    if (choices) this.listen(choices);
  }

  namesOf(tokens, named, bottom) {
    const name = (token, x, y, transform) =>
      svg("text", { class: "small", x, y, "text-anchor": "end", transform }, token);
    const texts = tokens.flatMap((token, index) => {
      const middle = (index + 0.5) * this.cell;
      const x = this.left + middle + 3;
      const below = name(token, x, bottom, `rotate(-45 ${x} ${bottom})`);
      return named ? [name(token, this.left - 4, TOP + middle + 3.5), below] : [below];
    });
    return svg("g", { style: `--small:${Math.min(11, Math.max(7, this.cell - 1))}px` }, ...texts);
  }

  // The cell of the pointer is pointed at, and chosen by a click: its row is a query, its column a source.
  listen(choices) {
    const cellAt = ({ clientX, clientY }) => {
      const box = this.cells.getBoundingClientRect();
      const query = Math.floor(((clientY - box.top) / box.height) * this.count);
      const source = Math.floor(((clientX - box.left) / box.width) * this.count);
      const inside = Math.min(query, source) >= 0 && Math.max(query, source) < this.count;
      return inside ? { query, source } : null;
    };
    let under = "null";
    this.cells.addEventListener("pointermove", (event) => {
      const cell = event.pointerType === "touch" ? null : cellAt(event);
      if (cell && JSON.stringify(cell) !== under) choices.point(cell);
      under = JSON.stringify(cell);
    });
    this.cells.addEventListener("pointerleave", () => {
      under = "null";
      choices.point({});
    });
    this.cells.addEventListener("click", (event) => {
      const cell = cellAt(event);
      if (cell) choices.choose(cell);
    });
    this.cells.style.cursor = "pointer";
  }

  // `most` is the value of the brightest colour; `outlines` are `[row, column, rows, columns]`.
  update(title, values, most, outlines) {
    const { cell, left } = this;
    this.title.textContent = title;
    this.element.setAttribute("aria-label", `Matrix ${title}`);
    this.cells.replaceChildren(...values.flatMap((row, index) => this.rowOf(row, index, most)));
    const marks = outlines.map(([row, column, rows, columns]) => {
      const place = { x: left + column * cell - 0.5, y: TOP + row * cell - 0.5 };
      return svg("rect", { ...place, width: columns * cell + 1, height: rows * cell + 1 });
    });
    this.marks.replaceChildren(...marks);
  }

  rowOf(values, row, most) {
    const { cell, left, numbered } = this;
    const largest = values.indexOf(Math.max(...values));
    const y = TOP + row * cell;
    return values.flatMap((value, column) => {
      const part = numbered ? value / most : Math.sqrt(value / most);
      const fill = part > 0.55 ? "#111" : "#fff";
      const x = left + column * cell;
      const [cx, cy] = [x + cell / 2, y + cell / 2];
      const square = svg("rect", { x, y, width: cell + 0.4, height: cell + 0.4, fill: shade(part) });
      if (numbered) {
        const place = { class: "entry", x: cx, y: cy + 4, style: `fill:${fill}` };
        return [square, svg("text", place, value.toFixed(2))];
      }
      return column === largest ? [square, svg("circle", { cx, cy, r: cell / 6, fill })] : [square];
    });
  }
}
