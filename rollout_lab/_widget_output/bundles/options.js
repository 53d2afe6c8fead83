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

// widgets/options.js
var MARKS = { right: "✓ right", wrong: "✗ not yet", partly: "◐ partly right" };
function editorAround(element) {
  const host = element.getRootNode().host ?? element;
  const cell = element.closest(".jp-Cell") ?? host.closest?.(".jp-Cell");
  const content = cell?.querySelector(".cm-content");
  const view = content?.cmTile?.view ?? content?.cmView?.view;
  return view?.state?.doc && view.dispatch ? view : null;
}
function writeLetter(element, variable, letter) {
  const literal = `"${letter}"`;
  const assignment = `^(${variable}[ \\t]*=[ \\t]*)("[^"\\n]*"|'[^'\\n]*'|[^#\\n]*?)([ \\t]*(?:#.*)?)$`;
  try {
    const view = editorAround(element);
    const found = new RegExp(assignment, "m").exec(view.state.doc.toString());
    const from = found.index + found[1].length;
    view.dispatch({ changes: { from, to: from + found[2].length, insert: literal } });
    return view.state.doc.toString().startsWith(literal, from);
  } catch {
    return false;
  }
}
function render({ model, el }) {
  const buttons = model.get("options").map(([letter, words]) => {
    const text = html("span", { class: "text" }, ...withCode(words));
    const attributes2 = { type: "button", "data-letter": letter, click: () => choose(letter) };
    return html("button", attributes2, html("strong", {}, letter), text, html("span", { class: "mark" }));
  });
  function choose(letter) {
    const variable = model.get("variable");
    const written2 = variable && writeLetter(el, variable, letter) ? letter : "";
    box.give({ written: written2, chosen: letter });
  }
  function update({ silence, verdict }) {
    const chosen = model.get("chosen");
    for (const button of buttons) {
      const pressed = button.dataset.letter === chosen;
      const mark = silence ? "not kept" : MARKS[verdict] ?? "● chosen";
      button.setAttribute("aria-pressed", String(pressed));
      button.dataset.verdict = pressed ? verdict : "";
      button.lastChild.textContent = pressed ? mark : "";
    }
    return silence ? { text: written(chosen) + silence } : {};
  }
  function written(letter) {
    const variable = model.get("variable");
    if (!variable || model.get("written") !== letter) return "";
    const line = `\`${variable} = "${letter}"\``;
    return `The cell says ${line}; save the notebook and it stands. The kernel does not know of it.
`;
  }
  const attributes = { "aria-label": model.get("label") };
  const box = answerBox({ model, el }, { attributes, parts: buttons, counter: "clicks", update });
  model.on("change:chosen", box.show);
}
var options_default = { render };
export {
  options_default as default
};
