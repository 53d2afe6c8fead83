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
    for (const button of buttons) {
      const pressed = button.dataset.reply === reply;
      button.setAttribute("aria-pressed", String(pressed));
      button.textContent = `${pressed ? "● " : ""}${REPLIES[button.dataset.reply]}`;
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

// widgets/break_it.js
var SOON = 150;
var STEPS = { ArrowUp: -1, ArrowDown: 1 };
function table(caption, columns, rows) {
  const heads = columns.map((name) => html("th", { scope: "col" }, name));
  const head = html("thead", {}, html("tr", {}, html("td"), ...heads));
  return html("table", {}, html("caption", {}, caption), head, html("tbody", {}, ...rows));
}
var rowOf = (name, cells) => html("tr", {}, html("th", { scope: "row" }, name), ...cells);
var Entries = class {
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
      event.preventDefault();
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
};
function result(label, lines, marks, task) {
  const cellOf = (text, differs) => html("td", { class: differs ? "parted" : null }, differs ? `≠ ${text}` : text);
  const rows = lines.map((line, i) => {
    const name = lines.length === task.rows.length ? task.rows[i] : "";
    return rowOf(
      name,
      line.map((text, j) => cellOf(text, marks[i]?.[j]))
    );
  });
  const named = lines[0].length === task.columns.length;
  return table(label, named ? task.columns : lines[0].map(() => ""), rows);
}
function render({ model, el }) {
  const task = model.get("task");
  let timer = 0;
  let last = {};
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
var break_it_default = { render };
export {
  break_it_default as default
};
