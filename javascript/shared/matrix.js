// A matrix as a heatmap. Its numbers stand in the cells where they fit; elsewhere colours follow the square
// root, and a dot marks the largest entry of each row, as in the static figures.

import { svg } from "./elements.js";
import { widest } from "./graph.js";

// The colours of the static figures' matrices, dark for 0 and bright for 1.
export const CIVIDIS =
  "#00224e #123570 #3b496c #575d6d #707173 #8a8678 #a59c74 #c3b369 #e1cc55 #fee838".split(" ");
const TOP = 22; // pixels of the title

// 256 of them: a browser reads these several times quicker than the mixtures that they come from.
const SHADES = Array.from({ length: 256 }, (_, index) => {
  const place = (index / 255) * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const [low, high] = [CIVIDIS[below], CIVIDIS[below + 1]].map((colour) =>
    [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)),
  );
  return `rgb(${low.map((value, channel) => Math.round(value + (place - below) * (high[channel] - value)))})`;
});

const shade = (part) => SHADES[Math.round(255 * Math.min(Math.max(part, 0), 1))];

export class Matrix {
  // `named` writes the tokens beside the rows; `choices` are what the pointer works on, where it does; `room`
  // is how many pixels the cells take where there are many.
  constructor(tokens, { named, choices, room = 216 }) {
    const count = tokens.length;
    const label = widest(tokens, 6.6, 8);
    this.count = count;
    this.cell = count <= 3 ? 44 : count <= 8 ? 34 : Math.max(9, Math.floor(room / count));
    this.numbered = this.cell >= 34;
    this.left = named ? label : 4;
    const size = count * this.cell;
    const [width, height] = [this.left + size + 6, TOP + size + label * 0.72 + 8];
    this.title = svg("text", { class: "title", x: this.left, y: 14 });
    this.cells = svg("g");
    this.rows = tokens.map((_, row) => this.rowOf(row));
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
    if (this.values !== values || this.most !== most) {
      for (const [row, line] of values.entries()) this.fill(this.rows[row], line, most);
    }
    Object.assign(this, { values, most });
    const marks = outlines.map(([row, column, rows, columns]) => {
      const place = { x: left + column * cell - 0.5, y: TOP + row * cell - 0.5 };
      return svg("rect", { ...place, width: columns * cell + 1, height: rows * cell + 1 });
    });
    this.marks.replaceChildren(...marks);
  }

  // The cells of a row, and their numbers or else a dot.
  rowOf(row) {
    const { cell, left, numbered, count } = this;
    const y = TOP + row * cell;
    const size = { y, width: cell + 0.4, height: cell + 0.4 };
    const lefts = Array.from({ length: count }, (_, column) => left + column * cell);
    const squares = lefts.map((x) => svg("rect", { ...size, x }));
    const place = { class: "entry", y: y + cell / 2 + 4 };
    const texts = numbered ? lefts.map((x) => svg("text", { ...place, x: x + cell / 2 })) : [];
    const dot = numbered ? null : svg("circle", { cy: y + cell / 2, r: cell / 6 });
    this.cells.append(...squares, ...texts, ...(dot ? [dot] : []));
    return { squares, texts, dot };
  }

  fill({ squares, texts, dot }, values, most) {
    const parts = values.map((value) => (dot ? Math.sqrt(value / most) : value / most));
    const ink = (part) => (part > 0.55 ? "#111" : "#fff");
    for (const [column, square] of squares.entries()) square.setAttribute("fill", shade(parts[column]));
    for (const [column, text] of texts.entries()) {
      text.textContent = values[column].toFixed(2);
      text.style.fill = ink(parts[column]);
    }
    if (!dot) return;
    const largest = values.indexOf(Math.max(...values));
    dot.setAttribute("cx", this.left + (largest + 0.5) * this.cell);
    dot.setAttribute("fill", ink(parts[largest]));
  }
}
