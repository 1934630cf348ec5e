"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const WORD = /[\p{L}\p{N}\p{M}_]/u;
  const POSSESSIVE = /['’]s$/;
  const FILE_NAME = "deid-review.jsonl";

  // ---- sessions and findings. Offsets: a, b in the units of this script's strings; start, end in code points.
  const sessions = data.sessions.map((session, s) => ({
    ...session, s, turns: session.turns.map(([n, speaker, text, sha]) => ({ n, speaker, text, sha })),
  }));
  const sessionOf = new Map(sessions.map((session) => [session.id, session]));
  const sessionsOfDyad = new Map();
  for (const session of sessions) {
    if (!sessionsOfDyad.has(session.dyad)) sessionsOfDyad.set(session.dyad, []);
    sessionsOfDyad.get(session.dyad).push(session);
  }
  const hasPairs = (text) => /[\ud800-\udfff]/.test(text);
  const toUnits = (text, points) => (hasPairs(text) ? [...text].slice(0, points).join("").length : points);
  const toPoints = (text, units) => (hasPairs(text) ? [...text.slice(0, units)].length : units);
  const plain = (words) => words.trim().replace(POSSESSIVE, "").toLowerCase().split(/\s+/).join(" ");
  const placeKey = (sessionId, turn, start, end) => JSON.stringify([sessionId, turn, start, end]);
  const clientKey = (dyad, words) => JSON.stringify([dyad, plain(words)]);

  function makeItem(s, t, a, b, more) {
    const { id, dyad, turns } = sessions[s];
    const text = turns[t].text;
    const [start, end, words] = [toPoints(text, a), toPoints(text, b), text.slice(a, b)];
    return { s, t, a, b, start, end, words, dyad, client: clientKey(dyad, words), key: placeKey(id, turns[t].n, start, end), ...more };
  }
  const found = data.findings.map(([s, t, start, end, label, p, reason]) => {
    const text = sessions[s].turns[t].text;
    return makeItem(s, t, toUnits(text, start), toUnits(text, end), { label, p, reason, found: true });
  });

  // ---- decisions: lines as they stand in the file, by place and by the client's words
  const here = new Map(), client = new Map(), known = new Map();
  const places = new Map();
  let items = [], byKey = new Map(), byTurn = new Map(), groups = new Map();
  let order = [], current = null, selection = null, shownSession = -1, unsaved = false, started = false;

  const held = (item) => here.get(item.key) || client.get(item.client) || null;
  const isOpen = (item) => item.found && !held(item);
  const labelOf = (item) => (held(item) || item).label;
  const slotOf = (line) => (line.scope === "client" ? clientKey(line.dyad, line.text)
    : placeKey(line.session_id, line.turn, line.start, line.end));
  const mapOf = (line) => (line.scope === "client" ? client : here);

  function placesOf(words, session) {
    const bare = words.trim().replace(POSSESSIVE, "");
    const key = JSON.stringify([session.s, bare]);
    if (places.has(key)) return places.get(key);
    const list = [];
    session.turns.forEach(({ text }, t) => {
      for (let a = text.indexOf(bare); bare && a >= 0; a = text.indexOf(bare, a + 1)) {
        const b = a + bare.length;
        if (!/[\p{L}\p{N}_]$/u.test(text.slice(Math.max(0, a - 2), a)) && !/^[\p{L}\p{N}_]/u.test(text.slice(b, b + 2))) list.push([t, a, b]);
      }
    });
    places.set(key, list);
    return list;
  }

  function rebuild() {
    items = [...found];
    byKey = new Map(items.map((item) => [item.key, item]));
    byTurn = new Map();
    const put = (item) => {
      const key = item.s + "," + item.t;
      if (!byTurn.has(key)) byTurn.set(key, []);
      byTurn.get(key).push(item);
    };
    found.forEach(put);
    const add = (s, t, a, b, label) => {
      const item = makeItem(s, t, a, b, { label, p: 1, reason: "added by a person", found: false });
      if (byKey.has(item.key)) return;
      items.push(item);
      byKey.set(item.key, item);
      put(item);
    };
    for (const line of [...here.values(), ...client.values()]) {
      const session = sessionOf.get(line.session_id);
      const t = session.turns.findIndex(({ n }) => n === line.turn);
      const text = session.turns[t].text;
      if (line.decision !== "reject") add(session.s, t, toUnits(text, line.start), toUnits(text, line.end), line.label);
    }
    for (const line of client.values()) {
      if (line.decision === "reject") continue;
      for (const session of sessionsOfDyad.get(line.dyad) || []) {
        for (const [t, a, b] of placesOf(line.text, session)) {
          const others = byTurn.get(session.s + "," + t) || [];
          if (!others.some((item) => item.a < b && a < item.b)) add(session.s, t, a, b, line.label);
        }
      }
    }
    items.sort((x, y) => x.s - y.s || x.t - y.t || x.a - y.a || y.b - x.b);
    byTurn.forEach((list) => list.sort((x, y) => x.a - y.a || y.b - x.b));
    groups = new Map();
    for (const item of items) {
      if (!groups.has(item.client)) groups.set(item.client, []);
      groups.get(item.client).push(item);
    }
  }

  function decide(item, decision, scope, label) {
    const session = sessions[item.s], turn = session.turns[item.t];
    const line = {
      session_id: session.id, turn: turn.n, turn_sha256: turn.sha, start: item.start, end: item.end, label,
      decision: decision === "accept" && !item.found ? "add" : decision, scope,
      who: $("who").value.trim() || "person", when: new Date().toISOString(),
    };
    if (scope === "client") Object.assign(line, { dyad: session.dyad, text: item.words });
    mapOf(line).set(slotOf(line), line);
    unsaved = true;
  }

  function decideAndGoOn(decision, scope, label) {
    const item = byKey.get(current);
    if (!item) return;
    decide(item, decision, scope, label || labelOf(item));
    const number = scope === "client" ? groups.get(item.client).length : 1;
    const before = order, at = order.indexOf(item);
    refresh();
    const still = new Set(order.map(({ key }) => key));
    const onward = [...before.slice(at + 1), ...before.slice(0, Math.max(at, 0)).reverse()];
    const next = onward.find((other) => still.has(other.key) && (scope === "here" || !other.found || isOpen(other)));
    say((decision === "reject" ? "Rejected" : "Accepted") + (scope === "client" ? " everywhere: " + number + " mention(s)." : "."));
    choose(next ? next.key : current);
  }

  function takeBack() {
    const item = byKey.get(current);
    if (!item || !held(item)) return;
    if (!here.delete(item.key)) client.delete(item.client);
    unsaved = true;
    refresh();
    choose(byKey.has(item.key) ? item.key : (order[0] || { key: null }).key);
    say("Taken back.");
  }

  // ---- lists
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

  // ---- the session's turns
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

  // ---- words that were missed
  function takeSelection() {
    const chosen = document.getSelection();
    if (!chosen.rangeCount || chosen.isCollapsed) return;
    const range = chosen.getRangeAt(0);
    const wordsOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("#turns .words");
    const words = wordsOf(range.startContainer);
    if (!words) return;
    if (words !== wordsOf(range.endContainer)) {
      say("Select words within one turn.");
      return;
    }
    const before = document.createRange();
    before.setStart(words, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const s = shownSession, t = Number(words.dataset.t), text = sessions[s].turns[t].text;
    let a = before.toString().length, b = a + range.toString().length;
    while (a < b && /\s/.test(text[a])) a += 1;
    while (b > a && /\s/.test(text[b - 1])) b -= 1;
    if (a >= b) return;
    // Whole words: a selection that begins within one begins with it.
    const charBefore = (i) => (i > 0 ? String.fromCodePoint(text.codePointAt(i - (i > 1 && /[\udc00-\udfff]/.test(text[i - 1]) ? 2 : 1))) : "");
    const charAt = (i) => (i < text.length ? String.fromCodePoint(text.codePointAt(i)) : "");
    while (WORD.test(charAt(a)) && WORD.test(charBefore(a))) a -= charBefore(a).length;
    while (WORD.test(charBefore(b)) && WORD.test(charAt(b))) b += charAt(b).length;
    selection = { s, t, a, b };
    $("selected").textContent = text.slice(a, b);
    $("adding").hidden = false;
    say("Words selected: choose a label, then add.");
  }

  function add(scope) {
    if (!selection) return;
    const item = makeItem(selection.s, selection.t, selection.a, selection.b, { found: false });
    const there = byKey.get(item.key);
    decide(there || item, "accept", scope, $("addLabel").value);
    leaveSelection();
    refresh();
    choose(item.key);
    say("Added" + (scope === "client" ? " everywhere: " + groups.get(item.client).length + " mention(s)." : "."));
  }

  function leaveSelection() {
    selection = null;
    $("adding").hidden = true;
    document.getSelection().removeAllRanges();
  }

  // ---- files
  function save() {
    const lines = [...here.values(), ...client.values()];
    for (const [slot, line] of known) {
      if (!here.has(slot) && !client.has(slot)) {
        lines.push({ ...line, decision: "withdraw", who: $("who").value.trim() || "person", when: new Date().toISOString() });
      }
    }
    const link = element("a");
    link.href = URL.createObjectURL(new Blob(lines.map((line) => JSON.stringify(line) + "\n"), { type: "application/x-ndjson" }));
    link.download = FILE_NAME;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    unsaved = false;
    $("unsaved").hidden = true;
    say(lines.length + " decision(s) saved as " + FILE_NAME + " where your browser keeps downloads; take them in with --take.");
  }

  const whole = (value) => Number.isInteger(value) && value >= 0;
  function isUsable(line) {
    if (!line || typeof line !== "object" || !["accept", "reject", "add", "withdraw"].includes(line.decision)) return false;
    if (!/^[A-Z]+(_[A-Z]+)*$/.test(line.label) || typeof line.who !== "string" || typeof line.when !== "string") return false;
    const session = sessionOf.get(line.session_id);
    const turn = session && session.turns.find(({ n }) => n === line.turn);
    if (!turn || turn.sha !== line.turn_sha256 || !whole(line.start) || !whole(line.end) || line.start >= line.end) return false;
    const words = turn.text.slice(toUnits(turn.text, line.start), toUnits(turn.text, line.end));
    return line.end <= toPoints(turn.text, turn.text.length)
      && (line.scope === "here" || (line.scope === "client" && line.dyad === session.dyad && line.text === words));
  }

  function take(line) {
    const slot = slotOf(line);
    if (line.decision === "withdraw") mapOf(line).delete(slot);
    else {
      mapOf(line).set(slot, line);
      known.set(slot, line);
    }
  }

  async function load(file) {
    const faults = [];
    let taken = 0;
    (await file.text()).split("\n").forEach((row, index) => {
      if (!row.trim()) return;
      let line = null;
      try { line = JSON.parse(row); } catch { /* counted below, as every line that is none */ }
      if (!isUsable(line)) faults.push(index + 1);
      else {
        take(line);
        taken += 1;
      }
    });
    refresh();
    choose(current);
    say(taken + " decision(s) loaded." + (faults.length ? " Not used: line " + faults.slice(0, 12).join(", ")
      + (faults.length > 12 ? " ..." : "") + " (no decision, or not about these transcripts as they are now)." : ""));
  }

  function say(text) { $("said").textContent = text; }

  // ---- begin
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
})();
