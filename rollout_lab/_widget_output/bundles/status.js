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

// widgets/status.js
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
function watchControls(model, ask) {
  const models = model.get("controls").map((id) => model.widget_manager.get_model(id));
  const found = Promise.allSettled(models);
  const each = async (method) => {
    for (const { value: control } of await found) control?.[method]("change:value change:index", ask);
  };
  each("on");
  return () => each("off");
}
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
var status_default = { render };
export {
  status_default as default
};
