// The search field as a combobox (WAI-ARIA APG, editable with list
// autocomplete). Without this script it is a field of a plain form. The focus
// stays in the field; the arrows move what aria-activedescendant names.
const fields = document.querySelectorAll('input[role="combobox"]');

for (const field of fields) {
  const list = document.getElementById(field.getAttribute("aria-controls"));
  const options = () => [...list.querySelectorAll('[role="option"]')];

  const choose = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (!option) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const chosen = () => list.querySelector('[aria-selected="true"]');
  const close = () => {
    choose(null);
    list.replaceChildren();
    field.setAttribute("aria-expanded", "false");
  };

  field.addEventListener("input", () => choose(null));

  // An answer that comes after the field was left is for nobody.
  list.addEventListener("htmx:beforeSwap", (event) => {
    if (document.activeElement !== field) event.detail.shouldSwap = false;
  });
  list.addEventListener("htmx:afterSwap", () => {
    choose(null);
    field.setAttribute("aria-expanded", String(options().length > 0));
  });

  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        event.preventDefault();
        if (!all.length) return void (field.value.trim() && htmx.trigger(field, "open"));
        // Between the last and the first is the field itself.
        const next = (at + 1 + (event.key === "ArrowDown" ? 1 : all.length)) % (all.length + 1);
        return choose(all[next - 1]);
      }
      case "Home":
      case "End":
        return choose(null); // the caret goes there
      case "Escape":
        if (!all.length) return;
        event.preventDefault(); // else the field is emptied
        return close();
      case "Tab":
        return close();
    }
  });

  // Enter sends the form, unless a suggestion is chosen.
  field.form.addEventListener("submit", (event) => {
    const option = chosen();
    if (!option) return;
    event.preventDefault();
    option.click();
  });

  // A press on a suggestion must not take the focus before it is a click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  field.addEventListener("blur", close);
}
