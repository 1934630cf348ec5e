// The map of a session: a strip a turn, episodes of rupture beneath.
const COLUMN = 18, LANE = 62, FOOT = 30, BOX = 12, MOST_BOXES = 4, EDGE = 2;

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
