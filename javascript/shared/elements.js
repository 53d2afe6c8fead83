// Elements of the page, and text in them.

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// A function among the attributes listens to the event of its name; null, undefined and false leave one out.
export const html = (tag, attributes = {}, ...children) =>
  build(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) =>
  build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

// Text in which `code` stands between backticks, and Markdown's links to a lesson's section.
export const withCode = (text) =>
  text.split("`").flatMap((part, index) => (index % 2 ? html("code", {}, part) : withLinks(part)));

const LINK = /\[([^\]]+)\]\(((?:\.\.\/)*[\w/]+\.(?:ipynb#|html[#?])[^)\s]+)\)/;

function withLinks(text) {
  const [before, words, href, ...after] = text.split(LINK);
  if (!href) return [text];
  return [before, html("a", { href, target: "_blank", click: openHere }, words), ...after];
}

// The front end has made the link in the saved output one that opens the lesson in a tab of its own: use it.
function openHere(event) {
  const link = event.currentTarget;
  const child = (link.getRootNode().host ?? link).closest(".jp-OutputArea-child");
  const links = [...(child?.querySelectorAll("[data-rollout-view] a") ?? [])];
  const same = links.find((each) => each.textContent === link.textContent);
  if (!same) return;
  event.preventDefault();
  const [, name] = /(\w+\.ipynb)#/.exec(link.getAttribute("href"));
  const tabs = [...document.querySelectorAll(".lm-TabBar-tabLabel")].map((tab) => tab.textContent);
  same.click();
  if (tabs.length && !tabs.includes(name)) askAgain(link, same, 5); // an app of one notebook has none
}

// JupyterLab looks for a section before a lesson that was not open has cells: ask again once it is in front.
function askAgain(link, same, tries) {
  setTimeout(() => {
    const cell = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell");
    if (cell && !link.getClientRects().length) same.click();
    else if (tries) askAgain(link, same, tries - 1);
  }, 2000);
}

// A line that a screen reader speaks when it changes.
export const liveRegion = (className) =>
  html("div", { class: className, role: "status", "aria-live": "polite" });

// Keeps JupyterLab from taking keys for its own shortcuts. It heeds the attribute for some of them, such as
// Enter and Space on a button; the others, such as arrows and "b", a new cell, must not reach it. Shift+Enter
// still does.
export function keepKeys(root) {
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", (event) => {
    const runsCell = event.key === "Enter" && event.shiftKey;
    if (!(event.ctrlKey || event.metaKey || event.altKey || runsCell)) event.stopPropagation();
  });
}
