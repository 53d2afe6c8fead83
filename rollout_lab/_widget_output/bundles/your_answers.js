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

// widgets/your_answers.js
var button = (text, click) => html("button", { type: "button", click }, text);
var lineOf = (...children) => html("div", { class: "line" }, ...children);
function save(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  html("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 6e4);
}
function deleting(model, remove) {
  const words = html("p", {});
  const ask = (whether) => {
    words.textContent = `Delete ${model.get("there")}? Only a downloaded file brings them back.`;
    question.hidden = !whether;
    (whether ? keep : start).focus();
  };
  const start = button("Delete …", () => ask(true));
  const keep = button("Keep them", () => ask(false));
  const sure = button("Delete them for good", () => {
    ask(false);
    remove();
  });
  const keydown = (event) => event.key === "Escape" && ask(false);
  const attributes = { role: "group", "aria-label": "Delete all answers?", hidden: "", keydown };
  const question = html("div", attributes, words, lineOf(keep, sure));
  return { start, question };
}
function adding(model, give, say) {
  const change = async () => {
    const [file] = choice.files;
    if (!file) return;
    const [most, name] = ["most", "file"].map((trait) => model.get(trait));
    if (file.size > most) say(`Nothing added: the file is larger than ${most / 1e3} kB. Choose ${name}.`);
    else give(await file.text());
    choice.value = "";
  };
  const choice = html("input", { type: "file", accept: ".json", hidden: "", "aria-label": "File", change });
  return [button("Add from a file …", () => choice.click()), choice];
}
function render({ model, el }) {
  const there = html("p", {});
  const status = liveRegion("rollout-options-status");
  const say = (text) => status.replaceChildren(text);
  const timer = kernelTimer(model, say);
  let last = 0;
  function ask(request) {
    last = (model.get("request").n ?? 0) + 1;
    say("");
    model.set("request", { ...request, n: last });
    model.save_changes();
    timer.start();
  }
  const download = button("Download", () => ask({ do: "download" }));
  const { start, question } = deleting(model, () => ask({ do: "delete" }));
  const line = lineOf(download, ...adding(model, (text) => ask({ do: "add", text }), say), start);
  const look = { class: "rollout-options rollout-task", role: "group", "aria-label": "Your answers" };
  const root = html("div", look, there, line, question, status);
  keepKeys(root);
  el.append(root);
  const show = () => {
    there.textContent = `Kept here: ${model.get("there")}.`;
  };
  model.on("change:there", show);
  model.on("change:reply", () => {
    const { n, said, text } = model.get("reply");
    if (n !== last) return;
    timer.stop();
    say(said);
    if (text) save(model.get("file"), text);
  });
  show();
}
var your_answers_default = { render };
export {
  your_answers_default as default
};
