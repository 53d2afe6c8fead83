// What a page needs that its HTML cannot say: the theme for widgets, the keyboard for what scrolls and for the
// menus, all of it in print.
const dark = matchMedia("(prefers-color-scheme: dark)");

function tellTheme() {
  const { theme } = document.body.dataset;
  const isDark = theme === "dark" || (theme !== "light" && dark.matches);
  document.body.dataset.jpThemeLight = String(!isDark);
}

function letScroll() {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .math, .output, .cell_output")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

// Furo opens its menus with labels of hidden boxes, which no key reaches.
function giveKeys(menu, name) {
  const box = document.getElementById(menu);
  const labels = document.querySelectorAll(`label[for="${menu}"]:not(.overlay)`);
  const drawer = document.querySelector(menu === "__toc" ? ".toc-drawer" : ".sidebar-drawer");
  const tell = () => labels.forEach((label) => label.setAttribute("aria-expanded", String(box.checked)));
  for (const label of labels) {
    label.tabIndex = 0;
    label.setAttribute("role", "button");
    label.setAttribute("aria-label", name);
    label.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      box.click();
      if (box.checked) drawer.querySelector("a, input")?.focus();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.checked) return;
    box.click();
    for (const label of labels) label.focus(); // only the one that is in sight takes it
  });
  box.addEventListener("change", tell);
  drawer?.setAttribute("aria-label", name);
  tell();
}

addEventListener("DOMContentLoaded", () => {
  giveKeys("__navigation", "Pages");
  giveKeys("__toc", "On this page");
  tellTheme();
  new MutationObserver(tellTheme).observe(document.body, { attributeFilter: ["data-theme"] });
  letScroll();
});
dark.addEventListener("change", tellTheme);
addEventListener("resize", letScroll);
addEventListener("load", letScroll);
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not(.hide)")) details.open = true;
  document.body.dataset.jpThemeLight = "true";
});
addEventListener("afterprint", tellTheme);
