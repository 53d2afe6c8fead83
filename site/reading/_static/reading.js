// What a page needs that its HTML cannot say: the theme for widgets, the keyboard for what scrolls, all of it in print.
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

addEventListener("DOMContentLoaded", () => {
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
  tellTheme();
  new MutationObserver(tellTheme).observe(document.body, { attributeFilter: ["data-theme"] });
  letScroll();
});
dark.addEventListener("change", tellTheme);
addEventListener("resize", letScroll);
addEventListener("load", letScroll);
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
