// Controls for choices whose values are not all text or whole numbers.

import { html } from "./elements.js";
import { checkbox, menu } from "./explorer.js";

// A control for each `[name, kind, label, options]`, where an option is `[text, value]`; `set` shows what is
// chosen, by name.
export function controlsOf(listed, choose) {
  const made = listed.map(([name, kind, label, options]) => {
    const onChoose = (value) => choose({ [name]: value });
    if (kind === "check") return [name, checkbox(label, false, onChoose)];
    const toOption = (index) => onChoose(options[index][1]);
    const { element, set } = (kind === "menu" ? menuOf : sliderOf)(label, options, toOption);
    return [name, { element, set: (value) => set(options.findIndex((option) => option[1] === value)) }];
  });
  const set = (values) => {
    for (const [name, control] of made) control.set(values[name]);
  };
  return { elements: made.map(([, control]) => control.element), set };
}

function menuOf(label, options, onChoose) {
  const indexed = options.map(([text], index) => [text, index]);
  return menu(label, indexed, 0, (index) => onChoose(Number(index)));
}

// The options lie along it at equal distances, whatever their values are.
function sliderOf(label, options, onChoose) {
  const input = () => onChoose(Number(range.value));
  const range = html("input", { type: "range", min: 0, max: options.length - 1, step: 1, input });
  const shown = html("output", { class: "number" });
  const set = (index) => {
    range.value = index;
    shown.textContent = options[index][0];
    range.setAttribute("aria-valuetext", options[index][0]);
  };
  return { element: html("label", {}, `${label} `, range, " ", shown), set };
}
