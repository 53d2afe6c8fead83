// A table of tokens and their numbers, with bars beside those that are weights.

import { html, svg } from "./elements.js";

// A minus sign as long as a plus, and no "-0.00".
export const decimal = (value, digits = 2) => {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
};

export class NumberTable {
  // `point(row)` is called for the row under the pointer, and with null when it leaves.
  constructor(names, point) {
    this.head = html("thead");
    this.rows = names.map((name, index) => {
      const sample = svg("line", { x1: 0, y1: 4, x2: 22, y2: 4 });
      const swatch = svg("svg", { class: "swatch", width: 22, height: 8, "aria-hidden": "true" }, sample);
      const label = html("th", { scope: "row" }, swatch, html("span", { class: "token-name" }, name));
      const enter = ({ pointerType }) => pointerType !== "touch" && point(index);
      return html("tr", { pointerenter: enter, pointerleave: () => point(null) }, label);
    });
    const body = html("tbody", {}, ...this.rows);
    this.foot = html("tfoot");
    this.caption = html("caption");
    this.element = html("table", { class: "numbers" }, this.caption, this.head, body, this.foot);
    this.titles = [];
  }

  // `columns` are `{ title, values, most }`, with bars where there is a `most`; `sums` ends the table with
  // the sum of each column that has bars.
  update(columns, { lit = null, sums = false } = {}) {
    if (this.titles.length !== columns.length) this.build(columns, sums);
    for (const [place, { title, values, most }] of columns.entries()) {
      this.titles[place].textContent = title;
      for (const [row, value] of values.entries()) {
        const [bar, number] = this.cells[row][place];
        number.textContent = decimal(value);
        bar.style.width = most ? `${Math.max((100 * value) / most, 0)}%` : "0";
      }
      const sum = values.reduce((total, value) => total + value, 0);
      if (sums) this.totals[place].textContent = most ? decimal(sum) : "";
    }
    for (const [row, element] of this.rows.entries()) element.classList.toggle("lit", row === lit);
  }

  build(columns, sums) {
    this.titles = columns.map(() => html("th", { scope: "col" }));
    this.head.replaceChildren(html("tr", {}, html("td"), ...this.titles));
    this.cells = this.rows.map((row) => {
      const pairs = columns.map(() => [html("span", { class: "bar" }), html("span", { class: "number" })]);
      const cells = pairs.map(([bar, number], place) => {
        const track = html("span", { class: "track" }, bar);
        return html("td", {}, number, ...(columns[place].most ? [track] : []));
      });
      row.replaceChildren(row.firstChild, ...cells);
      return pairs;
    });
    this.totals = columns.map(() => html("span", { class: "number" }));
    const totals = this.totals.map((total) => html("td", {}, total));
    if (sums) this.foot.replaceChildren(html("tr", {}, html("th", { scope: "row" }, "sum"), ...totals));
  }
}
