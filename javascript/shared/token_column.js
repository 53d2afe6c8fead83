// Two columns of tokens, sources on the left and readers on the right, since information goes from left to
// right; the lines between them, and the tokens of a column to choose one from.

import { svg } from "./elements.js";
import { LETTER, widest } from "./graph.js";
import { TokenRow } from "./token_row.js";

const TOP = 44; // pixels of the headings
const HEAD = 7; // pixels of the arrow at the end of a line

// Where everything lies, in pixels.
export class ColumnLayout {
  constructor(tokens) {
    const count = tokens.length;
    this.tokens = tokens;
    this.pitch = count <= 4 ? 44 : count <= 14 ? 27 : 20;
    this.label = Math.max(widest(tokens, LETTER, 8), 66);
    this.left = this.label + 8;
    this.right = this.left + (count <= 14 ? 170 : 210);
    this.width = this.right + this.left;
    this.height = TOP + count * this.pitch + 4;
  }

  y(position) {
    return TOP + (position + 0.5) * this.pitch;
  }

  // The line from a source to its reader; it leaves and arrives level, so that neighbours stay apart.
  line(source, query) {
    const [y, to] = [this.y(source), this.y(query)];
    const middle = (this.left + this.right) / 2;
    return `M${this.left} ${y}C${middle} ${y} ${middle} ${to} ${this.right - HEAD} ${to}`;
  }

  // The head of a line so many pixels wide.
  arrow(query, width) {
    const y = this.y(query);
    const half = 3.5 + width / 2;
    const back = this.right - HEAD - 4;
    return `M${back} ${y - half}L${this.right - 2} ${y}L${back} ${y + half}z`;
  }

  headings() {
    const lines = [
      [this.left, "end", ["source", "key j"]],
      [(this.left + this.right) / 2, "middle", ["is read by →"]],
      [this.right, "start", ["reader", "query i"]],
    ];
    return lines.map(([x, anchor, words]) => {
      const spans = words.map((word, index) => svg("tspan", { x, y: 14 + 15 * index }, word));
      return svg("text", { class: "level", "text-anchor": anchor, "aria-hidden": "true" }, ...spans);
    });
  }
}

export class TokenColumn extends TokenRow {
  get keys() {
    return [{ ArrowUp: -1, ArrowDown: 1 }, this.above ? "ArrowLeft" : "ArrowRight"];
  }

  place() {}

  // One token stands out, of one column or the other.
  only(position) {
    return { [this.trait === "query" ? "source" : "query"]: null, [this.trait]: position };
  }

  choose(position) {
    this.choices.choose(this.only(position));
  }

  markOf(name, position) {
    const point = (event) => event.pointerType !== "touch" && this.choices.point(this.only(position));
    const leave = () => this.choices.point({});
    const click = () => this.clicked(position);
    const keydown = (event) => this.pressed(event, position);
    const events = { pointerenter: point, pointerleave: leave, focus: point, blur: leave, click, keydown };
    const look = { role: "radio", "aria-checked": "false", "aria-label": name, tabindex: -1, class: "token" };
    return svg("g", { ...look, ...events }, ...this.shapesOf(position));
  }

  // What the pointer finds, the ring of the focus, the token's node and its name.
  shapesOf(position) {
    const { layout, above } = this;
    const token = layout.tokens[position];
    const [x, y] = [above ? layout.right : layout.left, layout.y(position)];
    const place = { y: y - layout.pitch / 2, height: layout.pitch, width: layout.left + 30 };
    const length = token.length * LETTER + 10;
    const ring = { x: above ? x + 5 : x - 5 - length, y: y - 10, width: length, height: 20, rx: 3 };
    const name = {
      class: "name",
      x: above ? x + 9 : x - 9,
      y: y + 4,
      "text-anchor": above ? "start" : "end",
    };
    return [
      svg("rect", { ...place, x: above ? x - 30 : 0, class: "target" }),
      svg("rect", { ...ring, class: "ring" }),
      svg("circle", { class: "node", cx: x, cy: y, r: 3.5 }),
      svg("text", name, token),
    ];
  }

  // `values` are drawn as bars under the names, for the column of `quiet` tokens in grey.
  update(lit, values, quiet) {
    this.mark(lit);
    const { layout, above } = this;
    const most = Math.max(...values, 1e-12);
    const bars = [...values].map((value, position) => {
      const width = (value / most) * (layout.label - 8);
      const x = above ? layout.right + 9 : layout.left - 9 - width;
      const place = { x, y: layout.y(position) + Math.min(layout.pitch / 2 - 3, 8), width, height: 3 };
      return svg("rect", { class: quiet.has(position) ? "bar" : "bar lit", ...place });
    });
    this.bars.replaceChildren(...bars);
  }
}
