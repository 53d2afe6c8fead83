// A row of tokens to choose one from: one stop of the Tab key, arrows within, bars that show a row of
// numbers.

import { svg } from "./elements.js";
import { BAR, brief, GAP, LETTER } from "./graph.js";

// Where a key leads from a position among so many: `steps` are the arrows and how far they go. The last and
// the first are neighbours.
export function goalOf(key, steps, position, count) {
  const goals = { Home: 0, End: count - 1, " ": position, Enter: position };
  return key in steps ? (position + steps[key] + count) % count : goals[key];
}

export class TokenRow {
  // `trait` is what is chosen here; `optional` where a second click, or Escape, chooses nothing.
  constructor({ layout, choices, data }, { role, label, trait, above, optional }) {
    Object.assign(this, { layout, choices, trait, above, optional });
    this.bars = svg("g", { class: "bars", "aria-hidden": "true" });
    this.marks = data.names.map((name, position) => this.markOf(`${role} ${name}`, position));
    const attributes = { role: "radiogroup", "aria-label": label, class: "tokens" };
    this.element = svg("g", attributes, this.bars, ...this.marks);
    this.place(above ? layout.layers : 0);
  }

  markOf(name, position) {
    const point = () => this.choices.point({ [this.trait]: position });
    const events = {
      pointerenter: (event) => event.pointerType !== "touch" && point(),
      pointerleave: () => this.choices.point({}),
      click: () => this.clicked(position),
      keydown: (event) => this.pressed(event, position),
    };
    const look = { role: "radio", "aria-checked": "false", "aria-label": name, tabindex: -1, class: "token" };
    return svg("g", { ...look, ...events }, ...this.shapesOf(position));
  }

  // What the pointer finds, the ring of the focus, the arrow of what is lit, and the token's name.
  shapesOf(position) {
    const { layout, above } = this;
    const token = layout.tokens[position];
    const x = layout.x(position);
    const side = above ? -1 : 1;
    const y = side * (BAR + GAP + 6);
    const length = token.length * LETTER + 10;
    const baseline = layout.leaning || above ? y : y + 8;
    let [transform, anchor, start] = [null, "middle", x - length / 2];
    if (layout.leaning) {
      transform = `rotate(-45 ${x} ${y}) translate(${above ? "-2 2" : "2 6"})`;
      [anchor, start] = above ? ["start", x - 5] : ["end", x - length + 5];
    }
    const half = Math.max(layout.pitch / 2, 12);
    const height = BAR + GAP + (layout.leaning ? 2 : 8 + layout.names);
    const target = { x: x - half, y: above ? -height : 0, width: 2 * half, height };
    const ring = { x: start, y: baseline - 13, width: length, height: 18, rx: 3, transform };
    return [
      svg("rect", { ...target, class: "target" }),
      svg("rect", { ...ring, class: "ring" }),
      svg("path", { d: `M${x - 5} ${side * 16}l5 ${side * -8}l5 ${side * 8}z`, class: "arrow" }),
      svg("text", { class: "name", x, y: baseline, "text-anchor": anchor, transform }, token),
    ];
  }

  place(level) {
    this.element.style.transform = `translate(0px, ${this.layout.y(level)}px)`;
  }

  choose(position) {
    this.choices.choose({ [this.trait]: position });
  }

  clicked(position) {
    const again = this.optional && this.choices.chosen()[this.trait] === position;
    this.choose(again ? null : position);
    this.marks[position].focus();
  }

  // The keys to the token before and to the next one, and to the other row.
  get keys() {
    return [{ ArrowLeft: -1, ArrowRight: 1 }, this.above ? "ArrowDown" : "ArrowUp"];
  }

  pressed(event, position) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const [steps, across] = this.keys;
    const to = goalOf(event.key, steps, position, this.marks.length);
    if (to !== undefined) {
      this.choose(to);
      this.marks[to].focus();
    } else if (event.key === across) {
      this.opposite.focus();
    } else if (event.key === "Escape" && this.optional) {
      this.choose(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  focus() {
    this.marks.find((mark) => mark.getAttribute("tabindex") === "0")?.focus();
  }

  mark(lit) {
    const chosen = this.choices.chosen()[this.trait];
    this.marks.forEach((mark, position) => {
      mark.setAttribute("aria-checked", String(position === chosen));
      mark.setAttribute("tabindex", position === (chosen ?? 0) ? 0 : -1);
      mark.classList.toggle("lit", position === lit);
    });
  }

  // `lit` is shown now, which need not be what is chosen; `values` are drawn as bars, with numbers beside
  // those that `numbered` lists.
  update(lit, values, numbered) {
    this.mark(lit);
    const { layout, above } = this;
    const most = Math.max(...values, 1e-12);
    const width = Math.max(5, Math.min(14, layout.pitch * 0.42));
    const bars = values.map((value, position) => {
      const length = (BAR * value) / most;
      const [x, y] = [layout.x(position) - width / 2, above ? -GAP - length : GAP];
      const height = Math.max(length, value > 0 ? 0.7 : 0);
      return svg("rect", { class: position === lit ? "bar lit" : "bar", x, y, width, height });
    });
    this.bars.replaceChildren(...bars, ...this.numbersOf(values, numbered, width / 2 + 3, most));
  }

  // The numbers of the larger first, and none upon another.
  numbersOf(values, numbered, aside, most) {
    const placed = [];
    for (const position of [...numbered].sort((one, other) => values[other] - values[one])) {
      const x = this.layout.x(position) + aside;
      if (!placed.some(([, taken]) => Math.abs(taken - x) < 36)) placed.push([position, x]);
    }
    return placed.map(([position, x]) => {
      const length = (BAR * values[position]) / most;
      const y = this.above ? -GAP - Math.max(length - 9, 0) : GAP + Math.max(length, 9);
      return svg("text", { class: "value", x, y }, brief(values[position]));
    });
  }
}
