// A number to type, pieces to bring into order, or an entry of a matrix to point at.

const SIGNS = { right: "✓", wrong: "✗" };

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Text in which `code` stands between backticks.
const filled = (text) => text.split("`").map((part, k) => (k % 2 ? made("code", {}, part) : part));

// A matrix as a table; `cell(i, j, text)` makes its cells.
function table(matrix, cell, attributes = {}) {
  const head = made("tr", {}, made("td"), ...matrix.columns.map((name) => made("th", { scope: "col" }, name)));
  const rows = matrix.rows.map((name, i) =>
    made("tr", {}, made("th", { scope: "row" }, name), ...matrix.values[i].map((text, j) => cell(i, j, text))));
  return made("table", attributes, made("caption", {}, ...filled(matrix.name)), made("thead", {}, head), made("tbody", {}, ...rows));
}

function number({ model, task, give, changed }) {
  const input = made("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 8 });
  input.value = model.get("given") ?? "";
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") give(input.value); });
  input.addEventListener("input", changed);
  const check = made("button", { type: "button", class: "check" }, "Check");
  check.addEventListener("click", () => give(input.value));
  const inside = task.matrices.some((matrix) => matrix.hole);
  const tables = task.matrices.map((matrix) => table(matrix, (i, j, text) => {
    if (text !== "?") return made("td", {}, text);
    input.setAttribute("aria-label", `Entry of ${matrix.name}, row ${matrix.rows[i]}, column ${matrix.columns[j]}`);
    return made("td", { class: "hole" }, input);
  }));
  const line = inside ? made("div", { class: "line" }, check) : made("div", { class: "line" }, made("label", {}, "Your number ", input), check);
  return [made("div", { class: "tables" }, ...tables), line];
}

function order({ model, task, give, changed, speak }) {
  let places = model.get("given") ?? task.pieces.map((_, place) => place);
  const list = made("ol", { class: "pieces" });
  const check = made("button", { type: "button", class: "check" }, "Check");
  check.addEventListener("click", () => give(places));

  function move(from, to, way) {
    if (to < 0 || to >= places.length || from === to) return;
    places = places.filter((_, k) => k !== from).toSpliced(to, 0, places[from]);
    show();
    changed();
    const item = list.children[to];
    // The focus stays with the piece, so that one key can be pressed again.
    if (way) (item.querySelector(`.${way}:not(:disabled)`) ?? item.querySelector("button:not(:disabled)")).focus();
    speak(`${task.pieces[places[to]].replaceAll("`", "")} is now number ${to + 1} of ${places.length}.`);
  }

  let dragged = null;
  function show() {
    list.replaceChildren(...places.map((place, k) => {
      const name = task.pieces[place].replaceAll("`", "");
      const up = made("button", { type: "button", class: "up", "aria-label": `Move up: ${name}`, disabled: k === 0 }, "↑");
      const down = made("button", { type: "button", class: "down", "aria-label": `Move down: ${name}`, disabled: k === places.length - 1 }, "↓");
      up.addEventListener("click", () => move(k, k - 1, "up"));
      down.addEventListener("click", () => move(k, k + 1, "down"));
      const item = made("li", { draggable: "true" }, made("span", { class: "piece" }, ...filled(task.pieces[place])), up, down);
      item.addEventListener("dragstart", (event) => { dragged = k; event.dataTransfer.effectAllowed = "move"; event.stopPropagation(); });
      item.addEventListener("dragover", (event) => { if (dragged !== null) event.preventDefault(); });
      item.addEventListener("drop", (event) => { event.preventDefault(); event.stopPropagation(); move(dragged, k); dragged = null; });
      return item;
    }));
  }
  show();
  const tables = task.matrices.map((matrix) => table(matrix, (i, j, text) => made("td", {}, text)));
  return [made("div", { class: "tables" }, ...tables), list, made("div", { class: "line" }, check)];
}

function entry({ model, task, give }) {
  const [matrix] = task.matrices, cells = [];
  let at = model.get("given") ?? [0, 0];
  const grid = table(matrix, (i, j, text) => {
    const cell = made("td", { role: "gridcell", tabindex: -1, "aria-selected": "false",
      "aria-label": `row ${matrix.rows[i]}, column ${matrix.columns[j]}: ${text}` }, text);
    cell.addEventListener("click", () => pick(i, j));
    cell.addEventListener("keydown", (event) => press(event, i, j));
    (cells[i] ??= []).push(cell);
    return cell;
  }, { role: "grid", class: "grid", "aria-label": `Matrix ${matrix.name}` });
  for (const part of grid.querySelectorAll("tr")) part.setAttribute("role", "row");
  for (const part of grid.querySelectorAll("thead, tbody")) part.setAttribute("role", "rowgroup");
  for (const part of grid.querySelectorAll("th")) part.setAttribute("role", part.scope === "col" ? "columnheader" : "rowheader");

  function go(i, j) {
    cells[at[0]][at[1]].setAttribute("tabindex", -1);
    at = [i, j];
    cells[i][j].setAttribute("tabindex", 0);
    cells[i][j].focus();
  }
  function pick(i, j) {
    go(i, j);
    give([i, j]);
  }
  function press(event, i, j) {
    const [rows, columns] = [matrix.rows.length, matrix.columns.length];
    const step = { ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1], Home: [i, 0], End: [i, columns - 1] }[event.key];
    if (step && step[0] >= 0 && step[1] >= 0 && step[0] < rows && step[1] < columns) go(...step);
    else if (event.key === "Enter" || event.key === " ") pick(i, j);
    else if (!step) return;
    event.preventDefault();
  }
  function mark() {
    const given = model.get("given");
    cells.forEach((row, i) => row.forEach((cell, j) => cell.setAttribute("aria-selected", String(given?.[0] === i && given?.[1] === j))));
  }
  cells[at[0]][at[1]].setAttribute("tabindex", 0);
  model.on("change:given", mark);
  mark();
  return [made("div", { class: "tables" }, grid)];
}

function render({ model, el }) {
  const task = model.get("task");
  const root = made("div", {
    class: "rollout-options rollout-task", role: "group", "aria-label": "Your answer", "data-lm-suppress-shortcuts": "true",
  });
  // JupyterLab heeds the attribute for some of its shortcuts; those of whatever has the focus must not reach it.
  root.addEventListener("keydown", (event) => {
    const runs = event.key === "Enter" && event.shiftKey;
    if (!(event.ctrlKey || event.metaKey || event.altKey || runs)) event.stopPropagation();
  });
  const lead = made("strong", {}, model.get("lead"));
  const question = made("p", { class: "rollout-options-question" }, lead, " ", ...filled(model.get("question")));
  question.hidden = !model.get("question");
  const status = made("div", { class: "rollout-options-status", role: "status", "aria-live": "polite" });
  const spoken = made("div", { class: "spoken", role: "status", "aria-live": "polite" });
  let silent = ""; // what is said because the kernel says nothing
  let open = false; // whether the answer that stands there has been changed, and not given yet
  const wait = waiting(model, (text) => { silent = text; say(); });
  function give(answer) {
    model.set("given", answer);
    model.set("tries", model.get("tries") + 1);
    model.save_changes();
    [silent, open] = ["", false];
    wait.asked();
    say();
  }
  function changed() {
    open = true;
    say();
  }
  const parts = { number, order, entry }[task.kind]({ model, task, give, changed, speak: (text) => { spoken.textContent = text; } });
  root.append(question, ...parts, status, spoken);
  el.append(root);

  // What the kernel said is of an earlier answer until it has answered the last one, and while that is changed.
  function say() {
    const answered = model.get("answered") === model.get("tries");
    if (answered) { wait.answered(); silent = ""; }
    const verdict = answered && !open ? model.get("verdict") : "";
    const text = open ? task.asked : answered ? model.get("status") : silent;
    const lines = text.split("\n").filter(Boolean).map((line) => made("p", {}, ...filled(line)));
    if (verdict && lines.length) lines[0].prepend(made("span", { class: "sign", "aria-hidden": "true" }, `${SIGNS[verdict]} `));
    root.dataset.verdict = status.dataset.verdict = verdict;
    root.classList.toggle("unanswered", !answered);
    status.replaceChildren(...lines);
  }
  for (const name of ["tries", "answered", "status", "verdict"]) model.on(`change:${name}`, say);
  say();
}

export default { render };
