// Tells the server which clock the reader lives by.
// <input type="hidden" data-browser-zone> is filled with the browser's zone.
// <… data-zone-shown="Europe/London" data-zone-chosen="false"> shows the page again in the browser's zone,
// once, unless somebody has chosen one.

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (here) {
  for (const field of document.querySelectorAll("[data-browser-zone]")) {
    if (!field.value) field.value = here;
  }
  showInThisZone(document.querySelector("[data-zone-shown]"));
}

function showInThisZone(page) {
  if (!page || page.dataset.zoneChosen === "true" || page.dataset.zoneShown === here) return;
  const address = new URL(location.href);
  if (address.searchParams.has("zone")) return;
  address.searchParams.set("zone", here);
  location.replace(address);
}
