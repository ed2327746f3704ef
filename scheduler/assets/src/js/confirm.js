// <button data-confirm="Cancel the interview?" data-confirm-detail="…" data-confirm-action="Cancel it">
// asks in the page's one dialog before its form is sent. The dialog starts on the harmless answer.

const dialog = document.getElementById("confirm");
let asking = null;
let agreed = null;

if (dialog) {
  document.addEventListener("submit", ask, { capture: true });
  dialog.addEventListener("close", hear);
}

function ask(event) {
  const button = event.submitter;
  if (!button?.dataset.confirm) return;
  if (button === agreed) {
    agreed = null;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  asking = button;
  dialog.querySelector("[data-confirm-question]").textContent = button.dataset.confirm;
  dialog.querySelector("[data-confirm-more]").textContent = button.dataset.confirmDetail ?? "";
  const yes = dialog.querySelector("[value=yes]");
  yes.textContent = button.dataset.confirmAction ?? button.textContent.trim();
  yes.classList.toggle("button--danger", button.classList.contains("button--danger"));
  yes.classList.toggle("button--primary", !button.classList.contains("button--danger"));
  dialog.returnValue = "no";
  dialog.showModal();
}

function hear() {
  const button = asking;
  asking = null;
  button?.focus();
  if (!button || dialog.returnValue !== "yes") return;
  agreed = button;
  button.form.requestSubmit(button);
}
