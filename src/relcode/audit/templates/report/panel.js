// The panel: a turn with those around it, or the turns behind a figure.
const LISTED = 60;

function openPanel(nodes, { focus }) {
  $("context").replaceChildren(...nodes);
  $("panel").classList.add("opened");
  document.body.classList.add("reading");
  $("back").hidden = !list || !current;
  $("before").hidden = $("after").hidden = !current;
  $("panel").scrollTop = 0;
  if (focus) $("panel-head").focus({ preventScroll: true });
}
const head = (text) => make("h2", { id: "panel-head", tabindex: "-1" }, text);

/** A turn with the turns around it, its codes and what can be said of them. */
function openTurn(turn, { focus = false } = {}) {
  asked += 1;
  if (turn.session !== shown) drawSession(turn.session);
  current = turn;
  const turns = turn.session.turns;
  const around = turns.slice(Math.max(0, turn.t - AROUND), turn.t + AROUND + 1);
  openPanel([
    head(`${turn.session.id}, ${said(turn)}`),
    make("ol", { class: "context" }, around.map((each) => drawnContext(each, each === turn))),
    make("h3", {}, turn.codes.length ? "Codes of this turn" : "No code in this turn"),
    make("ul", { class: "judged" }, labelsOf(turn).map((label) => drawnLabel(turn, label))),
  ], { focus });
  $("before").disabled = turn.t === 0;
  $("after").disabled = turn.t === turns.length - 1;
  markCurrent();
}
function drawnContext(turn, now) {
  const text = now ? marked(turn) : [turn.text];
  return make("li", { class: turn.role + (now ? " now" : ""), "aria-current": now ? "true" : null },
    make("div", { class: "who" }, `${turn.n} ${turn.speaker} · ${turn.text ? "" : many(turn.words, "word") + " · "}${codesSaid(turn)}`),
    turn.text ? make("div", { class: "words" }, text) : null);
}
/** The words of a turn, those under any code marked. */
function marked(turn) {
  const covered = turn.spans.filter((span) => !span.code.mode).map((span) => [units(turn.text, span.start), units(turn.text, span.end)]);
  const edges = [...new Set([0, turn.text.length, ...covered.flat()])].sort((x, y) => x - y);
  return edges.slice(1).map((end, place) => {
    const start = edges[place];
    const words = turn.text.slice(start, end);
    return covered.some(([from, to]) => from <= start && end <= to) ? make("mark", {}, words) : words;
  });
}
/** The labels of a turn; the same words and code from several sources are one. */
function labelsOf(turn) {
  const found = new Map();
  for (const span of turn.spans) {
    const key = JSON.stringify([turn.session.row, turn.t, span.code.row, span.start, span.end]);
    if (!found.has(key)) found.set(key, { key, code: span.code, start: span.start, end: span.end, given: [] });
    found.get(key).given.push(span);
  }
  return [...found.values()];
}
function whoGave({ source, score, why }) {
  const [kind, name] = [source.split(":")[0], source.split(":").slice(1).join(":")];
  const who = { cues: "suggested by the codebook's cues", accepted: "accepted label" + (name ? " (" + name + ")" : ""), model: "model " + name, coder: "coder " + name }[kind];
  return (who || source || "source not named") + (score === undefined || score === null ? "" : `, probability ${score.toFixed(2)}`)
    + (why.length ? `; because of ${why.join(", ")}` : "");
}
function drawnLabel(turn, label) {
  const mark = marks.get(label.key);
  const judge = (judgement, text) => button(text, {
    "aria-pressed": String(mark?.judgement === judgement), "data-judgement": judgement,
    "aria-label": `${label.code.id}: ${text.toLowerCase()}`, onclick: () => setMark(turn, label, judgement),
  });
  const remark = make("input", {
    type: "text", maxlength: "500", autocomplete: "off", placeholder: "remark (optional)", "aria-label": `Remark on ${label.code.id}`,
    oninput: (event) => { mark.remark = event.target.value; unsaved = true; },
  });
  remark.hidden = !mark;
  remark.value = mark?.remark || "";
  return make("li", { "data-code": label.code.id },
    make("div", {}, tag(label.code), " " + label.code.name),
    turn.text ? make("q", { class: "words" }, short(wordsOf(turn, label), 220)) : null,
    make("div", { class: "soft small" }, label.given.map(whoGave).join("; ")),
    make("div", { class: "bar" }, judge("wrong", "Wrong"), judge("right", "Right"), remark));
}

/** The turns behind a figure. */
async function openList(figure, { focus = true, at = 0 } = {}) {
  const mine = (asked += 1);
  const part = await turnsAt(figure.rows.slice(0, at + LISTED));
  if (mine !== asked) return; // something else was opened meanwhile
  list = figure;
  current = null;
  const notes = [figure.counted, figure.method, figure.claim].filter(Boolean);
  openPanel([
    head(`${figure.label}: ${many(figure.rows.length, "turn")}`),
    ...notes.map((note) => make("p", { class: "small soft" }, note)),
    make("ol", { class: "found" }, part.map((turn) => make("li", {},
      opensTurn(turn, `${sessions.length > 1 ? turn.session.id + ", " : ""}turn ${turn.n} ${turn.speaker}`),
      turn.text ? make("div", { class: "words" }, short(turn.text, 240)) : null,
      make("div", {}, turn.codes.map((code) => [tag(code), " "]))))),
    part.length < figure.rows.length
      ? button(`Show more (${part.length} of ${figure.rows.length} shown)`, { onclick: () => openList(figure, { focus: false, at: at + LISTED }) }) : null,
  ].filter(Boolean), { focus });
  markCurrent();
}
async function openFigure(from) {
  opener = from;
  const { list: number, label, counted, method, claim } = from.dataset;
  lists ||= await unpack("lists");
  let row = 0;
  await openList({ label, counted, method, claim, rows: lists[Number(number)].map((step) => (row += step)) });
}
function closePanel() {
  $("panel").classList.remove("opened");
  document.body.classList.remove("reading");
  if (current && strips[current.t]) strips[current.t].focus();
  else if (opener) opener.focus();
}
function step(by) {
  const next = current && current.session.turns[current.t + by];
  if (next) openTurn(next);
}
