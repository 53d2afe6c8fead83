// Options as buttons. Where the widget stands in a cell that assigns a letter to a variable, a click writes
// the letter into that cell, so that the notebook itself keeps the answer.

import { answerBox } from "../shared/answer_box.js";
import { html, withCode } from "../shared/elements.js";

const MARKS = { right: "✓ right", wrong: "✗ not yet", partly: "◐ partly right" };

// The CodeMirror view of the cell around an element. These are internals of JupyterLab and Notebook, so every
// step may be missing; null means "cannot write here".
function editorAround(element) {
  const host = element.getRootNode().host ?? element;
  const cell = element.closest(".jp-Cell") ?? host.closest?.(".jp-Cell");
  const content = cell?.querySelector(".cm-content");
  const view = content?.cmTile?.view ?? content?.cmView?.view;
  return view?.state?.doc && view.dispatch ? view : null;
}

// Writes `variable = "letter"` over the first assignment to the variable; true when it is there.
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
    const attributes = { type: "button", "data-letter": letter, click: () => choose(letter) };
    return html("button", attributes, html("strong", {}, letter), text, html("span", { class: "mark" }));
  });

  function choose(letter) {
    const variable = model.get("variable");
    const written = variable && writeLetter(el, variable, letter) ? letter : "";
    box.give({ written, chosen: letter });
  }

  function update({ silence, verdict }) {
    const chosen = model.get("chosen");
    for (const button of buttons) {
      const pressed = button.dataset.letter === chosen;
      const mark = silence ? "not kept" : (MARKS[verdict] ?? "● chosen");
      button.setAttribute("aria-pressed", String(pressed));
      button.dataset.verdict = pressed ? verdict : "";
      button.lastChild.textContent = pressed ? mark : "";
    }
    return silence ? { text: written(chosen) + silence } : {};
  }

  // Where the answer is a letter in the cell, it is kept there without the kernel.
  function written(letter) {
    const variable = model.get("variable");
    if (!variable || model.get("written") !== letter) return "";
    const line = `\`${variable} = "${letter}"\``;
    return `The cell says ${line}; save the notebook and it stands. The kernel does not know of it.\n`;
  }

  const attributes = { "aria-label": model.get("label") };
  const box = answerBox({ model, el }, { attributes, parts: buttons, counter: "clicks", update });
  model.on("change:chosen", box.show);
}

export default { render };
