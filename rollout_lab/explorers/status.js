// A sentence that is spoken when it changes, between controls of ipywidgets and a picture.

function render({ model, el }) {
  const line = document.createElement("div");
  line.setAttribute("role", "status");
  line.setAttribute("aria-live", "polite");
  line.style.cssText = "line-height:1.45;min-height:1.45em;padding:4px 0;max-width:75ch";
  el.append(line);

  const stage = () => el.closest(".rollout-lab-stage");
  const wait = waiting(model, (text) => { line.textContent = text; });
  const say = () => {
    wait.answered();
    stage()?.classList.remove("unanswered");
    line.textContent = model.get("text");
  };
  // What the kernel said, and drew, is of an earlier choice until it has heard of this one.
  const asked = () => {
    line.textContent = "";
    stage()?.classList.add("unanswered");
    wait.asked();
  };
  model.on("change:text", say);
  model.on("change:heard", say);
  say();

  const watched = [];
  let gone = false;
  for (const id of model.get("controls")) {
    model.widget_manager.get_model(id).then((control) => {
      if (gone) return;
      watched.push(control);
      // A menu tells its place, a button that it was pressed.
      control.on("change:value change:index", asked);
    }).catch(() => {});
  }

  const prepare = () => {
    const around = stage();
    if (around && !around.dataset.lmSuppressShortcuts) {
      around.dataset.lmSuppressShortcuts = "true";
      // The attribute is not heeded for shortcuts of whatever has the focus, such as the arrow keys.
      around.addEventListener("keydown", (event) => {
        const runs = event.key === "Enter" && event.shiftKey;
        if (!(event.ctrlKey || event.metaKey || event.altKey || runs)) event.stopPropagation();
      });
      around.addEventListener("click", ({ target }) => {
        if (target.closest("button") && target.closest(".rollout-lab-stage") === around) asked();
      });
    }
    for (const slider of around?.querySelectorAll(".widget-slider") ?? []) {
      const name = slider.querySelector("label")?.textContent;
      slider.querySelectorAll("[role=slider], .widget-readout").forEach(
        (part) => part.setAttribute("aria-label", name));
    }
  };
  requestAnimationFrame(prepare);
  setTimeout(prepare, 500);
  return () => {
    gone = true;
    watched.forEach((control) => control.off("change:value change:index", asked));
  };
}

export default { render };
