// Sorts a table by the column whose heading is pressed, again the other way round; and shows only
// the rows that hold what is searched for.
"use strict";
const valueOf = (row, column) => {
  const text = row.cells[column].textContent;
  const number = parseFloat(text.replaceAll(",", ""));
  return Number.isNaN(number) ? text : number;
};
const compare = (a, b) =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
for (const heading of document.querySelectorAll("thead th")) {
  heading.querySelector("button").addEventListener("click", () => {
    const body = heading.closest("table").tBodies[0];
    const upwards = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", upwards ? "ascending" : "descending");
    const column = heading.cellIndex;
    const rows = [...body.rows].sort((a, b) => compare(valueOf(a, column), valueOf(b, column)));
    body.append(...(upwards ? rows : rows.reverse()));
  });
}
for (const search of document.querySelectorAll(".search input")) {
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    const body = search.parentElement.nextElementSibling.querySelector("tbody");
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
