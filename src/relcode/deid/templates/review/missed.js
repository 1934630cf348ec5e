// Words that were missed.
const WORD = /[\p{L}\p{N}\p{M}_]/u;

function takeSelection() {
  const chosen = document.getSelection();
  if (!chosen.rangeCount || chosen.isCollapsed) return;
  const range = chosen.getRangeAt(0);
  const wordsOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("#turns .words");
  const words = wordsOf(range.startContainer);
  if (!words) return;
  if (words !== wordsOf(range.endContainer)) {
    say("Select words within one turn.");
    return;
  }
  const before = document.createRange();
  before.setStart(words, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const s = shownSession, t = Number(words.dataset.t), text = sessions[s].turns[t].text;
  let a = before.toString().length, b = a + range.toString().length;
  while (a < b && /\s/.test(text[a])) a += 1;
  while (b > a && /\s/.test(text[b - 1])) b -= 1;
  if (a >= b) return;
  // Whole words: a selection that begins within one begins with it.
  const charBefore = (i) => (i > 0 ? String.fromCodePoint(text.codePointAt(i - (i > 1 && /[\udc00-\udfff]/.test(text[i - 1]) ? 2 : 1))) : "");
  const charAt = (i) => (i < text.length ? String.fromCodePoint(text.codePointAt(i)) : "");
  while (WORD.test(charAt(a)) && WORD.test(charBefore(a))) a -= charBefore(a).length;
  while (WORD.test(charBefore(b)) && WORD.test(charAt(b))) b += charAt(b).length;
  selection = { s, t, a, b };
  $("selected").textContent = text.slice(a, b);
  $("adding").hidden = false;
  say("Words selected: choose a label, then add.");
}

function add(scope) {
  if (!selection) return;
  const item = makeItem(selection.s, selection.t, selection.a, selection.b, { found: false });
  const there = byKey.get(item.key);
  decide(there || item, "accept", scope, $("addLabel").value);
  leaveSelection();
  refresh();
  choose(item.key);
  say("Added" + (scope === "client" ? " everywhere: " + groups.get(item.client).length + " mention(s)." : "."));
}

function leaveSelection() {
  selection = null;
  $("adding").hidden = true;
  document.getSelection().removeAllRanges();
}
