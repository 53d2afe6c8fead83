// A wrong function, matrices to type into, and what both functions come to on them.

import { answerBox } from "../shared/answer_box.js";
import { html } from "../shared/elements.js";

const SOON = 150; // milliseconds without a key until an input is sent
const STEPS = { ArrowUp: -1, ArrowDown: 1 };

function table(caption, columns, rows) {
  const heads = columns.map((name) => html("th", { scope: "col" }, name));
  const head = html("thead", {}, html("tr", {}, html("td"), ...heads));
  return html("table", {}, html("caption", {}, caption), head, html("tbody", {}, ...rows));
}

const rowOf = (name, cells) => html("tr", {}, html("th", { scope: "row" }, name), ...cells);

// The matrices to type into; `typed` is called after each key, `send` when an input is to be sent at once.
class Entries {
  constructor({ task, given, typed, send }) {
    Object.assign(this, { task, typed, send });
    this.inputs = given.map((matrix) => matrix.map(() => []));
    this.sums = given.map((matrix) => matrix.map(() => html("td", { class: "sum" })));
    this.tables = given.map((matrix, k) => this.tableOf(matrix, k));
  }

  tableOf(matrix, k) {
    const { names, rows, columns, sums } = this.task;
    const lines = matrix.map((row, i) => {
      const cells = row.map((text, j) => html("td", {}, this.inputOf([k, i, j], text)));
      return rowOf(rows[i], sums ? [...cells, this.sums[k][i]] : cells);
    });
    return table(names[k], sums ? [...columns, "sum"] : columns, lines);
  }

  inputOf([k, i, j], text) {
    const { names, rows, columns } = this.task;
    const label = [names[k], `row ${rows[i]}, column ${columns[j]}`].filter(Boolean).join(", ");
    const keydown = (event) => {
      if (event.key === "Enter") this.send();
      if (!STEPS[event.key]) return;
      event.preventDefault(); // which would move the caret in the entry that gets the focus
      this.inputs[k][i + STEPS[event.key]]?.[j].focus();
    };
    const look = { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label };
    const listen = { input: this.typed, change: this.send, focus: () => input.select(), keydown };
    const input = html("input", { ...look, ...listen });
    input.value = text;
    this.inputs[k][i][j] = input;
    return input;
  }

  values() {
    return this.inputs.map((matrix) => matrix.map((row) => row.map((input) => input.value)));
  }

  showSums(texts) {
    for (const [k, lines] of texts.entries()) {
      for (const [i, text] of lines.entries()) {
        this.sums[k][i].replaceChildren(text);
        this.sums[k][i].classList.toggle("broken", text.endsWith("✗"));
      }
    }
  }
}

// One function's result; an entry in which the two differ has a sign.
function result(label, lines, marks, task) {
  const cellOf = (text, differs) =>
    html("td", { class: differs ? "parted" : null }, differs ? `≠ ${text}` : text);
  const rows = lines.map((line, i) => {
    const name = lines.length === task.rows.length ? task.rows[i] : "";
    return rowOf(
      name,
      line.map((text, j) => cellOf(text, marks[i]?.[j])),
    );
  });
  const named = lines[0].length === task.columns.length;
  return table(label, named ? task.columns : lines[0].map(() => ""), rows);
}

function render({ model, el }) {
  const task = model.get("task");
  let timer = 0;
  let last = {}; // what was said last, shown until the kernel has seen the newest input
  function send() {
    clearTimeout(timer);
    const given = entries.values();
    if (JSON.stringify(given) !== JSON.stringify(model.get("given"))) box.give({ given });
  }
  function typed() {
    clearTimeout(timer);
    timer = setTimeout(send, SOON);
  }
  function show() {
    const { sums = [], results: both = [], marks = [] } = model.get("shown");
    entries.showSums(sums);
    results.replaceChildren(...both.map((lines, which) => result(task.labels[which], lines, marks, task)));
  }
  const entries = new Entries({ task, given: model.get("given"), typed, send });
  const results = html("div", { class: "tables results" });
  const code = html("pre", {}, html("code", {}, task.code));
  const parts = [code, html("div", { class: "tables" }, ...entries.tables), results];
  const attributes = { class: "rollout-options rollout-task rollout-break", "aria-label": "Your input" };
  const update = ({ silence, verdict }) => {
    if (model.get("answered") === model.get("tries")) last = { verdict, text: model.get("status") };
    return silence ? {} : last;
  };
  const box = answerBox({ model, el }, { attributes, parts, counter: "tries", update });
  model.on("change:shown", show);
  show();
}

export default { render };
