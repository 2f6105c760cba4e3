// Small comforts. Every page works without this file.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  const field = document.getElementById(button.dataset.copy);
  navigator.clipboard.writeText(field.value).then(() => { button.textContent = button.dataset.done; });
});
const summary = document.querySelector("[data-errors]");
if (summary) summary.focus();
