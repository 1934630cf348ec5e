// The session's turns, and the finding that is chosen.
const drawn = [];
const lookOf = (item) => {
  const line = held(item);
  return (line ? (line.decision === "reject" ? "reject" : "accept") : item.p < data.replaceAt ? "doubt" : "sure");
};

function drawSession(s) {
  shownSession = s;
  drawn.length = 0;
  $("session").value = String(s);
  $("turns").replaceChildren(...sessions[s].turns.map((turn, t) => {
    const row = element("div", "turn " + turn.speaker[0]);
    const words = element("div", "words");
    words.dir = "auto";
    words.dataset.t = t;
    row.append(element("div", "who", turn.n + " " + turn.speaker), words);
    return row;
  }));
  drawTurns();
}

function drawTurns() {
  const rows = $("turns").children;
  sessions[shownSession].turns.forEach(({ text }, t) => {
    const list = byTurn.get(shownSession + "," + t) || [];
    const looks = JSON.stringify(list.map((item) => [item.key, lookOf(item), labelOf(item)]));
    if (drawn[t] === looks) return;
    drawn[t] = looks;
    const pieces = [];
    let read = 0;
    for (const item of list) {
      const a = Math.max(item.a, read);
      if (a >= item.b) continue;
      const marked = element("mark", lookOf(item), text.slice(a, item.b));
      marked.dataset.key = item.key;
      marked.dataset.label = labelOf(item);
      marked.title = labelOf(item) + " " + item.p.toFixed(2) + ", " + item.reason;
      pieces.push(text.slice(read, a), marked);
      read = item.b;
    }
    rows[t].lastChild.replaceChildren(...pieces, text.slice(read));
  });
}

function choose(key) {
  current = key;
  const item = byKey.get(key);
  if (item && item.s !== shownSession) drawSession(item.s);
  mark(false);
  const marked = [...document.querySelectorAll("mark")].find((one) => one.dataset.key === key);
  if (marked && started) marked.scrollIntoView({ block: "center" });  // the page opens at its head
}

function mark(withFocus) {
  const item = byKey.get(current);
  document.querySelectorAll("mark").forEach((one) => one.classList.toggle("current", one.dataset.key === current));
  for (const button of document.querySelectorAll("#groups button")) {
    const isIt = Boolean(item) && button.dataset.client === item.client;
    if (!isIt) button.removeAttribute("aria-current");
    else {
      button.setAttribute("aria-current", "true");
      if (withFocus) button.focus();
      const box = button.getBoundingClientRect(), around = document.querySelector("nav").getBoundingClientRect();
      if (box.top < around.top || box.bottom > around.bottom) button.scrollIntoView({ block: "nearest" });
    }
  }
  for (const id of ["accept", "reject", "acceptAll", "rejectAll", "relabel"]) $(id).disabled = !item;
  $("undo").disabled = !item || !held(item);
  if (!item) {
    $("what").textContent = found.length ? "No finding chosen" : "The detectors found nothing: read the sessions and add what they missed";
    $("facts").textContent = "";
    return;
  }
  const line = held(item), group = groups.get(item.client);
  $("what").textContent = item.words;
  $("relabel").value = labelOf(item);
  const sure = !item.found ? "added by a person"
    : item.p.toFixed(2) + " (" + item.reason + ")" + (item.p < data.replaceAt ? ", a doubt: stays unless accepted" : "");
  const state = !line ? "undecided" : (line.decision === "reject" ? "rejected" : "accepted") + " by " + line.who
    + (line.scope === "client" ? ", everywhere for this client" : "");
  $("facts").textContent = labelOf(item) + " · " + sure + " · mention " + (group.indexOf(item) + 1) + " of " + group.length + " · "
    + sessions[item.s].id + ", turn " + sessions[item.s].turns[item.t].n + " · " + state;
}

function step(by, test) {
  const at = order.findIndex(({ key }) => key === current);
  for (let i = at + by; i >= 0 && i < order.length; i += by) {
    if (test(order[i])) {
      say("");
      return choose(order[i].key);
    }
  }
  return say(by > 0 ? "That was the last one of the list." : "That was the first one of the list.");
}
