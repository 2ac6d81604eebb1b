// The page: what is shown, which key does what. Saving is in save.js, clips and drawing in clip.js.

import { Clip, Player, drawPicture, drawTraces, graphX } from "./clip.js";
import { Saver } from "./save.js";

const $ = (id) => document.getElementById(id);
const EMPTY = { kind: "", label: "", onset_s: null, apex_s: null, offset_s: null, action_units: "", note: "" };
const MARKS = [
  { field: "onset_s", letter: "O", name: "onset", color: "#00b283" },
  { field: "apex_s", letter: "A", name: "apex", color: "#e69f00" },
  { field: "offset_s", letter: "F", name: "offset", color: "#56b4e9" },
];
// Keys of the labels, in the server's order.
const LABEL_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "q", "w", "e", "0"];
const STRIP = 60;
const MESSAGE_MS = 7000;
const HELP = [
  ["Watch", [["Space", "play, stop"], ["S", "play at a quarter of the speed"], ["L", "play in a loop, or once"], ["← →", "one frame"],
    ["Shift ← →", "ten frames"], ["Home End", "first, last frame"], ["Shift O A F", "go to that mark"],
    ["hold C", "compare with the onset's frame"]]],
  ["Marks, at the frame that is shown", [["O", "onset: first visible change"], ["A", "apex: strongest moment"],
    ["F", "offset: it has returned"], ["the same again", "takes the mark away"]]],
  ["Label", [["1 … 8", "the eight expressions"], ["9", "an event, but none of them"], ["Q W E", "masked smiles"],
    ["0", "no event"], ["M", "micro, or longer (macro)"], ["Backspace", "no label yet"], ["P", "take over the proposal"]]],
  ["Words", [["U", "action units, as 4+7"], ["N", "note"], ["Enter, Esc", "done with the field"]]],
  ["Go on", [["Enter", "next unlabelled candidate"], ["↓ ↑  J K", "next, previous candidate"]]],
  ["Take back", [["Z", "undo"], ["Y", "redo"], ["?", "this page; Esc closes it"]]],
];

let state; // what the server said last
let saver;
let here; // the candidate that is shown
let clip = null;
const clips = new Map(); // id -> promise of a Clip: this one and the next
const player = new Player(moved);

const words = (label) => (label === "none" ? "no event" : label.replaceAll("_", " "));

// A change as the server will make it, so that the page need not wait.
function patched(coding, set) {
  const next = { ...coding, ...set };
  if ("label" in set && !("kind" in set)) {
    if (!set.label) next.kind = "";
    else if (set.label === "none") next.kind = "none";
    else if (set.label.startsWith("happy_but")) next.kind = "masked";
    else next.kind = coding.kind === "macro" ? "macro" : "micro";
  }
  return next;
}

// What is said of a candidate: the server's word, and what is on its way.
function coding(id) {
  let now = state.codings[id] ?? EMPTY;
  for (const op of saver.pending) if (op.op === "set" && op.id === id) now = patched(now, op.set);
  return now;
}

function change(set) {
  if (!clip) return;
  saver.push({ op: "set", id: here, set });
  show();
}

function answered(answer, sent) {
  Object.assign(state.codings, answer.changed);
  state.undo = answer.undo;
  state.redo = answer.redo;
  const isBack = sent.some((op) => op.op !== "set");
  if (answer.refused.length) tell(answer.refused.map((one) => one.why).join("; "));
  else if (answer.warning) tell(answer.warning);
  $("units").classList.toggle("is-refused", answer.refused.some((one) => sent.some((op) => op.n === one.n && "action_units" in (op.set ?? {}))));
  if (isBack && answer.touched && answer.touched !== here) open(answer.touched);
  else show();
}

function statusChanged(failure) {
  const waiting = saver ? saver.pending.length : 0;
  document.body.dataset.pending = waiting;
  const saved = $("saved");
  saved.className = failure || saver?.failures ? "is-failing" : waiting ? "" : "is-saved";
  saved.textContent = failure || saver?.failures ? "not saved" : waiting ? "saving" : "✓ saved";
  const box = $("failure");
  if (failure) {
    const what = waiting ? `NOT SAVED: ${waiting} change${waiting > 1 ? "s wait" : " waits"}` : "NO CONNECTION";
    box.textContent = `${what}: ${failure}${/[.?!]$/.test(failure) ? "" : "."} Trying again; keep this page open.`;
  }
  box.hidden = !(failure || saver?.failures);
}

// While C is held, the picture of the onset (or the first one) is shown instead: changes between the two leap to the eye.
let isComparing = false;
function compare(isHeld) {
  if (!clip || isComparing === isHeld) return;
  isComparing = isHeld;
  moved();
}

let messageTimer;
function tell(text) {
  $("message").textContent = text;
  $("message").hidden = false;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => { $("message").hidden = true; }, MESSAGE_MS);
}

function load(id) {
  if (!clips.has(id)) {
    const promise = Clip.load(id);
    promise.catch(() => clips.delete(id));
    clips.set(id, promise);
  }
  return clips.get(id);
}

async function open(id) {
  here = id;
  clip = null;
  player.clip = null;
  player.speed = 0;
  document.body.dataset.candidate = "";
  document.activeElement?.blur();
  $("message").hidden = true;
  history.replaceState(null, "", `#${encodeURIComponent(id)}`);
  show();
  let loaded;
  try {
    loaded = await load(id);
  } catch (error) {
    if (here === id) tell(`${id} cannot be shown: ${error.message || "the server does not answer"}`);
    return;
  }
  if (here !== id) return;
  clip = loaded;
  player.show(clip);
  document.body.dataset.candidate = id;
  show();
  const next = state.ids[state.ids.indexOf(id) + 1];
  for (const [other, promise] of clips) {
    if (other !== id && other !== next) {
      clips.delete(other);
      promise.then((old) => old.release(), () => {});
    }
  }
  if (next) load(next).catch(() => {});
}

function step(by) {
  const index = state.ids.indexOf(here) + by;
  if (index < 0 || index >= state.ids.length) tell(by > 0 ? "this is the last candidate" : "this is the first candidate");
  else open(state.ids[index]);
}

function nextUnlabelled() {
  const from = state.ids.indexOf(here);
  const order = [...state.ids.slice(from + 1), ...state.ids.slice(0, from + 1)];
  const id = order.find((other) => !coding(other).label);
  if (!id) tell(`all ${state.ids.length} candidates are labelled`);
  else if (id === here) tell("this is the only unlabelled candidate");
  else open(id);
}

function toggleMark({ field, name }) {
  if (!clip) return;
  const t = player.t;
  const at = coding(here)[field];
  const isHere = at !== null && Math.abs(at - t) < 5e-4;
  change({ [field]: isHere ? null : t });
}

function takeProposal() {
  const proposal = clip?.proposal;
  if (!proposal) return;
  const known = state.labels.includes(proposal.label);
  const label = known ? proposal.label : { blink: "none", masked: "happy_but_other" }[proposal.kind] ?? "other";
  const set = { label, action_units: proposal.action_units };
  for (const { field } of MARKS) {
    const t = proposal[field];
    const isWithin = t !== null && t >= clip.start - clip.period && t <= clip.end + clip.period;
    set[field] = isWithin ? clip.frames[clip.nearest(t)].t_s : null;
  }
  if (proposal.kind === "macro" && label !== "none" && !label.startsWith("happy_but")) set.kind = "macro";
  change(set);
}

// What goes with the playhead: drawn for every frame.
function moved() {
  if (!clip) return;
  const now = coding(here);
  const compared = isComparing ? clip.nearest(now.onset_s ?? clip.start) : player.index;
  drawPicture($("picture"), clip, compared, moved);
  const marks = MARKS.filter(({ field }) => now[field] !== null).map((mark) => ({ ...mark, t: now[mark.field] }));
  drawTraces($("traces"), clip, player.t, marks, clip.proposal);
  $("hud-frame").textContent = `frame ${player.index + 1} of ${clip.frames.length} · ${player.t.toFixed(3)} s`;
  const compareWords = `compared with ${now.onset_s === null ? "the first frame" : "the onset"}`;
  $("hud-speed").textContent = isComparing ? compareWords : { 0: "", 1: "▶ 1×", 0.25: "▶ ¼×" }[player.speed] + (player.isLoop ? " loop" : "");
  const at = marks.filter(({ t }) => Math.abs(t - player.t) < 5e-4);
  $("hud-mark").replaceChildren(...at.map(({ name, color }) => element("span", { textContent: name }, { background: color })));
}

function element(tag, properties = {}, style = {}, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.style, style);
  made.append(...children);
  return made;
}

// Everything beside the playhead.
function show() {
  const now = coding(here);
  const done = state.ids.filter((id) => coding(id).label).length;
  $("progress").textContent = `${done} of ${state.ids.length} labelled`;
  $("bar-done").style.width = `${(100 * done) / state.ids.length}%`;
  $("candidate").textContent = here;
  $("place").textContent = `candidate ${state.ids.indexOf(here) + 1} of ${state.ids.length}`;
  $("facts").textContent = clip
    ? `${clip.session ? `${clip.session}\n` : ""}${(clip.end - clip.start).toFixed(2)} s, ${clip.frames.length} frames at ${(1 / clip.period).toFixed(0)} fps`
    : "loading";
  if (clip?.missing.length) $("facts").textContent += `, ${clip.missing.length} cannot be read`;

  const after = (later, earlier) => (later === null || earlier === null ? "" : `+${((later - earlier) * 1000).toFixed(0)} ms`);
  const sinceBefore = { onset_s: "", apex_s: after(now.apex_s, now.onset_s), offset_s: after(now.offset_s, now.onset_s) };
  $("marks").replaceChildren(...MARKS.map(({ field, letter, name, color }) =>
    element("div", { className: now[field] === null ? "mark is-off" : "mark" }, {}, [
      element("span", {}, {}, [element("kbd", { textContent: letter, className: now[field] === null ? "" : "swatch" }, now[field] === null ? {} : { background: color })]),
      element("b", { textContent: name }),
      element("span", { className: "at", textContent: now[field] === null ? "not set" : `${now[field].toFixed(3)} s` }),
      element("span", { className: "after", textContent: sinceBefore[field] }),
    ])));

  $("kind").replaceChildren(...(now.kind && now.kind !== "none" ? [`${now.kind} `, element("kbd", { textContent: "M" })] : []));
  for (const button of $("labels").children) button.setAttribute("aria-selected", String(button.dataset.label === now.label));
  for (const [id, field] of [["units", "action_units"], ["note", "note"]]) {
    if (document.activeElement !== $(id)) $(id).value = now[field];
  }

  const proposal = clip?.proposal;
  $("proposal").hidden = !proposal;
  if (proposal) {
    const time = (t) => (t === null ? "?" : t.toFixed(3));
    const units = proposal.action_units ? `, action units ${proposal.action_units}` : "";
    const score = proposal.score === null ? "" : ` (${proposal.score.toFixed(2)})`;
    $("proposal-text").textContent =
      `${proposal.kind} ${words(proposal.label || "")}${score}${units}; ${time(proposal.onset_s)}, ${time(proposal.apex_s)}, ${time(proposal.offset_s)} s`;
  }
  showStrip();
  moved();
}

function showStrip() {
  const count = state.ids.length;
  const from = Math.max(0, Math.min(state.ids.indexOf(here) - STRIP / 2, count - STRIP));
  const shown = state.ids.slice(from, from + STRIP);
  const buttons = shown.map((id) => {
    const one = coding(id);
    const isWhole = MARKS.every(({ field }) => one[field] !== null);
    const look = !one.label ? "" : one.label === "none" ? "is-none" : isWhole ? "is-done" : "is-partly";
    const button = element("button", { className: `${look} ${id === here ? "is-here" : ""}`, title: `${id}: ${words(one.label) || "no label yet"}`, tabIndex: -1 });
    button.addEventListener("click", () => open(id));
    return button;
  });
  const more = (n, where) => (n > 0 ? [element("span", { className: "more", textContent: `${n} ${where}` })] : []);
  $("strip").replaceChildren(...more(from, "before"), ...buttons, ...more(count - from - shown.length, "after"));
}

function toggleHelp(isOpen) { $("help").hidden = !isOpen; }

function keyPressed(event) {
  const { key } = event;
  const lower = key.length === 1 ? key.toLowerCase() : key;
  if (!$("help").hidden) {
    if (["Escape", "?", "Enter"].includes(key)) { toggleHelp(false); event.preventDefault(); }
    return;
  }
  if (event.target instanceof HTMLInputElement) {
    if (key === "Enter" || key === "Escape") { event.target.blur(); event.preventDefault(); }
    return;
  }
  if (event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (lower === "z") back(event.shiftKey ? "redo" : "undo");
    else if (lower === "y") back("redo");
    else return;
    event.preventDefault();
    return;
  }
  if (act(event, lower)) event.preventDefault();
}

function back(op) {
  saver.push({ op });
}

// One key without a modifier (or with Shift). True where it did something.
function act(event, key) {
  const mark = MARKS.find(({ letter }) => letter.toLowerCase() === key);
  if (mark) {
    const at = coding(here)[mark.field];
    if (!event.shiftKey) { if (!event.repeat) toggleMark(mark); }
    else if (clip && at !== null) player.go(clip.nearest(at));
    return true;
  }
  const label = LABEL_KEYS.indexOf(key);
  if (label >= 0) { if (!event.repeat) change({ label: state.labels[label] }); return true; }
  const big = event.shiftKey ? 10 : 1;
  const actions = {
    " ": () => player.toggle(player.speed ? player.speed : 1),
    s: () => player.toggle(0.25),
    c: () => compare(true),
    l: () => { player.isLoop = !player.isLoop; moved(); },
    ArrowLeft: () => player.go(player.index - big),
    ArrowRight: () => player.go(player.index + big),
    Home: () => player.go(0),
    End: () => player.go(Infinity),
    ArrowDown: () => step(1), j: () => step(1), PageDown: () => step(1),
    ArrowUp: () => step(-1), k: () => step(-1), PageUp: () => step(-1),
    Enter: nextUnlabelled,
    Backspace: () => change({ label: "" }),
    Delete: () => change({ label: "" }),
    m: () => {
      const { kind } = coding(here);
      if (kind === "micro" || kind === "macro") change({ kind: kind === "micro" ? "macro" : "micro" });
      else tell("micro or macro: choose one of the expressions first");
    },
    p: takeProposal,
    u: () => $("units").focus(),
    n: () => $("note").focus(),
    z: () => back("undo"),
    y: () => back("redo"),
    "?": () => toggleHelp(true),
  };
  if (!Object.hasOwn(actions, key)) return false;
  actions[key]();
  return true;
}

function build() {
  $("dataset").textContent = state.dataset;
  $("coder").textContent = state.coder;
  $("blind").hidden = !state.is_blind;
  $("notices").textContent = state.notices.join("; ");
  $("notices").title = state.notices.join("\n");
  document.title = `${state.dataset}: ${state.coder}`;
  $("labels").replaceChildren(...state.labels.map((label, i) => {
    const button = element("button", { tabIndex: -1 }, {}, [element("kbd", { textContent: LABEL_KEYS[i].toUpperCase() }), words(label)]);
    button.dataset.label = label;
    button.setAttribute("role", "option");
    button.addEventListener("click", () => { button.blur(); change({ label }); });
    return button;
  }));
  const box = element("div", {}, {}, HELP.map(([title, keys]) =>
    element("dl", {}, {}, [
      element("h2", { textContent: title }),
      ...keys.flatMap(([key, what]) => [
        element("dt", {}, {}, [element("kbd", { textContent: key })]), element("dd", { textContent: what }),
      ]),
    ])));
  $("help").replaceChildren(box);
  $("help").addEventListener("click", () => toggleHelp(false));
  for (const [id, field] of [["units", "action_units"], ["note", "note"]]) {
    $(id).addEventListener("input", () => change({ [field]: $(id).value }));
    $(id).addEventListener("blur", () => { $(id).classList.remove("is-refused"); show(); });
  }
  $("traces").addEventListener("pointerdown", (event) => {
    if (!clip) return;
    const { t } = graphX(clip, $("traces").clientWidth);
    player.go(clip.nearest(t(event.offsetX)));
  });
  addEventListener("resize", moved);
  document.addEventListener("keydown", keyPressed);
  document.addEventListener("keyup", (event) => event.key.toLowerCase() === "c" && compare(false));
  addEventListener("blur", () => compare(false));
}

async function begin() {
  let response;
  try {
    response = await fetch("state");
    if (!response.ok) throw new Error(await response.text());
    state = await response.json();
  } catch (error) {
    $("failure").textContent = `The page cannot begin: ${error.message}. Is onset dataset label still running? Trying again.`;
    $("failure").hidden = false;
    setTimeout(begin, 2000);
    return;
  }
  $("failure").hidden = true;
  saver = new Saver(state.revision, answered, statusChanged);
  statusChanged(null);
  build();
  if (!state.ids.length) {
    tell("no candidate can be shown; the terminal says why");
    return;
  }
  const asked = decodeURIComponent(location.hash.slice(1));
  await open(state.ids.includes(asked) ? asked : state.ids.find((id) => !coding(id).label) ?? state.ids[0]);
}

begin();
