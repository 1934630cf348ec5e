// Showing a session, printing, listening; where all begins.
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
