// A number to type, pieces to bring into order, or an entry of a matrix to point at.

import { answerBox } from "../shared/answer_box.js";
import { html, liveRegion, withCode } from "../shared/elements.js";

const GRID_ROLES = [
  ["tr", "row"],
  ["thead, tbody", "rowgroup"],
  ["th[scope=col]", "columnheader"],
  ["th[scope=row]", "rowheader"],
];

const button = (text, attributes) => html("button", { type: "button", ...attributes }, text);
const checkButton = (give) => button("Check", { class: "check", click: give });
const tablesOf = (tables) => html("div", { class: "tables" }, ...tables);
const lineOf = (...children) => html("div", { class: "line" }, ...children);
const plainCell = (_row, _column, text) => html("td", {}, text);

// A matrix as a table; `cell(row, column, text)` makes its cells.
function table(matrix, cell, attributes = {}) {
  const heads = matrix.columns.map((name) => html("th", { scope: "col" }, name));
  const rows = matrix.rows.map((name, row) => {
    const cells = matrix.values[row].map((text, column) => cell(row, column, text));
    return html("tr", {}, html("th", { scope: "row" }, name), ...cells);
  });
  const caption = html("caption", {}, ...withCode(matrix.name));
  const head = html("thead", {}, html("tr", {}, html("td"), ...heads));
  return html("table", attributes, caption, head, html("tbody", {}, ...rows));
}

// Each kind of task gives its elements. `give` sends an answer, `changed` says that the one that stands there
// is not given yet, `speak` is heard by screen readers alone.
function number({ model, task, give, changed }) {
  const keydown = (event) => event.key === "Enter" && give(input.value);
  const look = { type: "text", inputmode: "decimal", autocomplete: "off", size: task.size ?? 8 };
  const input = html("input", { ...look, keydown, input: changed });
  input.value = model.get("given") ?? "";
  const cellOf = (matrix) => (row, column, text) => {
    if (text !== "?") return plainCell(row, column, text);
    const place = `row ${matrix.rows[row]}, column ${matrix.columns[column]}`;
    input.setAttribute("aria-label", `Entry of ${matrix.name}, ${place}`);
    input.placeholder = text; // the question calls it the question mark
    return html("td", { class: "hole" }, input);
  };
  const tables = task.matrices.map((matrix) => table(matrix, cellOf(matrix)));
  const line = lineOf(checkButton(() => give(input.value)));
  const label = `${task.label ?? "Your number"} `;
  if (!task.matrices.some((matrix) => matrix.hole)) line.prepend(html("label", {}, label, input));
  return [tablesOf(tables), line];
}

function order({ model, task, give, changed, speak }) {
  const names = task.pieces.map((piece) => piece.replaceAll("`", ""));
  const list = html("ol", { class: "pieces" });
  let places = model.get("given") ?? [...names.keys()];
  let dragged = null; // the index of the piece that is

  function move(from, to, direction) {
    if (to < 0 || to >= places.length || from === to) return;
    places = places.toSpliced(from, 1).toSpliced(to, 0, places[from]);
    show();
    changed();
    const item = list.children[to];
    // The focus stays with the piece, so that one key can be pressed again.
    const again = item.querySelector(`.${direction}:not(:disabled)`);
    if (direction) (again ?? item.querySelector("button:not(:disabled)")).focus();
    speak(`${names[places[to]]} is now number ${to + 1} of ${places.length}.`);
  }

  function pieceOf(place, index) {
    const mover = (direction, to, sign, disabled) => {
      const click = () => move(index, to, direction);
      const label = `Move ${direction}: ${names[place]}`;
      return button(sign, { class: direction, "aria-label": label, disabled, click });
    };
    const dragstart = (event) => {
      dragged = index;
      event.dataTransfer.effectAllowed = "move";
      event.stopPropagation();
    };
    const dragover = (event) => dragged !== null && event.preventDefault();
    const drop = (event) => {
      event.preventDefault();
      event.stopPropagation();
      move(dragged, index);
      dragged = null;
    };
    const piece = html("span", { class: "piece" }, ...withCode(task.pieces[place]));
    const up = mover("up", index - 1, "↑", index === 0);
    const down = mover("down", index + 1, "↓", index === places.length - 1);
    return html("li", { draggable: "true", dragstart, dragover, drop }, piece, up, down);
  }

  const show = () => list.replaceChildren(...places.map(pieceOf));
  show();
  const tables = task.matrices.map((matrix) => table(matrix, plainCell));
  return [tablesOf(tables), list, lineOf(checkButton(() => give(places)))];
}

function entry({ model, task, give }) {
  const [matrix] = task.matrices;
  const cells = matrix.rows.map(() => []);
  let current = model.get("given") ?? [0, 0];

  function cellOf(row, column, text) {
    const label = `row ${matrix.rows[row]}, column ${matrix.columns[column]}: ${text}`;
    const click = () => pick(row, column);
    const keydown = (event) => press(event, row, column);
    const attributes = { role: "gridcell", tabindex: -1, "aria-selected": "false", "aria-label": label };
    cells[row][column] = html("td", { ...attributes, click, keydown }, text);
    return cells[row][column];
  }

  function go(row, column) {
    cells[current[0]][current[1]].setAttribute("tabindex", -1);
    current = [row, column];
    cells[row][column].setAttribute("tabindex", 0);
    cells[row][column].focus();
  }

  function pick(row, column) {
    go(row, column);
    give([row, column]);
  }

  function press(event, row, column) {
    const steps = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, matrix.columns.length - 1],
    };
    const step = steps[event.key];
    if (step && cells[step[0]]?.[step[1]]) go(...step);
    else if (event.key === "Enter" || event.key === " ") pick(row, column);
    else if (!step) return;
    event.preventDefault();
  }

  function mark() {
    const given = String(model.get("given"));
    for (const [row, line] of cells.entries()) {
      for (const [column, cell] of line.entries()) {
        cell.setAttribute("aria-selected", String(given === `${row},${column}`));
      }
    }
  }

  const grid = table(matrix, cellOf, { role: "grid", class: "grid", "aria-label": `Matrix ${matrix.name}` });
  for (const [selector, role] of GRID_ROLES) {
    for (const part of grid.querySelectorAll(selector)) part.setAttribute("role", role);
  }
  cells[current[0]][current[1]].setAttribute("tabindex", 0);
  model.on("change:given", mark);
  mark();
  return [tablesOf([grid])];
}

function render({ model, el }) {
  const task = model.get("task");
  const spoken = liveRegion("spoken");
  const speak = (text) => spoken.replaceChildren(text);
  let open = false; // whether the answer that stands there has been changed, and not given yet
  const give = (answer) => {
    open = false;
    box.give({ given: answer });
  };
  const changed = () => {
    open = true;
    box.show();
  };
  const parts = { number, order, entry }[task.kind]({ model, task, give, changed, speak });
  const attributes = { class: "rollout-options rollout-task", "aria-label": "Your answer" };
  const update = () => (open ? { verdict: "", text: task.asked } : {});
  const box = answerBox({ model, el }, { attributes, parts, counter: "tries", update });
  box.root.append(spoken);
}

export default { render };
