// A little map for each head, to choose one from: a stop of the Tab key, arrows within.

import { html } from "./elements.js";
import { CIVIDIS } from "./matrix.js";
import { goalOf } from "./token_row.js";

const SIDE = 46; // pixels of a map, about
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

// The colours of the square roots of the weights, as in the static figures: 256 of them.
const SHADES = Array.from({ length: 256 }, (_, index) => {
  const place = Math.sqrt(index / 255) * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const [low, high] = [CIVIDIS[below], CIVIDIS[below + 1]].map((colour) =>
    [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)),
  );
  return low.map((value, channel) => value + (place - below) * (high[channel] - value));
});

export class HeadMaps {
  // Map 0 is the mean of the others.
  constructor(choices, maps, count) {
    this.choices = choices;
    this.count = count;
    const side = Math.max(1, Math.round(SIDE / count)) * count;
    this.marks = Array.from({ length: maps }, (_, head) => this.markOf(head, side));
    const attributes = { class: "heads", role: "radiogroup", "aria-label": "Heads of this layer" };
    this.element = html("div", attributes, ...this.marks);
  }

  markOf(head, side) {
    const point = (event) => event.pointerType !== "touch" && this.choices.point({ head });
    const leave = () => this.choices.point({});
    const events = {
      pointerenter: point,
      pointerleave: leave,
      click: () => this.choose(head),
      keydown: (event) => this.pressed(event, head),
    };
    const size = { width: this.count, height: this.count, style: `width:${side}px;height:${side}px` };
    const name = head === 0 ? "mean of the heads" : `head ${head}`;
    const look = { type: "button", role: "radio", "aria-label": name, class: "head-map", ...events };
    const map = html("span", { class: "map" }, html("canvas", size), html("span", { class: "at" }));
    return html("button", look, map, html("span", {}, head === 0 ? "mean" : head));
  }

  choose(head) {
    this.choices.choose({ head });
    this.marks[head].focus();
  }

  pressed(event, head) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const to = goalOf(event.key, STEPS, head, this.marks.length);
    if (to === undefined) return;
    this.choose(to);
    event.preventDefault();
  }

  // `rowsOf` gives the map of a head; the row or the column of the token that stands out is outlined in each.
  update(layer, lit, rowsOf, query, source) {
    const chosen = this.choices.chosen().head ?? 0;
    const sides = (at) => [(100 * at) / this.count, 100 - (100 * (at + 1)) / this.count];
    const [before, after] = sides(query ?? source ?? 0);
    const place = query === null ? `0 ${after}% 0 ${before}%` : `${before}% 0 ${after}% 0`;
    this.marks.forEach((mark, head) => {
      mark.setAttribute("aria-checked", String(head === chosen));
      mark.setAttribute("tabindex", head === chosen ? 0 : -1);
      mark.classList.toggle("lit", head === lit);
      if (this.layer !== layer) paint(mark.querySelector("canvas"), rowsOf(head));
      const at = mark.querySelector(".at");
      at.hidden = query === null && source === null;
      at.style.inset = place;
    });
    this.layer = layer;
  }
}

// One pixel for each weight.
export function paint(canvas, rows) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(rows.length, rows.length);
  rows.forEach((row, i) => {
    row.forEach((weight, j) => {
      const [red, green, blue] = SHADES[Math.round(255 * Math.min(weight, 1))];
      image.data.set([red, green, blue, 255], 4 * (i * rows.length + j));
    });
  });
  context.putImageData(image, 0, 0);
}
