// The second press of a button does nothing while the first is on its way. The button is not disabled:
// a disabled button would take its own name and value out of what is sent.

const ON_ITS_WAY_AT_MOST_MS = 10_000;
const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented && !isHtmx(form)) return;
  if (sent.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (form.method === "get" || form.method === "dialog") return;
  sent.add(form);
  const button = event.submitter;
  button?.setAttribute("data-working", "");
  const release = () => letGo(form, button);
  form.addEventListener("htmx:finally:request", release, { once: true });
  window.addEventListener("pageshow", release, { once: true });
  setTimeout(release, ON_ITS_WAY_AT_MOST_MS);
});

function letGo(form, button) {
  sent.delete(form);
  button?.removeAttribute("data-working");
}

function isHtmx(form) {
  return form.hasAttribute("hx-post") || form.hasAttribute("hx-put") || form.hasAttribute("hx-delete");
}
