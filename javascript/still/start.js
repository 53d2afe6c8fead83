// The start page: one path tracer, a guess that it settles, and a link that holds what it shows.

import { followTheme, hashOf, load, moveTo, show, stateOf } from "./still.js";

const place = document.getElementById("tracer");
const sentences = document.getElementById("sentence");
const guesses = document.querySelector(".guesses");
const [told, also, more, next] = ["told", "also", "more", "next"].map((id) => document.getElementById(id));
const files = new Map(); // of the sentences, by name
let shown = null; // the sentence, its still and its model
let writing; // the timer of the address
let written = location.hash;

const address = () => `${location.href.split("#")[0]}${hashOf({ sentence: shown.name, ...shown.chosen })}`;

// The address follows what is chosen, soon: browsers refuse many changes at once.
function moved(chosen) {
  if (!shown || JSON.stringify(chosen) === JSON.stringify(shown.chosen)) return;
  shown.chosen = chosen;
  clearTimeout(writing);
  writing = setTimeout(() => {
    history.replaceState(null, "", address());
    written = location.hash;
  }, 300);
}

// Shows a sentence, opened on a state of texts by name.
async function open(name, state) {
  if (!files.has(name)) files.set(name, load(new URL(`${name}.still`, import.meta.url)));
  let page;
  try {
    page = await files.get(name);
  } catch (error) {
    files.delete(name);
    throw error;
  }
  const still = structuredClone(page.widgets.w1);
  shown = null;
  const model = await show(place, still, { moved, start: state });
  shown = { name, still, model, chosen: model.get("chosen") };
  sentences.value = name;
  const option = sentences.selectedOptions[0];
  document.getElementById("look").textContent = option.dataset.look;
}

async function openAddress() {
  written = location.hash;
  const state = stateOf(location.hash);
  const known = [...sentences.options].some((option) => option.value === state.sentence);
  if (known) await open(state.sentence, state);
  return known;
}

async function move(state) {
  if (shown?.name !== "cards") await open("cards", state);
  else moveTo(shown.model, shown.still, state);
  moved(shown.model.get("chosen"));
}

const entry = (residual) => ({ ...guesses.dataset, k: "1", residual });

async function settle(button) {
  for (const each of guesses.children) each.setAttribute("aria-pressed", String(each === button));
  told.querySelector(".verdict").textContent = button.dataset.guess;
  told.hidden = more.hidden = false;
  also.hidden = next.hidden = true;
  if (matchMedia("(max-width: 60rem)").matches) guesses.scrollIntoView(); // the tracer lies below
  await move(entry("none"));
  place.querySelector(".controls .act").click(); // follow the path upward
}

async function count() {
  also.hidden = next.hidden = false;
  told.hidden = more.hidden = true;
  next.querySelector("a").focus({ preventScroll: true });
  await move(entry(more.querySelector("button").dataset.residual));
}

async function copy() {
  const said = document.getElementById("copied");
  const link = document.getElementById("link");
  said.textContent = "";
  try {
    await navigator.clipboard.writeText(address());
    link.hidden = true;
    said.textContent = "Copied. The link opens this sentence, output, source and formula.";
  } catch {
    const field = link.querySelector("input");
    link.hidden = false;
    field.value = address();
    field.select();
    said.textContent = "This browser does not let the page copy. Here is the link: copy it yourself.";
  }
}

async function begin() {
  followTheme();
  if (!(await openAddress())) await open("cards");
  for (const button of guesses.children) button.addEventListener("click", () => settle(button));
  more.querySelector("button").addEventListener("click", count);
  sentences.addEventListener("change", async () => {
    await open(sentences.value);
    place.scrollIntoView(); // pictures differ in height
    history.replaceState(null, "", address());
    written = location.hash;
  });
  document.getElementById("copy").addEventListener("click", copy);
  addEventListener("hashchange", () => location.hash !== written && openAddress());
  document.documentElement.dataset.alive = "yes";
}

begin().catch((error) => {
  console.error(error); // the picture and its answer go on standing there
  document.documentElement.classList.remove("scripted");
});
