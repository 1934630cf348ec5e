"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const COLUMN = 18, LANE = 62, FOOT = 30, BOX = 12, MOST_BOXES = 4, EDGE = 2;
  const LISTED = 60, EPISODES = 25, AROUND = 2, FILE_NAME = "review.jsonl";
  const SPEAKS = { T: "therapist", C: "client" };

  // ---- codes, sessions, turns
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

  // ---- making elements: text goes in as text, whatever it says
  function make(name, given = {}, ...children) {
    const made = document.createElement(name);
    return fill(made, given, children);
  }
  function draw(name, given = {}, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", name), given, children);
  }
  function fill(made, given, children) {
    for (const [key, value] of Object.entries(given)) {
      if (value === undefined || value === null) continue;
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value);
    }
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
    return made;
  }
  const button = (text, given) => make("button", { type: "button", ...given }, text);
  const chip = (code) => make("span", { class: `chip k${code.row} ${code.form}`, "aria-hidden": "true" }, code.letters);
  const tag = (code) => make("span", { class: "tag" }, chip(code), " " + code.id);
  const opensTurn = (turn, text) =>
    button(text, { class: "open", onclick: () => openTurn(turn, { focus: true }) });

  // ---- state
  let shown = sessions[0];
  let current = null, list = null, opener = null, columns = 40, strips = [];
  let lists = null; // of the turns behind figures, once one was opened
  let asked = 0; // how often something was to be opened: what takes time looks whether it is still wanted
  const filter = { codes: new Set(), speaker: "", words: "" };
  const marks = new Map();
  let unsaved = false;

  // ---- the filters
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

  // ---- the map
  function drawMap() {
    const turns = shown.turns;
    const wanted = printing ? 44 : Math.max(16, Math.floor(($("map").clientWidth || 800) / COLUMN));
    columns = Math.min(wanted, Math.max(turns.length, 30));
    const rows = Math.max(1, Math.ceil(turns.length / columns));
    if (turns.length > columns) columns = Math.ceil(turns.length / rows);
    const longest = Math.max(1, ...turns.map((turn) => turn.words));
    strips = [];
    const drawn = [];
    for (let row = 0; row < rows; row += 1) drawn.push(drawRow(turns.slice(row * columns, (row + 1) * columns), row, longest, wanted));
    $("map").replaceChildren(...drawn);
    const stop = strips[current && current.session === shown ? current.t : 0];
    if (stop) stop.setAttribute("tabindex", "0");
    markCurrent();
  }
  function drawRow(turns, row, longest, wanted) {
    const width = Math.max(wanted, columns) * COLUMN;
    const name = turns.length ? `Turns ${turns[0].n} to ${turns[turns.length - 1].n} of session ${shown.id}` : "No turns";
    const svg = draw("svg", { viewBox: `0 0 ${width} ${2 * LANE + FOOT}`, role: "group", "aria-label": name });
    svg.append(draw("line", { class: "axis", x1: 0, x2: Math.max(turns.length, 1) * COLUMN, y1: LANE, y2: LANE }));
    turns.forEach((turn, place) => {
      const [strip, letters] = drawStrip(turn, place * COLUMN, longest);
      strips.push(strip);
      svg.append(strip, letters);
      if (turn.n % 10 === 0) svg.append(draw("text", { class: "tick", x: (place + 0.5) * COLUMN, y: 2 * LANE + FOOT - 1 }, String(turn.n)));
    });
    for (const episode of shown.episodes) drawEpisode(svg, episode, row);
    return svg;
  }
  function drawStrip(turn, x, longest) {
    const up = turn.role === "T";
    const height = turn.words ? 3 + (LANE - 6) * Math.sqrt(turn.words / longest) : 1;
    const strip = draw("g", {
      class: "turn", role: "button", tabindex: "-1", "data-t": turn.t, "aria-label": `${said(turn)}: ${codesSaid(turn)}`,
    },
    draw("rect", { class: "ground", x: x + 0.5, y: up ? 0 : LANE + 1, width: COLUMN - 1, height: LANE - 1 }),
    draw("rect", { class: "said", x: x + EDGE, y: up ? LANE - height : LANE, width: COLUMN - 2 * EDGE, height }));
    const boxes = turn.codes.length > MOST_BOXES ? turn.codes.slice(0, MOST_BOXES - 1) : turn.codes;
    // The letters stand beside the button that they are drawn over: it has a name of its own, which says the codes in full.
    const letters = draw("g", { class: "letters", "aria-hidden": "true" });
    boxes.forEach((code, place) => {
      const y = middleOf(up, place), look = `k${code.row} ${code.form}`;
      strip.append(draw("rect", { class: "box " + look, x: x + 1.6, y: y - BOX / 2 + 0.8, width: COLUMN - 3.2, height: BOX - 1.6, rx: 1.5 }));
      letters.append(draw("text", { class: look, x: x + COLUMN / 2, y: y + 2.7 }, code.letters));
    });
    if (boxes.length < turn.codes.length) {
      letters.append(draw("text", { class: "tick", x: x + COLUMN / 2, y: middleOf(up, boxes.length) + 3 }, "+" + (turn.codes.length - boxes.length)));
    }
    return [strip, letters];
  }
  const middleOf = (up, place) => (up ? LANE - 4 - (place + 0.5) * (BOX + 2) : LANE + 4 + (place + 0.5) * (BOX + 2));
  function drawEpisode(svg, episode, row) {
    const at = (n) => {
      const turn = shown.byNumber.get(n);
      return turn && Math.floor(turn.t / columns) === row ? (turn.t % columns + 0.5) * COLUMN : null;
    };
    const y = 2 * LANE + 7;
    const [from, to, repair] = [at(episode.from), at(episode.to), episode.repair === null ? null : at(episode.repair)];
    if (from !== null && to !== null && to > from) svg.append(draw("path", { class: "arc", d: `M${from} ${y} H${to}` }));
    if (episode.repair !== null && (to !== null || repair !== null)) {
      const [start, end] = [to === null ? 0 : to, repair === null ? columns * COLUMN : repair];
      svg.append(draw("path", { class: "arc", d: `M${start} ${y} Q${(start + end) / 2} ${y + 24} ${end} ${y}` }));
    }
    if (repair !== null) svg.append(draw("circle", { class: "repair", "data-t": shown.byNumber.get(episode.repair).t, cx: repair, cy: y, r: 3.6 }));
    for (const n of new Set([episode.from, episode.to])) {
      const place = at(n);
      if (place === null) continue;
      svg.append(draw("path", {
        class: "rupture" + (episode.repair === null ? " unmet" : ""), "data-t": shown.byNumber.get(n).t, d: `M${place - 4.5} ${y + 4} h9 l-4.5 -8.5 z`,
      }));
    }
  }
  function markCurrent() {
    for (const strip of document.querySelectorAll("#map .current")) strip.classList.remove("current");
    for (const item of document.querySelectorAll("#turns [aria-current]")) item.removeAttribute("aria-current");
    if (!current || current.session !== shown) return;
    for (const strip of document.querySelectorAll('#map [tabindex="0"]')) strip.setAttribute("tabindex", "-1");
    strips[current.t]?.classList.add("current");
    strips[current.t]?.setAttribute("tabindex", "0");
    $("turns").children[current.t]?.setAttribute("aria-current", "true");
  }
  const placeUnder = (event) => event.target.closest?.("[data-t]"); // a turn's strip, or the sign of a rupture or repair in it
  const turnUnder = (event) => {
    const place = placeUnder(event);
    return place ? shown.turns[Number(place.dataset.t)] : null;
  };
  function steer(event) {
    const turn = turnUnder(event);
    if (!turn || event.ctrlKey || event.metaKey || event.altKey) return;
    const turns = shown.turns;
    const step = (by) => {
      let t = turn.t + by;
      if (Math.abs(by) === 1) while (turns[t] && filtering() && !passes(turns[t])) t += by;
      return turns[t];
    };
    const moves = {
      ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => step(columns), ArrowUp: () => step(-columns),
      Home: () => turns[0], End: () => turns[turns.length - 1],
    };
    if (event.key === "Enter" || event.key === " ") openTurn(turn, { focus: true });
    else if (moves[event.key]) strips[moves[event.key]()?.t]?.focus();
    else return;
    event.preventDefault();
  }
  function showTip(event) {
    const turn = turnUnder(event);
    $("tip").hidden = !turn;
    if (!turn) return;
    const lines = [make("p", {}, make("strong", {}, said(turn)), " · " + many(turn.words, "word")), make("p", {}, codesSaid(turn))];
    if (turn.text) lines.push(make("p", { class: "words" }, short(turn.text, 180)));
    $("tip").replaceChildren(...lines);
    const box = placeUnder(event).getBoundingClientRect();
    const left = Math.min(box.left, document.documentElement.clientWidth - $("tip").offsetWidth - 8);
    $("tip").style.left = Math.max(left, 4) + window.scrollX + "px";
    $("tip").style.top = box.bottom + window.scrollY + 6 + "px";
  }

  // ---- a session's turns as a list, and the ruptures
  function drawTurns() {
    if (!$("transcript").open) return;
    $("turns").replaceChildren(...shown.turns.map((turn) => make("li", { class: turn.role },
      opensTurn(turn, `${turn.n} ${turn.speaker}`),
      make("span", {}, turn.text ? make("span", { class: "words" }, turn.text + " ") : null, turn.codes.map((code) => [tag(code), " "])))));
    applyFilter();
    markCurrent();
  }
  let episodesShown = EPISODES;
  async function drawEpisodes() {
    if (!$("episodes")) return;
    const here = $("episodes-here")?.checked;
    const chosen = episodes.filter((episode) => !here || episode.s === shown.row);
    const part = printing && sessions.length === 1 ? chosen : chosen.slice(0, episodesShown);
    await Promise.all([...new Set(part.map((episode) => sessions[episode.s]))].map(load));
    $("episodes").replaceChildren(...part.map(drawnEpisode));
    $("more-episodes").hidden = chosen.length <= episodesShown;
    $("more-episodes").textContent = "Show more";
    $("episodes-shown").textContent = part.length < chosen.length ? `${part.length} of ${many(chosen.length, "episode")} shown.` : "";
  }
  function drawnEpisode(episode) {
    const session = sessions[episode.s];
    const last = episode.repair ?? episode.to + AROUND; // where no repair came: what was said instead
    const turns = session.turns.filter((turn) => turn.n >= episode.from && turn.n <= last);
    const where = (sessions.length > 1 ? session.id + ", " : "") + "turn " + episode.from + (episode.to !== episode.from ? " to " + episode.to : "");
    const outcome = episode.repair === null
      ? "no repair coded within five turns" + (episode.left < 5 ? ` (${many(episode.left, "turn")} were left)` : "")
      : `${episode.kind} in turn ${episode.repair}, ${many(episode.latency, "turn")} later`;
    return make("li", { class: episode.repair === null ? "unmet" : "" },
      make("div", {}, opensTurn(session.byNumber.get(episode.from), where), `: ${episode.kinds.join(", ")}; `,
        make(episode.repair === null ? "strong" : "span", {}, outcome)),
      make("ul", { class: "excerpts" }, turns.filter((turn) => turn.text).map((turn) =>
        make("li", {}, make("span", { class: "who" }, `${turn.n} ${turn.speaker} `), make("span", { class: "words" }, short(turn.text, 400))))));
  }

  // ---- the panel
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

  // ---- marks
  function setMark(turn, label, judgement) {
    const held = marks.get(label.key);
    if (held?.judgement === judgement) marks.delete(label.key);
    else marks.set(label.key, { turn, label, judgement, remark: held?.remark || "" });
    unsaved = marks.size > 0;
    showMarks();
    const place = labelsOf(turn).findIndex(({ key }) => key === label.key);
    const item = document.querySelectorAll(".judged > li")[place];
    const drawn = drawnLabel(turn, label);
    item.replaceWith(drawn);
    drawn.querySelector(`[data-judgement="${judgement}"]`).focus();
  }
  function showMarks() {
    const wrong = [...marks.values()].filter(({ judgement }) => judgement === "wrong").length;
    $("marks").hidden = marks.size === 0;
    $("marked").textContent = `${many(marks.size, "code")} marked: ${wrong} wrong, ${marks.size - wrong} right${unsaved ? "; not saved yet."
      : `; saved as ${FILE_NAME} where your browser keeps downloads. Take it in with: relcode pull --review FILE --reviewer NAME`}`;
  }
  function lineOf({ turn, label, judgement, remark }) {
    const { session, n } = turn;
    const line = {
      session_id: session.id, turn: n, start: label.start, end: label.end, text: wordsOf(turn, label), code: label.code.id,
      codebook: label.code.codebook, source: "review:" + judgement, of: [...new Set(label.given.map(({ source }) => source))],
      session_sha256: session.sha256,
    };
    if (remark.trim()) line.remark = remark.trim();
    return JSON.stringify(line);
  }
  function save() {
    const text = [...marks.values()].map((mark) => lineOf(mark) + "\n").join("");
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" })), download: FILE_NAME });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    unsaved = false;
    showMarks();
  }

  // ---- sessions
  async function showSession(session) {
    const mine = (asked += 1);
    await load(session);
    if (mine === asked) drawSession(session);
  }
  function drawSession(session) {
    shown = session;
    current = null;
    if ($("session")) {
      $("session").value = String(session.row);
      $("session-before").disabled = session.row === 0;
      $("session-after").disabled = session.row === sessions.length - 1;
    }
    drawLegend();
    drawMap();
    drawTurns();
    applyFilter();
    if ($("episodes-here")?.checked) drawEpisodes();
  }

  // ---- print: tables unfolded, the map as wide as paper
  let printing = false, unfolded = [];
  function beforePrint() {
    printing = true;
    unfolded = [...document.querySelectorAll("details.table:not([open]), details.block:not([open])")];
    for (const details of unfolded) details.open = true;
    drawMap();
    drawEpisodes();
    applyFilter();
  }
  function afterPrint() {
    printing = false;
    for (const details of unfolded) details.open = false;
    drawMap();
    drawEpisodes();
    applyFilter();
  }

  // ---- begin
  function listen() {
    document.addEventListener("click", (event) => {
      const from = event.target.closest("button.open");
      if (from?.dataset.list) openFigure(from);
      else if (from?.dataset.session) {
        showSession(sessions[Number(from.dataset.session)]).then(() => {
          $("map-head").scrollIntoView();
          strips[0]?.focus();
        });
      }
    });
    const map = $("map");
    map.addEventListener("click", (event) => { const turn = turnUnder(event); if (turn) openTurn(turn); });
    map.addEventListener("focusin", (event) => { const turn = turnUnder(event); if (turn && turn !== current) openTurn(turn); });
    map.addEventListener("keydown", steer);
    map.addEventListener("mouseover", showTip);
    map.addEventListener("mouseleave", () => { $("tip").hidden = true; });
    $("speaker").addEventListener("change", () => { filter.speaker = $("speaker").value; applyFilter(); });
    $("words")?.addEventListener("input", () => { filter.words = $("words").value.trim().toLowerCase(); applyFilter(); });
    $("clear").addEventListener("click", clearFilter);
    $("transcript").addEventListener("toggle", drawTurns);
    $("session")?.addEventListener("change", () => showSession(sessions[Number($("session").value)]));
    $("session-before")?.addEventListener("click", () => showSession(sessions[shown.row - 1]));
    $("session-after")?.addEventListener("click", () => showSession(sessions[shown.row + 1]));
    $("episodes-here")?.addEventListener("change", drawEpisodes);
    $("more-episodes")?.addEventListener("click", () => { episodesShown += EPISODES; drawEpisodes(); });
    $("back").addEventListener("click", () => openList(list));
    $("before").addEventListener("click", () => step(-1));
    $("after").addEventListener("click", () => step(1));
    $("close").addEventListener("click", closePanel);
    $("save").addEventListener("click", save);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if ($("tip").hidden && $("panel").classList.contains("opened")) closePanel();
      $("tip").hidden = true;
    });
    window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
    window.addEventListener("beforeprint", beforePrint);
    window.addEventListener("afterprint", afterPrint);
    let width = $("map").clientWidth;
    new ResizeObserver(() => {
      if ($("map").clientWidth === width || printing) return;
      width = $("map").clientWidth;
      const focused = map.contains(document.activeElement);
      drawMap();
      applyFilter();
      if (focused && current) strips[current.t].focus();
    }).observe(map);
  }

  async function begin() {
    if (!("DecompressionStream" in window)) {
      $("map").textContent = "This browser is too old for the map and the turns; open the report in one of 2023 or later.";
      return;
    }
    if (sessions.length) await load(shown);
    listen();
    if (sessions.length) drawSession(shown);
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
    await drawEpisodes();
  }
  begin();
})();
