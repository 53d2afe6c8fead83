// What options and tasks share: the question above, and below what the kernel says of the last answer.

import { html, keepKeys, liveRegion, withCode } from "./elements.js";
import { kernelTimer } from "./kernel.js";
import { askWasThatIt } from "./was_that_it.js";

const SIGNS = { right: "✓", wrong: "✗", partly: "◐" };

// `parts` stand between question and status. `counter` names the trait that counts answers. `update` is
// called with `{ silence, verdict }` and returns what to show in place of the kernel's `{ verdict, text }`.
export function answerBox({ model, el }, { attributes, parts, counter, update }) {
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

  let silence = ""; // what is said because the kernel says nothing
  const timer = kernelTimer(model, (text) => {
    silence = text;
    show();
  });

  // What the kernel said is of an earlier answer until it has answered the last one.
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

  // A sign before the words of a verdict, and a line for each thing said.
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
