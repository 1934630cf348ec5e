// Marks of labels as wrong or right, and the file of them.
const FILE_NAME = "review.jsonl";

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
