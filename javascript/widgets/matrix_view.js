// Matrices side by side, and one row of them as numbers and bars. All that can be chosen was sent at the
// start: the kernel is asked for the sentence alone.

import { controlsOf } from "../shared/controls.js";
import { Curves } from "../shared/curves.js";
import { html } from "../shared/elements.js";
import { hidden, Page, widgetOf } from "../shared/explorer.js";
import { paint } from "../shared/head_maps.js";
import { Matrix } from "../shared/matrix.js";
import { NumberTable } from "../shared/number_table.js";

const MEDIUM = 172; // pixels of a matrix that is one of three
const SMALL = 56; // of one that is a factor in a product, where that product has more than so many rows:
const LARGE = 12;

const NOTE =
  "Hover over a row of a matrix to read it, click to stay; or choose it in the list, with arrow keys.";

const sign = (text) => html("span", { class: "sign", ...hidden }, text);

// A factor of a long product: colours alone.
class LittleMatrix {
  constructor(count) {
    const side = `width:${SMALL}px;height:${SMALL}px`;
    this.title = html("span", { class: "title" });
    this.canvas = html("canvas", { width: count, height: count, style: side, ...hidden });
    this.element = html("div", { class: "little" }, this.title, this.canvas);
  }

  update(title, values) {
    this.title.textContent = title;
    if (this.values !== values) paint(this.canvas, values);
    this.values = values;
  }
}

class MatrixView extends Page {
  constructor(context) {
    super(context, context.model.get("data").label);
    const { controls, tokens, curve } = this.data;
    this.source = null; // the token whose column and number are lit
    this.made = controlsOf(controls, (values) => this.choices.choose(values));
    this.table = new NumberTable(tokens, (source) => this.lightSource(source));
    this.heading = html("p", { class: "heading" });
    const panels = this.makePanels();
    const reading = html("div", { class: "reading" }, this.table.element);
    if (curve) this.makeCurves(reading);
    this.controls.append(...this.made.elements);
    this.status.after(this.heading);
    this.picture.append(...panels, reading);
    this.picture.classList.add("matrix-view");
    this.note.textContent = NOTE;
  }

  makePanels() {
    const { tokens, frames } = this.data;
    const { panels, between } = frames[0];
    const choices = {
      point: ({ query, source = null }) => {
        this.source = source;
        this.choices.point(query === undefined ? {} : { query });
      },
      choose: ({ query }) => this.choices.choose({ query }),
    };
    const chained = between.length > 0;
    const small = chained && panels.length * tokens.length > LARGE;
    this.panels = panels.map(({ row }) => {
      const room = panels.length > 1 && !chained ? MEDIUM : undefined;
      const little = small && !row;
      const matrix = little
        ? new LittleMatrix(tokens.length)
        : new Matrix(tokens, { named: true, choices: row && choices, room });
      const caption = html("figcaption");
      return { matrix, caption, element: html("figure", {}, matrix.element, caption) };
    });
    const elements = this.panels.map(({ element }) => element);
    if (!chained) return elements;
    // A sign never begins a line.
    const product = elements
      .slice(0, -1)
      .map((element, index) => html("span", { class: "product" }, element, sign(between[index])));
    const last = elements.at(-1);
    const chain = html("div", { class: small ? "chain long" : "chain" }, ...product);
    if (small) return [chain, last];
    chain.append(last);
    return [chain];
  }

  makeCurves(reading) {
    const { curve, controls } = this.data;
    const [, , label, options] = controls.find(([name]) => name === curve);
    this.curves = new Curves(label, options);
    reading.append(this.curves.element);
    this.table.element.classList.add("curved");
  }

  lightSource(source) {
    this.source = source;
    this.light(this.shown);
  }

  frameOf(values) {
    const { by, controls, frames } = this.data;
    const place = by.reduce((index, name) => {
      const [, , , options] = controls.find((control) => control[0] === name);
      return index * options.length + options.findIndex((option) => option[1] === values[name]);
    }, 0);
    return frames[place];
  }

  light(values) {
    this.shown = values;
    const { data, source } = this;
    const { query } = values;
    const frame = this.frameOf(values);
    const count = data.tokens.length;
    this.made.set(values);
    this.heading.textContent = frame.title;
    for (const [index, panel] of frame.panels.entries()) {
      const { matrix, caption } = this.panels[index];
      caption.textContent = panel.caption;
      caption.hidden = !panel.caption;
      const column = source === null ? [] : [[0, source, count, 1]];
      const marks = panel.row ? [[query, 0, 1, count], ...column] : [];
      matrix.update(panel.title, data.matrices[panel.matrix], panel.most, marks);
    }
    this.showRow(frame, query);
  }

  showRow({ rows, title }, query) {
    const { data, source } = this;
    const columns = rows.map(([name, index]) => ({ title: name, values: data.matrices[index][query] }));
    const alike = columns.every(({ values }) => Math.max(...values) <= 1);
    const mosts = columns.map(({ values }) => Math.max(...values));
    // One scale where rows compare; as written, each row has its own.
    for (const [index, column] of columns.entries()) column.most = alike ? Math.max(...mosts) : mosts[index];
    this.table.caption.textContent = `The row of “${data.names[query]}”`;
    this.table.element.setAttribute("aria-label", `The row of ${data.names[query]}. ${title}`);
    this.table.update(columns, { lit: source, sums: true });
    if (!this.curves) return;
    const over = data.frames.map((frame) => data.matrices[frame.rows[0][1]][query]);
    this.curves.update(over, { leading: data.leading[query], lit: source, at: this.shown[data.curve] });
    for (const [row, element] of this.table.rows.entries()) {
      const place = data.leading[query].indexOf(row);
      if (place >= 0) element.dataset.curve = place;
      else delete element.dataset.curve;
    }
  }

  draw(answer) {
    this.say(answer.status);
  }
}

export default widgetOf(MatrixView);
