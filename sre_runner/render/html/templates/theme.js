"use strict";
// Everything here only helps: without it the page has all of its text and links.

for (const each of document.querySelectorAll("[data-script]")) each.hidden = false;

// The theme: as the system has it, light or dark.
const THEMES = ["auto", "light", "dark"];
const toggle = document.getElementById("theme");
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  toggle.textContent = `Theme: ${theme}`;
}
toggle.hidden = false;
setTheme("auto");
toggle.addEventListener("click", () => {
  setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);
});
