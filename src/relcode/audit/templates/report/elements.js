// Making elements: text goes in as text, whatever it says.
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
