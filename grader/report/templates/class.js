"use strict";
// Adds sorting and searching to the tables; the page says everything without it.
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function value(row, column) {
  const cell = row.cells[column];
  if (cell.tagName === "TH" || cell.classList.contains("t")) return cell.textContent.trim();
  const last = cell.lastChild;
  const number = last ? parseFloat(last.textContent.replace("−", "-")) : NaN;
  return Number.isNaN(number) ? null : number;
}

function compare(a, b, direction) {
  if (a === null || b === null) return (a === null) - (b === null); // what is empty stays at the end
  return direction * (typeof a === "string" ? collator.compare(a, b) : a - b);
}

function sort(table, column, direction) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row) => [value(row, column), row]);
  rows.sort((a, b) => compare(a[0], b[0], direction));
  body.remove(); // moving rows about is quicker where nobody looks
  for (const pair of rows) body.append(pair[1]);
  table.append(body);
}

function makeSortable(table) {
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(table, column, down ? -1 : 1);
    });
  });
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function makeSearchable(table) {
  const rows = Array.from(table.tBodies[0].rows);
  const texts = rows.map((row) => plain(Array.from(row.querySelectorAll("th, .t"), (c) => c.textContent).join(" ")));
  const label = document.createElement("label");
  const input = document.createElement("input");
  const shown = document.createElement("output");
  label.textContent = "Find a student ";
  input.type = "search";
  label.append(input);
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, place) => {
        row.hidden = !words.every((word) => texts[place].includes(word));
        count += !row.hidden;
      });
      shown.textContent = words.length ? `${count} of ${rows.length} shown` : "";
    }, 120);
  });
  const search = document.createElement("div");
  search.className = "search";
  search.setAttribute("role", "search");
  search.append(label, shown);
  table.parentElement.before(search);
}

for (const table of document.querySelectorAll("table.sortable")) {
  if (table.tBodies[0].rows.length > 1) makeSortable(table);
  if (table.tBodies[0].rows.length > 5 && table.classList.contains("searchable")) makeSearchable(table);
}
