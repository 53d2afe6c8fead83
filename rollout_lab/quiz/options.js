// Options as buttons. Where the widget stands in a cell that assigns a letter to a variable, a
// click writes the letter into that cell, so that the notebook itself keeps the answer.

// The CodeMirror view of the cell around an element. These are internals of JupyterLab and
// Notebook, so every step may be missing; null means "cannot write here".
function editorAround(element) {
  const host = element.getRootNode().host ?? element;
  const content = (element.closest(".jp-Cell") ?? host.closest?.(".jp-Cell"))?.querySelector(".cm-content");
  const view = content && (content.cmTile?.view ?? content.cmView?.view);
  return view?.state?.doc && view.dispatch ? view : null;
}

// Writes `variable = "letter"` over the first assignment to the variable; true when it is there.
function writeLiteral(element, variable, letter) {
  try {
    const view = editorAround(element);
    if (!view) return false;
    const text = view.state.doc.toString();
    const found = new RegExp(`^(${variable}[ \\t]*=[ \\t]*)("[^"\\n]*"|'[^'\\n]*'|[^#\\n]*?)([ \\t]*(?:#.*)?)$`, "m").exec(text);
    if (!found) return false;
    const from = found.index + found[1].length;
    view.dispatch({ changes: { from, to: from + found[2].length, insert: `"${letter}"` } });
    return view.state.doc.toString().includes(`${variable} = "${letter}"`) ||
      view.state.doc.toString().slice(from).startsWith(`"${letter}"`);
  } catch (error) {
    return false;
  }
}

// Text in which `code` stands between backticks.
function fill(element, text) {
  element.replaceChildren(
    ...text.split("`").map((part, index) => {
      if (index % 2 === 0) return document.createTextNode(part);
      const code = document.createElement("code");
      code.textContent = part;
      return code;
    }),
  );
}

const SIGNS = { right: "✓", wrong: "✗", partly: "◐" };
const MARKS = { right: "✓ right", wrong: "✗ not yet", partly: "◐ partly right" };

function made(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function render({ model, el }) {
  const group = made("div", "rollout-options");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", model.get("label"));
  // Without this, JupyterLab takes Enter and Space on a button for its own shortcuts.
  group.setAttribute("data-lm-suppress-shortcuts", "true");
  // It heeds that for some of them only: letters such as "b", a new cell, must not reach it.
  group.addEventListener("keydown", (event) => {
    const runs = event.key === "Enter" && event.shiftKey;
    if (!(event.ctrlKey || event.metaKey || event.altKey || runs)) event.stopPropagation();
  });

  const question = made("p", "rollout-options-question", made("strong", "", model.get("lead")), " ", made("span", ""));
  fill(question.lastChild, model.get("question"));
  question.hidden = !model.get("question");

  const status = made("div", "rollout-options-status");
  status.setAttribute("role", "status");
  status.setAttribute("aria-live", "polite");

  const buttons = model.get("options").map(([letter, text]) => {
    const button = made("button", "", made("strong", "", letter), made("span", "text"), made("span", "mark"));
    button.type = "button";
    button.dataset.letter = letter;
    fill(button.children[1], text);
    button.addEventListener("click", () => choose(letter));
    return button;
  });
  group.append(question, ...buttons, status);
  el.append(group);

  let silent = ""; // what is said because the kernel says nothing
  const wait = waiting(model, (text) => { silent = text; show(); });

  function choose(letter) {
    const variable = model.get("variable");
    if (variable) {
      const written = writeLiteral(el, variable, letter);
      model.set("written", written ? letter : "");
    }
    model.set("chosen", letter);
    model.set("clicks", model.get("clicks") + 1);
    model.save_changes();
    silent = "";
    wait.asked();
    show();
  }

  // What the kernel said is of an earlier choice until it has answered the last one.
  function show() {
    const chosen = model.get("chosen"), answered = model.get("answered") === model.get("clicks");
    if (answered) { wait.answered(); silent = ""; }
    const verdict = answered ? model.get("verdict") : "";
    for (const button of buttons) {
      const mine = button.dataset.letter === chosen;
      button.setAttribute("aria-pressed", String(mine));
      button.dataset.verdict = mine ? verdict : "";
      button.lastChild.textContent = !mine ? "" : silent ? "not kept" : MARKS[verdict] ?? "● chosen";
    }
    group.classList.toggle("unanswered", !answered);
    say(status, answered ? model.get("status") : silent && recorded() + silent, verdict);
  }

  // Where the answer is a letter in the cell, it is kept there without the kernel.
  function recorded() {
    const variable = model.get("variable"), chosen = model.get("chosen");
    if (!variable || model.get("written") !== chosen) return "";
    return `The cell says \`${variable} = "${chosen}"\`; save the notebook and it stands. The kernel does not know of it.\n`;
  }

  for (const name of ["chosen", "clicks", "answered", "status", "verdict"]) model.on(`change:${name}`, show);
  show();
}

// Fills a status line: a sign before the words of a verdict, and a line for each thing said.
function say(status, text, verdict) {
  const lines = text.split("\n").filter(Boolean).map((line) => {
    const paragraph = document.createElement("p");
    fill(paragraph, line);
    return paragraph;
  });
  if (verdict && lines.length) {
    const sign = made("span", "sign", SIGNS[verdict], " ");
    sign.setAttribute("aria-hidden", "true");
    lines[0].prepend(sign);
  }
  status.dataset.verdict = verdict;
  status.replaceChildren(...lines);
}

export default { render };
