// What is shown, chosen and marked.
let shown = sessions[0];
let current = null, list = null, opener = null, columns = 40, strips = [];
let lists = null; // of the turns behind figures, once one was opened
let asked = 0; // how often something was to be opened: what takes time looks whether it is still wanted
const filter = { codes: new Set(), speaker: "", words: "" };
const marks = new Map();
let unsaved = false;
