// A sentence that is spoken when it changes, between controls of ipywidgets and a picture.

import { keepKeys, liveRegion } from "../shared/elements.js";
import { kernelTimer } from "../shared/kernel.js";

function render({ model, el }) {
  const line = liveRegion("rollout-lab-status");
  el.append(line);

  const stage = () => el.closest(".rollout-lab-stage");
  const timer = kernelTimer(model, (text) => line.replaceChildren(text));
  const show = () => {
    timer.stop();
    stage()?.classList.remove("unanswered");
    line.textContent = model.get("text");
  };
  // What the kernel said, and drew, is of an earlier choice until it has heard of this one.
  const ask = () => {
    line.textContent = "";
    stage()?.classList.add("unanswered");
    timer.start();
  };
  model.on("change:text", show);
  model.on("change:heard", show);
  show();

  const prepare = () => prepareStage(stage(), ask);
  requestAnimationFrame(prepare);
  setTimeout(prepare, 500);
  return watchControls(model, ask);
}

// Calls `ask` when a control changes; returns what ends that.
function watchControls(model, ask) {
  const models = model.get("controls").map((id) => model.widget_manager.get_model(id));
  const found = Promise.allSettled(models);
  // A menu tells its place, a button that it was pressed.
  const each = async (method) => {
    for (const { value: control } of await found) control?.[method]("change:value change:index", ask);
  };
  each("on");
  return () => each("off");
}

// Keys, buttons and the names of sliders, once the controls are on the page.
function prepareStage(stage, ask) {
  if (!stage) return;
  if (!stage.dataset.lmSuppressShortcuts) {
    keepKeys(stage);
    stage.addEventListener("click", ({ target }) => {
      if (target.closest("button") && target.closest(".rollout-lab-stage") === stage) ask();
    });
  }
  for (const slider of stage.querySelectorAll(".widget-slider")) {
    const name = slider.querySelector("label")?.textContent;
    for (const part of slider.querySelectorAll("[role=slider], .widget-readout")) {
      part.setAttribute("aria-label", name);
    }
  }
}

export default { render };
