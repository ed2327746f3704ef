// The second press of a button does nothing while the first is on its way. The button is not disabled:
// a disabled button would take its own name and value out of what is sent.

const ON_ITS_WAY_AT_MOST_MS = 10_000;
const sent = new WeakSet();

document.addEventListener("submit", refuseTheSecond, { capture: true });
document.addEventListener("submit", remember);

function refuseTheSecond(event) {
  if (!sent.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function remember(event) {
  const form = event.target;
  const isSent = !event.defaultPrevented || isHtmx(form);
  if (!isSent || form.method === "get" || form.method === "dialog") return;
  const button = event.submitter;
  sent.add(form);
  button?.setAttribute("data-working", "");
  const release = () => {
    sent.delete(form);
    button?.removeAttribute("data-working");
  };
  form.addEventListener("htmx:finally:request", release, { once: true });
  window.addEventListener("pageshow", release, { once: true }); // back from the next page
  setTimeout(release, ON_ITS_WAY_AT_MOST_MS); // a download leaves the page where it is
}

function isHtmx(form) {
  return ["hx-post", "hx-put", "hx-patch", "hx-delete"].some((attribute) => form.hasAttribute(attribute));
}
