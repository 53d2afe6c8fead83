// Downloads all answers as a file, adds those of such a file, and deletes them once that is confirmed.

import { html, keepKeys, liveRegion } from "../shared/elements.js";
import { kernelTimer } from "../shared/kernel.js";

const button = (text, click) => html("button", { type: "button", click }, text);

function save(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  html("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}

function render({ model, el }) {
  const there = html("p", {});
  const status = liveRegion("rollout-options-status");
  const say = (text) => status.replaceChildren(text);
  const timer = kernelTimer(model, say);
  const last = { n: 0 };

  function ask(request) {
    last.n = (model.get("request").n ?? 0) + 1;
    say("");
    model.set("request", { ...request, n: last.n });
    model.save_changes();
    timer.start();
  }

  async function add() {
    const [file] = choice.files;
    choice.value = ""; // so that the same file can be chosen again
    if (!file) return;
    if (file.size > model.get("most")) {
      say(`Nothing added: the file is larger than ${model.get("most") / 1000} kB. Choose ${model.get("file")}.`);
    } else ask({ do: "add", text: await file.text() });
  }

  function confirm(whether) {
    question.hidden = !whether;
    (whether ? no : remove).focus();
  }

  const choice = html("input", { type: "file", accept: ".json", hidden: "", "aria-label": "File", change: add });
  const remove = button("Delete …", () => confirm(true));
  const yes = button("Delete them for good", () => {
    confirm(false);
    ask({ do: "delete" });
  });
  const no = button("Keep them", () => confirm(false));
  const words = html("p", {});
  const escape = (event) => event.key === "Escape" && confirm(false);
  const attributes = { role: "group", "aria-label": "Delete all answers?", hidden: "", keydown: escape };
  const question = html("div", attributes, words, html("div", { class: "line" }, no, yes));
  const buttons = [
    button("Download", () => ask({ do: "download" })),
    button("Add from a file …", () => choice.click()),
    remove,
  ];
  const look = { class: "rollout-options rollout-task", role: "group", "aria-label": "Your answers" };
  const root = html("div", look, there, html("div", { class: "line" }, ...buttons, choice), question, status);
  keepKeys(root);
  el.append(root);

  function show() {
    there.textContent = `Kept: ${model.get("there")}. ${model.get("where")}`;
    words.textContent = `Delete ${model.get("there")}? Only a downloaded file brings them back.`;
  }
  model.on("change:there", show);
  model.on("change:reply", () => {
    const { n, said, text } = model.get("reply");
    if (n !== last.n) return;
    timer.stop();
    say(said);
    if (text) save(model.get("file"), text);
  });
  show();
}

export default { render };
