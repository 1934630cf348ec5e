// The list of findings, same words of one client together.
function fits(item) {
  const kind = $("kind").value;
  return (kind === "all" || (kind === "added" ? !item.found : item.found && (item.p < data.replaceAt) === (kind === "doubt")))
    && (!$("label").value || labelOf(item) === $("label").value)
    && (!$("where").value || String(item.s) === $("where").value)
    && (!$("open").checked || isOpen(item));
}

function makeOrder() {
  const chosen = new Map();
  for (const item of items.filter(fits)) {
    if (!chosen.has(item.client)) chosen.set(item.client, []);
    chosen.get(item.client).push(item);
  }
  const lists = [...chosen.values()];
  const least = (list) => Math.min(...list.map(({ p }) => p));
  if ($("order").value === "doubt") lists.sort((x, y) => least(x) - least(y) || y.length - x.length);
  if ($("order").value === "often") lists.sort((x, y) => y.length - x.length);
  order = $("order").value === "text" ? items.filter(fits) : lists.flat();
  return lists;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function refresh() {
  rebuild();
  const hadFocus = $("groups").contains(document.activeElement);
  const lists = makeOrder();
  $("groups").replaceChildren(...lists.map((list) => {
    const open = list.filter(isOpen).length;
    const button = element("button", open ? "" : "done");
    button.type = "button";
    button.dataset.client = list[0].client;
    button.append(element("span", "w", list[0].words),
      element("span", "n", (sessionsOfDyad.size > 1 ? list[0].dyad + " · " : "") + labelOf(list[0]) + " " + list[0].p.toFixed(2) + " · " + (open ? open + " of " + list.length : list.length + " ✓")));
    const row = element("li");
    row.append(button);
    return row;
  }));
  const decided = found.filter((item) => held(item)).length;
  $("bar").max = found.length || 1;
  $("bar").value = decided;
  $("count").textContent = decided + " of " + found.length + " findings decided; " + items.filter((item) => !item.found).length + " added";
  $("shown").textContent = order.length + " in " + lists.length + " groups";
  $("unsaved").hidden = !unsaved;
  const open = sessions.map(() => 0);
  for (const item of found) if (isOpen(item)) open[item.s] += 1;
  sessions.forEach((session, s) => { $("session").options[s].textContent = session.id + " (" + open[s] + " undecided)"; });
  if (shownSession >= 0) drawTurns();
  mark(hadFocus);
}
