// Sessions and findings. Offsets: a, b in the units of this script's strings; start, end in code points.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const POSSESSIVE = /['’]s$/;

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
