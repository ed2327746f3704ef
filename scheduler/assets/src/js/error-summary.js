// A form that came back with errors says so first, to everybody: focus goes to the summary.

function focusSummary() {
  document.querySelector("[data-error-summary]")?.focus();
}

focusSummary();
document.addEventListener("htmx:after:swap", focusSummary);
