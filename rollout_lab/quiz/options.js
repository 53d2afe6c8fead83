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
export function writeLiteral(element, variable, letter) {
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

function render({ model, el }) {
  const group = document.createElement("div");
  group.className = "rollout-options";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", model.get("label"));
  // Without this, JupyterLab takes Enter and Space on a button for its own shortcuts.
  group.setAttribute("data-lm-suppress-shortcuts", "true");
  // It heeds that for some of them only: letters such as "b", a new cell, must not reach it.
  group.addEventListener("keydown", (event) => {
    const runs = event.key === "Enter" && event.shiftKey;
    if (!(event.ctrlKey || event.metaKey || event.altKey || runs)) event.stopPropagation();
  });

  const status = document.createElement("div");
  status.className = "rollout-options-status";
  status.setAttribute("role", "status");
  status.setAttribute("aria-live", "polite");

  const buttons = model.get("options").map(([letter, text]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.letter = letter;
    const name = document.createElement("strong");
    name.textContent = letter;
    const body = document.createElement("span");
    fill(body, text);
    button.append(name, body);
    button.addEventListener("click", () => choose(letter));
    return button;
  });
  group.append(...buttons, status);
  el.append(group);

  function choose(letter) {
    const variable = model.get("variable");
    if (variable) {
      const written = writeLiteral(el, variable, letter);
      model.set("written", written ? letter : "");
    }
    model.set("clicks", model.get("clicks") + 1);
    model.set("chosen", letter);
    model.save_changes();
    show();
  }

  function show() {
    const chosen = model.get("chosen");
    for (const button of buttons) {
      const pressed = button.dataset.letter === chosen;
      button.setAttribute("aria-pressed", String(pressed));
    }
    const lines = model.get("status").split("\n").filter(Boolean);
    status.hidden = lines.length === 0;
    status.replaceChildren(
      ...lines.map((line) => {
        const paragraph = document.createElement("p");
        fill(paragraph, line);
        return paragraph;
      }),
    );
  }

  model.on("change:chosen", show);
  model.on("change:status", show);
  show();
}

export default { render };
