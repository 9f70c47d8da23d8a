// A filter above each list and table that has data-filtered. Without this script all of
// it is there.
"use strict";

(() => {
  const ROWS = "tbody > tr:not(.sc-chapter), li";

  for (const [number, list] of document.querySelectorAll("[data-filtered]").entries()) {
    const rows = [...list.querySelectorAll(ROWS)].map((row) => ({
      row,
      text: `${row.textContent} ${row.dataset.words ?? ""}`.toLowerCase(),
    }));
    // What holds rows is hidden when it holds none that is shown.
    const groups = [...list.querySelectorAll("tbody, details, section, ul")];
    const folded = groups.filter((group) => group.matches("details"));

    const box = document.createElement("div");
    box.className = "sc-filter";
    const input = document.createElement("input");
    input.type = "search";
    input.id = `sc-filter-${number}`;
    const label = document.createElement("label");
    label.htmlFor = input.id;
    label.textContent = list.dataset.filterLabel ?? `Filter ${rows.length} rows`;
    const said = document.createElement("span");
    said.className = "sc-count";
    said.setAttribute("role", "status");
    box.append(label, input, said);
    (list.closest(".sc-scroll") ?? list).before(box);

    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { row, text } of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      for (const group of groups) {
        group.hidden = words.length > 0 && !group.querySelector(":is(tr:not(.sc-chapter), li):not([hidden])");
      }
      for (const group of folded) {
        group.open = words.length > 0 && !group.hidden;
      }
      said.textContent = words.length ? `${shown} shown` : "";
    };
    input.addEventListener("input", filter);

    // #filter=WORDS is a link to a filtered list.
    const asked = new URLSearchParams(location.hash.slice(1)).get("filter");
    if (asked !== null) {
      input.value = asked;
      filter();
    }
  }
})();
