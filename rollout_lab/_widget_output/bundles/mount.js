// Built from javascript/ by make javascript: do not edit.

// widgets/mount.js
var SAVED = "[data-rollout-view]";
var VIEWS = /* @__PURE__ */ Symbol.for("rollout-lab.views");
function placedBy(manager) {
  window[VIEWS] ??= /* @__PURE__ */ new WeakMap();
  if (!window[VIEWS].has(manager)) window[VIEWS].set(manager, /* @__PURE__ */ new WeakMap());
  return window[VIEWS].get(manager);
}
var linksOf = (saved) => saved.querySelectorAll("a[href*='.ipynb']");
async function showView(saved, manager) {
  const placed = placedBy(manager);
  const id = saved.dataset.rolloutView;
  const output = saved.closest(".jp-OutputArea-output") ?? saved;
  const before = placed.get(output);
  if (before?.id === id) {
    if (before.place.isConnected) saved.replaceChildren(...linksOf(saved));
    return;
  }
  before?.place.remove();
  const place = document.createElement("div");
  placed.set(output, { id, place });
  try {
    const view = await manager.create_view(await manager.get_model(id));
    if (!output.isConnected) throw new Error("the output is not on the page any more");
    place.className = output === saved ? "" : "jp-OutputArea-output";
    output.after(place);
    attach(view, place);
    output.style.display = "none";
    const shown = output.querySelector(SAVED);
    shown?.replaceChildren(...linksOf(shown));
  } catch {
    placed.delete(output);
  }
}
function attach(view, place) {
  const widget = view.luminoWidget ?? view.pWidget;
  if (typeof widget?.constructor.attach === "function") widget.constructor.attach(widget, place);
  else place.append(view.el);
}
function initialize({ model }) {
  const search = (element) => {
    if (element.matches?.(SAVED)) showView(element, model.widget_manager);
    for (const saved of element.querySelectorAll?.(SAVED) ?? []) showView(saved, model.widget_manager);
  };
  const observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach(search);
  });
  observer.observe(document.body, { childList: true, subtree: true });
  search(document.body);
  return () => observer.disconnect();
}
var mount_default = { initialize };
export {
  mount_default as default
};
