// Small comforts. Every page works without this file.

// A button beside a field copies it.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  const field = document.getElementById(button.dataset.copy);
  navigator.clipboard.writeText(field.value).then(() => { button.textContent = button.dataset.done; });
});

// A list that is filtered or paged is put in place: the focus stays where it was, the
// address follows, and whatever does not work falls back to a plain visit.
const region = () => document.querySelector("[data-region]");
let latest = 0;

async function show(address, focus) {
  const turn = ++latest;
  region().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-region]");
    if (turn !== latest) return;
    if (!answer.ok || answer.redirected || !fresh) throw new Error("not a list");
    region().replaceWith(document.adoptNode(fresh));
    history.pushState({ list: true }, "", address);
    if (focus) region().focus();
  } catch {
    if (turn === latest) location.assign(address);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.filter");
  if (!form || !region()) return;
  event.preventDefault();
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  show(`${location.pathname}?${chosen}`, false);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-region] a[rel=next]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(link.href, true);
});

// Back and forward load the list anew. A link to a place on the page is no such step: its
// entry has no state.
if (region()) history.replaceState({ list: true }, "");
addEventListener("popstate", (event) => { if (event.state?.list) location.reload(); });

// A page about work that goes on looks again by itself.
if (document.querySelector("[data-again]")) setTimeout(() => location.reload(), 1500);

// A file is chosen by a button in the page's language; the browser's own speaks its own.
document.documentElement.classList.add("scripted");
document.addEventListener("change", (event) => {
  const shown = event.target.type === "file" && event.target.closest(".file")?.querySelector("output");
  if (shown) shown.textContent = [...event.target.files].map((file) => file.name).join(", ") || shown.dataset.none;
});

// A question that counts only after a certain answer is there only then. Without this
// file it says so itself, and the server drops what was answered in vain.
const dependants = [...document.querySelectorAll("[data-show-if]")];
const given = (ref) => {
  const [id, option] = ref.split(":");
  return [...document.getElementsByName(`answers.${id}`)].some((control) =>
    control.value === option && (control.checked || control.matches("select")) && !control.closest("[data-show-if][hidden]"));
};
function settle() {
  for (let turn = 0, moved = true; moved && turn <= dependants.length; turn++) {
    moved = false;
    for (const one of dependants) {
      const hide = !one.dataset.showIf.split(" ").some(given);
      if (one.hidden !== hide) { one.hidden = hide; moved = true; }
    }
  }
}
if (dependants.length) { settle(); document.addEventListener("change", settle); }
