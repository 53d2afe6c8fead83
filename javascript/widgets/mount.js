// Puts the live view of a widget in the place of the HTML that is saved for it, wherever that HTML stands in
// the page. A notebook draws its outputs late, or again, or twice ("new view for output"), so the page is
// watched.

const SAVED = "[data-rollout-view]";
const VIEWS = Symbol.for("rollout-lab.views");

// By output: the id of the model whose view stands in for it, and where. A notebook keeps its manager, and
// what watches the page, when its kernel is restarted: the next one must know what the last one has placed.
function placedBy(manager) {
  window[VIEWS] ??= new WeakMap();
  if (!window[VIEWS].has(manager)) window[VIEWS].set(manager, new WeakMap());
  return window[VIEWS].get(manager);
}

// The front end makes its links open documents: the live view clicks on them.
const linksOf = (saved) => saved.querySelectorAll("a[href*='.ipynb']");

async function showView(saved, manager) {
  const placed = placedBy(manager);
  const id = saved.dataset.rolloutView;
  // JupyterLab draws into this element again when the saved HTML changes; a view beside it stays as it is.
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
    shown?.replaceChildren(...linksOf(shown)); // the file keeps it; the page needs it once only
  } catch {
    // A model of another kernel, or of one that is gone: what is saved goes on standing there.
    placed.delete(output);
  }
}

// Sliders measure themselves when they are attached, so a view is attached as its front end does it.
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

export default { initialize };
