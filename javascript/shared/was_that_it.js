// Asks under the diagnosis of a belief whether that was the student's thought.

import { html, liveRegion } from "./elements.js";
import { kernelTimer } from "./kernel.js";

const REPLIES = { yes: "Yes", no: "No" };

// Returns the question's element, and `show(whether)`, which shows it where there is a belief to ask about.
export function askWasThatIt(model) {
  const buttons = Object.entries(REPLIES).map(([reply, text]) =>
    html("button", { type: "button", "data-reply": reply, click: () => give(reply) }, text),
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
