"use strict";

/** A row for each key in the list of keys. A key is [its name, the values of `event.key`, what it
 *  does in words, what it does]. */
function listKeys(keys) {
  for (const [name, , text] of keys) {
    const row = make("tr");
    const cell = make("th", { scope: "row" });
    cell.append(make("kbd", { textContent: name }));
    row.append(cell, make("td", { textContent: text }));
    find("key-table").append(row);
  }
}

/** Do what a key says, unless what has the focus needs the key for itself. */
function onKey(keys, page, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || find("keys").open) return;
  const { target } = event;
  if (target.tagName === "SELECT" && event.key !== " ") return;
  if (event.key === " " && /^(BUTTON|SUMMARY)$/.test(target.tagName)) return;
  if (event.key === " " && target.type === "checkbox") return;
  const found = keys.find(([, values]) => values.includes(event.key));
  if (!found) return;
  event.preventDefault();
  found[3](page, event);
}
