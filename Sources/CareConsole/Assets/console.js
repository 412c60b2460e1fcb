// Comfort only: everything works without.
(() => {
  "use strict";
  // The number of chosen rows stands in the buttons of a bulk form, and "all" chooses all.
  for (const form of document.querySelectorAll("form[data-bulk]")) {
    const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
    const all = form.querySelector("thead input[type=checkbox]");
    const buttons = [...form.querySelectorAll("button[data-count]")].map((button) => ({ button, text: button.textContent }));
    const show = () => {
      const chosen = boxes.filter((box) => box.checked);
      for (const box of boxes) box.closest("tr").classList.toggle("chosen", box.checked);
      for (const { button, text } of buttons) button.textContent = chosen.length ? `${text} (${chosen.length})` : text;
      if (all) {
        all.checked = boxes.length > 0 && chosen.length === boxes.length;
        all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
      }
    };
    form.addEventListener("change", (event) => {
      if (event.target === all) for (const box of boxes) box.checked = all.checked;
      show();
    });
    show();
  }
  // A choice that filters is taken at once.
  for (const select of document.querySelectorAll("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  // What is being computed will be there in a moment.
  if (document.querySelector("[data-reload]")) setTimeout(() => location.reload(), 1500);
  // The menu of narrow screens closes with Escape.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector(".bar details[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
