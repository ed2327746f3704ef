// <… data-reload-after="4"> looks again by itself while something is being prepared, as long as the page is seen.

const waiting = document.querySelector("[data-reload-after]");

if (waiting) {
  const again = () => (document.hidden ? document.addEventListener("visibilitychange", again, { once: true }) : location.reload());
  setTimeout(again, Number(waiting.dataset.reloadAfter) * 1000);
}
