// Listening; where all begins.
for (const id of ["relabel", "addLabel", "label"]) for (const label of data.labels) $(id).add(new Option(label, label));
sessions.forEach((session, s) => {
  $("session").add(new Option(session.id, String(s)));
  $("where").add(new Option(session.id, String(s)));
});
data.decisions.filter(isUsable).forEach(take);

const filterChanged = () => {
  refresh();
  if (!order.some(({ key }) => key === current)) choose(order.length ? order[0].key : current);
};
for (const id of ["kind", "label", "order", "where", "open"]) $(id).addEventListener("change", filterChanged);
$("groups").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const list = order.filter((item) => item.client === button.dataset.client);
  say("");
  choose((list.find(isOpen) || list[0]).key);
});
$("turns").addEventListener("click", (event) => {
  const marked = event.target.closest("mark");
  if (marked && document.getSelection().isCollapsed) {
    current = marked.dataset.key;
    mark(false);
  }
});
$("turns").addEventListener("mouseup", () => setTimeout(takeSelection));
document.addEventListener("keyup", (event) => { if (event.shiftKey && event.key.startsWith("Arrow")) takeSelection(); });
$("session").addEventListener("change", () => {
  current = null;
  drawSession(Number($("session").value));
  mark(false);
});
$("relabel").addEventListener("change", () => decideAndGoOn("accept", "here", $("relabel").value));
const actions = {
  accept: () => decideAndGoOn("accept", "here"), reject: () => decideAndGoOn("reject", "here"),
  acceptAll: () => decideAndGoOn("accept", "client"), rejectAll: () => decideAndGoOn("reject", "client"),
  undo: takeBack, previous: () => step(-1, () => true), next: () => step(1, () => true), save,
  addHere: () => add("here"), addAll: () => add("client"), addNot: leaveSelection,
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
const keys = { a: "accept", r: "reject", A: "acceptAll", R: "rejectAll", u: "undo", k: "previous", j: "next", s: "save" };
const keysOfSelection = { a: "addHere", A: "addAll", Escape: "addNot" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const label = /^[1-9]$/.test(event.key) ? data.labels[Number(event.key) - 1] : null;
  const action = actions[(selection ? keysOfSelection : keys)[event.key]];
  if (label && selection) $("addLabel").value = label;
  else if (label) decideAndGoOn("accept", "here", label);
  else if (event.key === "n" && !selection) step(1, isOpen);
  else if (action) action();
  else return;
  event.preventDefault();
});
$("load").addEventListener("change", async () => {
  const [file] = $("load").files;
  $("load").value = "";
  if (file) await load(file);
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

refresh();
if (sessions.length) drawSession(order.length ? order[0].s : 0);
if (order.length) choose(order[0].key);
else mark(false);
started = true;
if (order.length) say("Choose a finding at the left, or press Next: the words around it come into view.");
