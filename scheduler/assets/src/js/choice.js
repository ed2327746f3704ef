// The button at the bottom repeats what is chosen: <button data-repeats="slot" data-with="Confirm {}">.

import { announce } from "./live-region.js";

function repeat(button, chosen) {
  const words = button.querySelector("[data-words]") ?? button;
  words.textContent = button.dataset.with.replace("{}", chosen.dataset.choice);
}

for (const button of document.querySelectorAll("[data-repeats]")) {
  const inputs = `input[name="${CSS.escape(button.dataset.repeats)}"]`;
  const already = document.querySelector(`${inputs}:checked`);
  if (already) repeat(button, already);
  document.addEventListener("change", (event) => {
    if (!event.target.matches(inputs)) return;
    repeat(button, event.target);
    announce(event.target.dataset.choice);
  });
}
