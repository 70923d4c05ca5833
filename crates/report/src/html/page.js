"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const one = (id) => document.getElementById(id);
  const rows = all(".finding").map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
    is: element.dataset,
  }));
  const search = one("search");
  const severity = one("severity");
  const tip = one("tip");
  const shown = one("shown");
  const empty = one("empty");
  const picked = () => {
    const groups = new Map();
    for (const bar of all(".bar[aria-pressed=true]")) {
      const { group, value } = bar.dataset;
      groups.set(group, (groups.get(group) || new Set()).add(value));
    }
    return groups;
  };
  const apply = () => {
    const states = new Set(all("button.tile[aria-pressed=true]").map((tile) => tile.dataset.state));
    const groups = picked();
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { element, text, is } of rows) {
      const fits =
        states.has(is.state) &&
        (severity.value === "" || is.severity === severity.value) &&
        (!tip.checked || is.tip !== "no") &&
        [...groups].every(([group, values]) => values.has(is[group])) &&
        words.every((word) => text.includes(word));
      element.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} of ${rows.length} shown`;
    empty.hidden = count > 0;
  };
  const press = (button) => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    apply();
  };
  for (const button of all("button.tile, .bar")) button.addEventListener("click", () => press(button));
  for (const field of [search, severity, tip]) field.addEventListener("input", apply);
  const clear = () => {
    search.value = "";
    severity.value = "";
    tip.checked = false;
    for (const bar of all(".bar")) bar.setAttribute("aria-pressed", "false");
    for (const tile of all("button.tile")) tile.setAttribute("aria-pressed", String(tile.dataset.state !== "suppressed"));
    apply();
  };
  one("clear").addEventListener("click", clear);
  one("theme").addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  const step = (by) => {
    const visible = rows.filter(({ element }) => !element.hidden).map(({ element }) => element.querySelector("summary"));
    const at = visible.indexOf(document.activeElement);
    const next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : Math.min(Math.max(at + by, 0), visible.length - 1)];
    if (next) next.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === search || event.target === severity;
    if (event.key === "Escape") {
      clear();
      if (typing) event.target.blur();
    } else if (typing) {
      return;
    } else if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "j") {
      step(1);
    } else if (event.key === "k") {
      step(-1);
    }
  });
  clear();
})();
