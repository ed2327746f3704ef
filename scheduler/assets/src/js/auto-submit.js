// <form data-auto-submit> sends itself when a menu or a tick in it changes. Give it a .without-script button.

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-auto-submit") && !event.target.matches("[type=search], [type=text]")) form.requestSubmit();
});
