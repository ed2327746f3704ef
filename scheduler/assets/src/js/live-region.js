// Speaks to screen readers. The server may send the header HX-Trigger: {"announce": {"text": "…"}}.

export function announce(text) {
  const region = document.getElementById("announcements");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

document.addEventListener("announce", (event) => announce(event.detail?.text ?? event.detail?.value ?? ""));
