// A session's turns as a list, and the ruptures.
const EPISODES = 25, AROUND = 2; // listed at first; turns shown around one

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
