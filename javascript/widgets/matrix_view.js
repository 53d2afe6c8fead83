// Matrices side by side, and one row of them as numbers and bars. All that can be chosen was sent at the
// start: the kernel is asked for the sentence alone.

import { controlsOf } from "../shared/controls.js";
import { Curves } from "../shared/curves.js";
import { html } from "../shared/elements.js";
import { Page, widgetOf } from "../shared/explorer.js";
import { Matrix } from "../shared/matrix.js";
import { NumberTable } from "../shared/number_table.js";

const NAMED = 8; // tokens up to which each of several matrices has room for names
const SMALL = 110; // pixels of a matrix that is one of many

const NOTE =
  "Hover over a row of a matrix to read it, click to stay; or choose it in the list, with arrow keys.";

class MatrixView extends Page {
  constructor(context) {
    super(context, context.model.get("data").label);
    const { controls, tokens, curve } = this.data;
    this.source = null; // the token whose column and number are lit
    this.made = controlsOf(controls, (values) => this.choices.choose(values));
    this.table = new NumberTable(tokens, (source) => this.lightSource(source));
    this.heading = html("p", { class: "heading" });
    this.makePanels();
    const reading = html("div", { class: "reading" }, this.table.element);
    if (curve) this.makeCurves(reading);
    this.controls.append(...this.made.elements);
    this.status.after(this.heading);
    this.picture.append(this.matrices, reading);
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
    const few = panels.length === 1 || (tokens.length <= NAMED && !between.length);
    this.panels = panels.map(({ row }, index) => {
      const room = between.length && index < panels.length - 1 ? SMALL : null;
      const matrix = new Matrix(tokens, { named: few || (row && !room), choices: row && choices, room });
      const caption = html("figcaption");
      return { matrix, caption, element: html("figure", {}, caption, matrix.element) };
    });
    const signs = between.map((sign) => html("span", { class: "sign", "aria-hidden": "true" }, sign));
    // A sign never begins a line.
    const groups = this.panels.map(({ element }, index) =>
      html("span", { class: "product" }, element, ...(signs[index] ? [signs[index]] : [])),
    );
    this.matrices = html("div", { class: between.length ? "matrices chain" : "matrices" }, ...groups);
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
