// Built from javascript/ by make javascript: do not edit.

// shared/elements.js
function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== void 0 && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
var html = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);
var withCode = (text) => text.split("`").flatMap((part, index) => index % 2 ? html("code", {}, part) : withLinks(part));
var LINK = /\[([^\]]+)\]\(((?:\.\.\/)*[\w/]+\.(?:ipynb#|html[#?])[^)\s]+)\)/;
function withLinks(text) {
  const [before, words, href, ...after] = text.split(LINK);
  if (!href) return [text];
  return [before, html("a", { href, target: "_blank", click: openHere }, words), ...after];
}
function openHere(event) {
  const link = event.currentTarget;
  const child = (link.getRootNode().host ?? link).closest(".jp-OutputArea-child");
  const links = [...child?.querySelectorAll("[data-rollout-view] a") ?? []];
  const same = links.find((each) => each.textContent === link.textContent);
  if (!same) return;
  event.preventDefault();
  const [, name] = /(\w+\.ipynb)#/.exec(link.getAttribute("href"));
  const tabs = [...document.querySelectorAll(".lm-TabBar-tabLabel")].map((tab) => tab.textContent);
  same.click();
  if (tabs.length && !tabs.includes(name)) askAgain(link, same, 5);
}
function askAgain(link, same, tries) {
  setTimeout(() => {
    const cell = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell");
    if (cell && !link.getClientRects().length) same.click();
    else if (tries) askAgain(link, same, tries - 1);
  }, 2e3);
}
var liveRegion = (className) => html("div", { class: className, role: "status", "aria-live": "polite" });
function keepKeys(root) {
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", (event) => {
    const runsCell = event.key === "Enter" && event.shiftKey;
    if (!(event.ctrlKey || event.metaKey || event.altKey || runsCell)) event.stopPropagation();
  });
}

// shared/kernel.js
var PATIENCE = 2e3;
var RESTARTED = "This is not kept: the kernel was restarted after this cell ran. Run this cell again to go on, after the cells above it.";
var SILENT = "The kernel has not answered, so this is not kept yet. If it is busy with another cell, its answer comes when that is done. If it was restarted or stopped, run this cell again to go on, after the cells above it.";
function kernelTimer(model, say) {
  let timer = 0;
  let restarted = false;
  model.on("comm_live_update", () => {
    restarted = true;
  });
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    const silent = model.unanswered ?? SILENT;
    timer = setTimeout(() => say(restarted ? RESTARTED : silent), restarted ? 0 : PATIENCE);
  };
  return { start, stop };
}

// shared/was_that_it.js
var REPLIES = { yes: "Yes", no: "No" };
function askWasThatIt(model) {
  const buttons = Object.entries(REPLIES).map(
    ([reply, text]) => html("button", { type: "button", "data-reply": reply, click: () => give(reply) }, text)
  );
  const keydown = (event) => event.key === "Enter" && !event.isComposing && give("no");
  const most = model.get("longest_thought");
  const input = html("input", { type: "text", maxlength: most, autocomplete: "off", keydown });
  const keep = html("button", { type: "button", click: () => give("no") }, "Keep");
  const label = html("label", {}, `What did you think? (if you like, up to ${most} characters) `, input);
  const instead = html("div", { class: "instead" }, label, keep);
  const thanks = liveRegion("thanks");
  const legend = html("legend", {}, "Was that what you thought?");
  const root = html("fieldset", { class: "rollout-was" }, legend, ...buttons, instead, thanks);
  const timer = kernelTimer(model, (text) => thanks.replaceChildren(text));
  let belief = null;
  function give(reply) {
    const thought = reply === "no" ? input.value : "";
    const traits = { reply, thought, thanks: "", replies: model.get("replies") + 1 };
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
    timer.start();
  }
  function update() {
    const reply = model.get("reply");
    for (const button2 of buttons) {
      const pressed = button2.dataset.reply === reply;
      button2.setAttribute("aria-pressed", String(pressed));
      button2.textContent = `${pressed ? "● " : ""}${REPLIES[button2.dataset.reply]}`;
    }
    instead.hidden = reply !== "no";
    thanks.textContent = model.get("thanks");
    if (thanks.textContent) timer.stop();
  }
  for (const name of ["reply", "thanks"]) model.on(`change:${name}`, update);
  update();
  function show(whether) {
    root.hidden = !(whether && model.get("belief"));
    if (belief === model.get("belief")) return;
    belief = model.get("belief");
    input.value = model.get("thought");
    update();
  }
  return { root, show };
}

// shared/answer_box.js
var SIGNS = { right: "✓", wrong: "✗", partly: "◐" };
function answerBox({ model, el }, { attributes, parts, counter, update }) {
  const lead = html("strong", {}, model.get("lead"));
  const words = withCode(model.get("question"));
  const hidden = !model.get("question");
  const question = html("p", { class: "rollout-options-question", hidden }, lead, " ", ...words);
  const status = liveRegion("rollout-options-status");
  const root = html("div", { class: "rollout-options", role: "group", ...attributes });
  const wasThatIt = askWasThatIt(model);
  root.append(question, ...parts, status, wasThatIt.root);
  keepKeys(root);
  el.append(root);
  let silence = "";
  const timer = kernelTimer(model, (text) => {
    silence = text;
    show();
  });
  function show() {
    const answered = model.get("answered") === model.get(counter);
    if (answered) {
      timer.stop();
      silence = "";
    }
    const [verdict, text] = answered ? [model.get("verdict"), model.get("status")] : ["", silence];
    setStatus({ verdict, text, ...update({ silence, verdict }) });
    root.classList.toggle("unanswered", !answered);
    wasThatIt.show(answered);
  }
  function setStatus({ verdict, text }) {
    const lines = text.split("\n").filter(Boolean);
    const paragraphs = lines.map((line) => html("p", {}, ...withCode(line)));
    const sign = html("span", { class: "sign", "aria-hidden": "true" }, `${SIGNS[verdict]} `);
    if (verdict) paragraphs[0]?.prepend(sign);
    root.dataset.verdict = status.dataset.verdict = verdict;
    status.replaceChildren(...paragraphs);
  }
  function give(traits) {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.set(counter, model.get(counter) + 1);
    model.save_changes();
    silence = "";
    timer.start();
    show();
  }
  for (const name of [counter, "answered", "status", "verdict", "belief"]) model.on(`change:${name}`, show);
  show();
  return { root, give, show };
}

// widgets/task.js
var GRID_ROLES = [
  ["tr", "row"],
  ["thead, tbody", "rowgroup"],
  ["th[scope=col]", "columnheader"],
  ["th[scope=row]", "rowheader"]
];
var button = (text, attributes) => html("button", { type: "button", ...attributes }, text);
var checkButton = (give) => button("Check", { class: "check", click: give });
var tablesOf = (tables) => html("div", { class: "tables" }, ...tables);
var lineOf = (...children) => html("div", { class: "line" }, ...children);
var plainCell = (_row, _column, text) => html("td", {}, text);
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
function number({ model, task, give, changed }) {
  const keydown = (event) => event.key === "Enter" && give(input.value);
  const look = { type: "text", inputmode: "decimal", autocomplete: "off", size: task.size ?? 8 };
  const input = html("input", { ...look, keydown, input: changed });
  input.value = model.get("given") ?? "";
  const cellOf = (matrix) => (row, column, text) => {
    if (text !== "?") return plainCell(row, column, text);
    const place = `row ${matrix.rows[row]}, column ${matrix.columns[column]}`;
    input.setAttribute("aria-label", `Entry of ${matrix.name}, ${place}`);
    input.placeholder = text;
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
  let dragged = null;
  function move(from, to, direction) {
    if (to < 0 || to >= places.length || from === to) return;
    places = places.toSpliced(from, 1).toSpliced(to, 0, places[from]);
    show();
    changed();
    const item = list.children[to];
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
      End: [row, matrix.columns.length - 1]
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
  let open = false;
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
  const update = () => open ? { verdict: "", text: task.asked } : {};
  const box = answerBox({ model, el }, { attributes, parts, counter: "tries", update });
  box.root.append(spoken);
}
var task_default = { render };
export {
  task_default as default
};
