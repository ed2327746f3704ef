// Arrow keys go from time to time in the week grid: up and down within a day, left and right to the nearest
// time of the next day that has one, Home and End to the first and last of the day.

document.addEventListener("keydown", (event) => {
  const slot = event.target.closest?.(".slot");
  if (!slot || event.altKey || event.ctrlKey || event.metaKey) return;
  const next = neighbour(slot, event.key);
  if (next === undefined) return;
  event.preventDefault();
  if (next) go(next);
});

function neighbour(slot, key) {
  const day = slot.closest(".day");
  const today = slotsOf(day);
  switch (key) {
    case "ArrowUp": return today[today.indexOf(slot) - 1] ?? null;
    case "ArrowDown": return today[today.indexOf(slot) + 1] ?? null;
    case "Home": return today[0];
    case "End": return today.at(-1);
    case "ArrowLeft": return nearest(slot, day, -1);
    case "ArrowRight": return nearest(slot, day, +1);
    default: return undefined;
  }
}

function nearest(slot, day, step) {
  const days = [...day.parentElement.querySelectorAll(".day")];
  const rightToLeft = getComputedStyle(day).direction === "rtl";
  const direction = rightToLeft ? -step : step;
  for (let at = days.indexOf(day) + direction; days[at]; at += direction) {
    const near = slotsOf(days[at]).sort((a, b) => distance(a, slot) - distance(b, slot))[0];
    if (near) return near;
  }
  return null;
}

function slotsOf(day) {
  return [...day.querySelectorAll(".slot")].sort((a, b) => top(a) - top(b));
}

const top = (slot) => slot.getBoundingClientRect().top;
const distance = (a, b) => Math.abs(top(a) - top(b));

function go(slot) {
  const target = slot.querySelector("input") ?? slot;
  target.focus();
  slot.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (target.type === "radio") target.click();
}
