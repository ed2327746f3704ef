// The time that is chosen is brought to where it can be seen, in the list and in the week. Only what it lies in
// is scrolled: the page stays where somebody has it.

const FRAMES = ".picks, .week__scroll";
const CHOSEN = ":is(.pick, .slot):has(:checked), .slot:is([aria-current='true'], [aria-pressed='true'])";

function showChosen() {
  for (const frame of document.querySelectorAll(FRAMES)) {
    const chosen = frame.querySelector(CHOSEN);
    if (chosen) show(chosen, frame);
  }
}

function show(chosen, frame) {
  const box = chosen.getBoundingClientRect();
  const seen = frame.getBoundingClientRect();
  // What stays put at the edges, the days and the hours, lies over the rest.
  const style = getComputedStyle(frame);
  const top = seen.top + (parseFloat(style.scrollPaddingTop) || 0);
  const left = seen.left + (parseFloat(style.scrollPaddingLeft) || 0);
  const right = seen.right - (parseFloat(style.scrollPaddingRight) || 0);
  if (box.top < top || box.bottom > seen.bottom) frame.scrollTop += middle(box.top, box.bottom) - middle(top, seen.bottom);
  if (box.left < left || box.right > right) frame.scrollLeft += middle(box.left, box.right) - middle(left, right);
}

const middle = (start, end) => (start + end) / 2;

showChosen();
document.addEventListener("htmx:after:swap", showChosen);
