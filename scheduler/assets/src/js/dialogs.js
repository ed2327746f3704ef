// <button data-opens="id-of-a-dialog">. Without scripts the dialog's content stands in the page.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens)?.showModal();
    return;
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
});

// A form in a dialog that came back with errors comes back open.
document.querySelectorAll("dialog[data-open-at-once]").forEach((dialog) => dialog.showModal());
