// <button data-copies="text"> puts the text on the clipboard and says so.

import { announce } from "./live-region.js";

const SAY_SO_MS = 2_000;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const words = button.querySelector("[data-words]") ?? button;
  const before = words.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copies);
    say(words, button.dataset.copied ?? "Copied", before);
  } catch {
    say(words, button.dataset.notCopied ?? "Press Ctrl+C", before);
    select(button.parentElement.querySelector("code"));
  }
});

function say(words, text, before) {
  words.textContent = text;
  announce(text);
  setTimeout(() => (words.textContent = before), SAY_SO_MS);
}

function select(element) {
  if (element) getSelection().selectAllChildren(element);
}
