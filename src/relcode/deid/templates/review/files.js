// Saving decisions and loading them.
const FILE_NAME = "deid-review.jsonl";

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
