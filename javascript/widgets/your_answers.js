// Downloads all answers as a file, adds those of such a file, and deletes them once that is confirmed.

import { html, keepKeys, liveRegion } from "../shared/elements.js";
import { kernelTimer } from "../shared/kernel.js";

const button = (text, click) => html("button", { type: "button", click }, text);
const lineOf = (...children) => html("div", { class: "line" }, ...children);

function save(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  html("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}

// A button that deletes, and the question that comes before it does.
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

// A button that opens the browser's choice of a file; `give` gets its text, `say` why there is none.
function adding(model, give, say) {
  const change = async () => {
    const [file] = choice.files;
    if (!file) return;
    const [most, name] = ["most", "file"].map((trait) => model.get(trait));
    if (file.size > most) say(`Nothing added: the file is larger than ${most / 1000} kB. Choose ${name}.`);
    else give(await file.text());
    choice.value = ""; // so that the same file can be chosen again
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

export default { render };
