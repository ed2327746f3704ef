// A form that came back with errors says so first, to everybody: focus goes to its summary, once.

const seen = new WeakSet();

function focusNewSummary() {
  const summary = [...document.querySelectorAll("[data-error-summary]")].find((each) => !seen.has(each));
  if (!summary) return;
  seen.add(summary);
  summary.focus();
}

focusNewSummary();
document.addEventListener("htmx:after:swap", focusNewSummary);
