// Shortcuts in a form of hours.
// <button data-sets='{"from": "09:00", "to": "12:00"}'> fills the fields of its row by their data-part.
// <button data-copies-row> copies its row into every other row.

import { announce } from "./live-region.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sets], [data-copies-row]");
  if (!button) return;
  const row = button.closest("[data-row]");
  const values = button.dataset.sets ? JSON.parse(button.dataset.sets) : valuesOf(row);
  const rows = button.dataset.sets ? [row] : row.parentElement.querySelectorAll("[data-row]");
  rows.forEach((each) => fill(each, values));
  announce(button.dataset.says ?? button.textContent.trim());
});

function valuesOf(row) {
  return Object.fromEntries([...row.querySelectorAll("[data-part]")].map((field) => [field.dataset.part, field.value]));
}

function fill(row, values) {
  for (const [part, value] of Object.entries(values)) {
    const field = row.querySelector(`[data-part="${CSS.escape(part)}"]`);
    if (!field) continue;
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
