// Decisions: lines as they stand in the file, by place and by the client's words.
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
