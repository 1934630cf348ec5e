// The filters and the legend.
const filtering = () => filter.codes.size > 0 || filter.speaker !== "" || filter.words !== "";
function passes(turn) {
  return (!filter.speaker || turn.role === filter.speaker)
    && (!filter.codes.size || turn.codes.some((code) => filter.codes.has(code)))
    && (!filter.words || turn.text.toLowerCase().includes(filter.words));
}
function applyFilter() {
  let left = 0;
  for (const turn of shown.turns) {
    const dim = filtering() && !passes(turn);
    strips[turn.t]?.classList.toggle("dim", dim);
    $("turns").children[turn.t]?.classList.toggle("dim", dim);
    left += dim ? 0 : 1;
  }
  $("clear").disabled = !filtering();
  $("shown").textContent = filtering() ? `${left} of ${many(shown.turns.length, "turn")} shown.` : "";
}
function drawLegend() {
  const counts = new Map();
  for (const turn of shown.turns) for (const code of turn.codes) counts.set(code, (counts.get(code) || 0) + 1);
  for (const code of filter.codes) if (!counts.has(code)) counts.set(code, 0);
  const used = [...counts.keys()].sort((x, y) => x.mode - y.mode || x.row - y.row);
  $("codes").replaceChildren(...used.map((code) => button([chip(code), code.id, make("span", { class: "n" }, String(counts.get(code)))],
    { title: code.name, "aria-pressed": String(filter.codes.has(code)), onclick: (event) => toggleCode(code, event.currentTarget) })));
}
function toggleCode(code, pressed) {
  if (!filter.codes.delete(code)) filter.codes.add(code);
  pressed.setAttribute("aria-pressed", String(filter.codes.has(code)));
  applyFilter();
}
function clearFilter() {
  filter.codes.clear();
  filter.speaker = filter.words = $("speaker").value = "";
  if ($("words")) $("words").value = "";
  drawLegend();
  applyFilter();
}
