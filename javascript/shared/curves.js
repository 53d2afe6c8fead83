// Curves of one row of numbers over the values of a slider, and a line where it stands.

import { svg } from "./elements.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [330, 190, 30, 34, 8, 8];

export class Curves {
  // `options` are the slider's, `[text, value]`, from the least value to the most.
  constructor(label, options) {
    this.options = options;
    const [first, last] = [options[0][1], options.at(-1)[1]];
    this.x = (value) => LEFT + ((value - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT);
    this.y = (value) => HEIGHT - BOTTOM - value * (HEIGHT - BOTTOM - TOP);
    this.lines = svg("g", { class: "curves" });
    this.dots = svg("g", { class: "curve-dots" });
    this.cursor = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM });
    const size = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT };
    const names = { class: "curve-plot", role: "img", "aria-label": `The row's weights against ${label}` };
    this.element = svg("svg", { ...names, ...size }, this.axes(label, first, last), this.cursor);
    this.element.append(this.lines, this.dots);
  }

  axes(label, first, last) {
    const across = [0, 0.5, 1].flatMap((weight) => {
      const y = this.y(weight);
      return [
        svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
        svg("text", { class: "level", x: LEFT - 5, y: y + 4, "text-anchor": "end" }, String(weight)),
      ];
    });
    const y = HEIGHT - BOTTOM + 14;
    const ends = [
      svg("text", { class: "level", x: LEFT, y }, String(first)),
      svg("text", { class: "level", x: WIDTH - RIGHT, y, "text-anchor": "end" }, String(last)),
      svg("text", { class: "level", x: (LEFT + WIDTH) / 2, y: y + 14, "text-anchor": "middle" }, label),
    ];
    return svg("g", { "aria-hidden": "true" }, ...across, ...ends);
  }

  // `rows` hold a row for each option. The leading curves have a colour and a dash of their own, which the
  // table shows too; `lit` is the one under the pointer; `at` is where the slider stands.
  update(rows, { leading, lit, at }) {
    const now = this.options.findIndex((option) => option[1] === at);
    const tokens = rows[0].map((_, token) => token).filter((token) => !leading.includes(token));
    const drawn = [...tokens, ...leading.toReversed()];
    const curves = drawn.map((token) => {
      const points = rows.map((row, index) => `${this.x(this.options[index][1])} ${this.y(row[token])}`);
      const place = leading.indexOf(token);
      const look = { class: token === lit ? "curve lit" : "curve", "data-curve": place < 0 ? null : place };
      return svg("path", { ...look, d: `M${points.join("L")}` });
    });
    const [x, row] = [this.x(at), rows[now]];
    const shown = lit === null || leading.includes(lit) ? leading : [...leading, lit];
    const dots = shown.map((token) => svg("circle", { cx: x, cy: this.y(row[token]), r: 3.2 }));
    this.lines.replaceChildren(...curves);
    this.dots.replaceChildren(...dots);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
  }
}
