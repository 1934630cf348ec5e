// Codes, sessions and their turns with spans, read from what is packed in the page.
const page = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const SPEAKS = { T: "therapist", C: "client" };

const codes = page.codes.map(([id, name, letters, form, codebook], row) =>
  ({ id, name, letters, form, codebook, row, mode: page.modes.includes(row) }));
let first = 0;
const sessions = page.sessions.map(([id, sha256, length, coded], row) => {
  const session = { id, sha256, length, coded, row, first, episodes: [] };
  first += length;
  return session;
});
const episodes = page.episodes.map(([s, speaker, from, to, kinds, left, repair, kind, latency]) =>
  ({ s, speaker, from, to, kinds, left, repair, kind, latency }));
for (const episode of episodes) sessions[episode.s].episodes.push(episode);

/** What stands packed in the page under an id: JSON, deflated, in base64. */
async function unpack(id) {
  const bytes = Uint8Array.from(atob($(id).textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** Read a session's turns with their spans, once, when they are first asked for. */
function load(session) {
  session.loading ||= unpack("s" + session.row).then((packed) => take(session, packed));
  return session.loading;
}
function take(session, { turns, spans }) {
  session.turns = turns.map(([n, speaker, words, text], t) =>
    ({ session, t, n, speaker, role: speaker.startsWith("T") ? "T" : "C", words, text, spans: [] }));
  session.byNumber = new Map(session.turns.map((turn) => [turn.n, turn]));
  for (const [t, code, start, end, source_, score, why] of spans) {
    session.turns[t].spans.push({ code: codes[code], start, end, source: page.sources[source_], score, why: why || [] });
  }
  for (const turn of session.turns) {
    turn.codes = [...new Set(turn.spans.map((span) => span.code))].sort((x, y) => x.mode - y.mode || x.row - y.row);
  }
}

/** The session that holds the turn with a number counted through all sessions. */
function sessionAt(row) {
  let low = 0, high = sessions.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sessions[middle].first <= row) low = middle; else high = middle - 1;
  }
  return sessions[low];
}
/** The turns with such numbers, their sessions read. */
async function turnsAt(rows) {
  const places = rows.map((row) => [sessionAt(row), row]);
  await Promise.all([...new Set(places.map(([session]) => session))].map(load));
  return places.map(([session, row]) => session.turns[row - session.first]);
}

// Offsets are code points; JavaScript's strings count in units.
const units = (text, points) => (/[\ud800-\udfff]/.test(text) ? [...text].slice(0, points).join("").length : points);
const wordsOf = (turn, span) => turn.text.slice(units(turn.text, span.start), units(turn.text, span.end));
const short = (text, most) => (text.length > most ? text.slice(0, most).replace(/\s+\S*$/, "") + " …" : text);
const many = (n, one) => n.toLocaleString("en") + " " + one + (n === 1 ? "" : "s");
const said = (turn) => "turn " + turn.n + ", " + SPEAKS[turn.role] + (turn.speaker.length > 1 ? " " + turn.speaker : "");
const codesSaid = (turn) => turn.codes.map((code) => code.id).join(", ") || "no code";
