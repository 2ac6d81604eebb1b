// A clip in memory, its playback by true frame times, and the drawing of picture and traces.

const MAX_DECODED_BYTES = 160e6;
const DECODE_AHEAD = 6;
const LOADS_AT_ONCE = 6;

// Pictures of one candidate: the files are kept, decoded pictures as far as memory allows.
export class Clip {
  static async load(id) {
    const response = await fetch(`clip/${encodeURIComponent(id)}`);
    if (!response.ok) throw new Error((await response.text()).trim());
    const clip = new Clip();
    Object.assign(clip, await response.json());
    clip.blobs = new Array(clip.frames.length).fill(null);
    clip.decoded = new Map();
    clip.missing = [];
    let next = 0;
    const worker = async () => {
      while (next < clip.frames.length) {
        const index = next++;
        const picture = await fetch(`frame/${encodeURIComponent(id)}/${encodeURIComponent(clip.frames[index].file)}`);
        if (picture.ok) clip.blobs[index] = await picture.blob();
        else clip.missing.push(index);
      }
    };
    await Promise.all(Array.from({ length: LOADS_AT_ONCE }, worker));
    return clip;
  }

  get start() { return this.frames[0].t_s; }
  get end() { return this.frames[this.frames.length - 1].t_s; }

  // The usual time between frames.
  get period() {
    const steps = this.frames.slice(1).map((frame, i) => frame.t_s - this.frames[i].t_s).sort((a, b) => a - b);
    return steps.length ? steps[steps.length >> 1] : 1 / 30;
  }

  // The last frame at or before a time.
  indexAt(t) {
    let index = 0;
    while (index + 1 < this.frames.length && this.frames[index + 1].t_s <= t + 1e-6) index += 1;
    return index;
  }

  nearest(t) {
    const index = this.indexAt(t);
    const next = this.frames[index + 1];
    return next && next.t_s - t < t - this.frames[index].t_s ? index + 1 : index;
  }

  // The decoded picture, or null until it is; `onReady` is called then.
  picture(index, onReady) {
    const known = this.decoded.get(index);
    if (known) {
      this.decoded.delete(index);
      this.decoded.set(index, known); // most recently used last
    } else if (this.blobs[index]) {
      const entry = { bitmap: null };
      this.decoded.set(index, entry);
      createImageBitmap(this.blobs[index]).then(
        (bitmap) => { entry.bitmap = bitmap; this.trim(); onReady(); },
        () => { this.missing.push(index); this.blobs[index] = null; this.decoded.delete(index); onReady(); },
      );
    }
    return known ? known.bitmap : null;
  }

  ahead(index) {
    for (let i = index + 1; i <= Math.min(index + DECODE_AHEAD, this.frames.length - 1); i += 1) this.picture(i, () => {});
  }

  trim() {
    const bytes = (bitmap) => (bitmap ? bitmap.width * bitmap.height * 4 : 0);
    let sum = 0;
    for (const { bitmap } of this.decoded.values()) sum += bytes(bitmap);
    for (const [index, { bitmap }] of this.decoded) {
      if (sum <= MAX_DECODED_BYTES) break;
      if (!bitmap) continue;
      sum -= bytes(bitmap);
      bitmap.close();
      this.decoded.delete(index);
    }
  }

  release() {
    for (const { bitmap } of this.decoded.values()) bitmap?.close();
    this.decoded.clear();
  }
}

// Where the playhead is, and how it moves.
export class Player {
  constructor(onMove) {
    this.onMove = onMove;
    this.clip = null;
    this.index = 0;
    this.speed = 0;
    this.isLoop = false;
  }

  show(clip) {
    this.speed = 0;
    this.clip = clip;
    this.index = 0;
    this.onMove();
  }

  get t() { return this.clip.frames[this.index].t_s; }

  go(index) {
    if (!this.clip) return;
    this.speed = 0;
    this.index = Math.max(0, Math.min(index, this.clip.frames.length - 1));
    this.onMove();
  }

  toggle(speed) {
    if (!this.clip) return;
    const wasAt = this.speed;
    this.speed = 0;
    if (wasAt !== speed) this.play(speed);
    this.onMove();
  }

  play(speed) {
    const run = {};
    this.run = run;
    this.speed = speed;
    if (this.index === this.clip.frames.length - 1) this.index = 0;
    let from = this.t;
    let since = performance.now();
    const clip = this.clip;
    const tick = (now) => {
      if (this.run !== run || this.speed !== speed || this.clip !== clip) return;
      const t = from + ((now - since) / 1000) * speed;
      const index = clip.indexAt(t);
      if (index !== this.index && index > this.index) {
        this.index = index;
        clip.ahead(index);
        this.onMove();
      }
      if (t > clip.end + clip.period) {
        if (!this.isLoop) {
          this.speed = 0;
          this.onMove();
          return;
        }
        this.index = 0;
        from = this.t;
        since = now;
        this.onMove();
      }
      requestAnimationFrame(tick);
    };
    clip.ahead(this.index);
    requestAnimationFrame(tick);
  }
}

// A canvas in device pixels; the context draws in layout pixels.
export function sized(canvas) {
  const ratio = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}

export function drawPicture(canvas, clip, index, onReady) {
  const bitmap = clip.picture(index, onReady);
  const isMissing = !clip.blobs[index];
  if (!bitmap && !isMissing) return; // the frame before stays until this one is decoded
  const { context, width, height } = sized(canvas);
  context.clearRect(0, 0, width, height);
  if (isMissing) {
    context.fillStyle = "#ffb84d";
    context.font = "15px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(`the picture ${clip.frames[index].file} of this frame cannot be read`, width / 2, height / 2);
    return;
  }
  const scale = Math.min(width / bitmap.width, height / bitmap.height);
  const [w, h] = [bitmap.width * scale, bitmap.height * scale];
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
}

const REGION_COLORS = [
  [/brow_outer|outer_brow|upper_lip/, "#00b283"], [/glabella|nose|chin/, "#cc79a7"], [/brow/, "#56b4e9"], [/lid|eye/, "#f0e442"],
  [/cheek|mouth_corner/, "#e69f00"], [/lower_lip/, "#e8702a"],
];
const COLORS = ["#56b4e9", "#e69f00", "#00b283", "#cc79a7", "#f0e442", "#e8702a"];
const SHOWN = 6;
const LEGEND_PX = 150;
const PAD = { left: 14, top: 20, bottom: 20 };

// The traces that move most, with their colours; worked out once a clip.
function legendOf(clip) {
  if (clip.legend) return clip.legend;
  const all = Object.entries(clip.traces).map(([name, values]) => {
    const known = values.filter((value) => value !== null);
    const low = Math.min(...known), high = Math.max(...known);
    return { name, values, low, high, range: known.length ? high - low : -1 };
  }).filter((trace) => trace.range >= 0).sort((a, b) => b.range - a.range);
  // A region's usual colour, unless another of those shown has it; both sides of a region share one.
  const taken = new Map();
  all.slice(0, SHOWN).forEach((trace) => {
    const region = trace.name.replace(/_?(left|right)/, "");
    if (!taken.has(region)) {
      const usual = REGION_COLORS.find(([pattern]) => pattern.test(region))?.[1];
      const free = [usual, ...COLORS].find((color) => color && ![...taken.values()].includes(color));
      taken.set(region, free ?? COLORS[0]);
    }
    trace.color = taken.get(region);
    trace.dash = /right/.test(trace.name) ? [5, 3] : [];
    trace.words = trace.name.replaceAll("_", " ");
  });
  const low = Math.min(0, ...all.map((trace) => trace.low)), high = Math.max(1e-9, ...all.map((trace) => trace.high));
  clip.legend = { all, low, high };
  return clip.legend;
}

export function graphX(clip, width) {
  const span = Math.max(clip.end - clip.start, 1e-6);
  const room = width - PAD.left - LEGEND_PX;
  return {
    x: (t) => PAD.left + ((t - clip.start) / span) * room,
    t: (x) => clip.start + ((x - PAD.left) / room) * span,
  };
}

// Traces, frame times, marks, the proposal, the playhead. `marks`: [{letter, color, t}].
export function drawTraces(canvas, clip, t, marks, proposal) {
  const { context, width, height } = sized(canvas);
  const { x } = graphX(clip, width);
  const { all, low, high } = legendOf(clip);
  const bottom = height - PAD.bottom;
  const y = (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - PAD.top);
  const line = (at, from, to, style, dash, thick) => {
    context.strokeStyle = style;
    context.lineWidth = thick;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(at, from);
    context.lineTo(at, to);
    context.stroke();
    context.setLineDash([]);
  };
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";

  const [first, last] = [marks.find((mark) => mark.letter === "O"), marks.find((mark) => mark.letter === "F")];
  if (first && last) {
    context.fillStyle = "rgb(127 227 211 / 10%)";
    context.fillRect(x(first.t), PAD.top, x(last.t) - x(first.t), bottom - PAD.top);
  }
  context.strokeStyle = "rgb(255 255 255 / 9%)";
  context.lineWidth = 1;
  context.strokeRect(x(clip.start) - 0.5, PAD.top + 0.5, x(clip.end) - x(clip.start) + 1, bottom - PAD.top - 1);
  // One tick a frame: a gap in the recording is a gap here.
  for (const frame of clip.frames) line(x(frame.t_s), bottom, bottom + 4, "#6b7785", [], 1);
  context.fillStyle = "#98a4b1";
  context.textAlign = "left";
  context.fillText(`${clip.start.toFixed(2)} s`, x(clip.start), height - 4);
  context.textAlign = "right";
  context.fillText(`${clip.end.toFixed(2)} s`, x(clip.end), height - 4);

  all.slice().reverse().forEach((trace) => {
    const isShown = all.indexOf(trace) < SHOWN;
    context.strokeStyle = isShown ? trace.color : "rgb(255 255 255 / 14%)";
    context.lineWidth = isShown ? 1.6 : 1;
    context.setLineDash(isShown ? trace.dash : []);
    context.beginPath();
    let isDown = false;
    trace.values.forEach((value, i) => {
      const at = clip.trace_t_s[i];
      if (value === null || at < clip.start || at > clip.end) { isDown = false; return; }
      if (isDown) context.lineTo(x(at), y(value)); else context.moveTo(x(at), y(value));
      isDown = true;
    });
    context.stroke();
  });
  context.setLineDash([]);
  context.textAlign = "left";
  all.slice(0, SHOWN).forEach((trace, i) => {
    const top = PAD.top + 9 + i * 18;
    context.strokeStyle = trace.color;
    context.lineWidth = 2;
    context.setLineDash(trace.dash);
    context.beginPath();
    context.moveTo(width - LEGEND_PX + 14, top - 4);
    context.lineTo(width - LEGEND_PX + 34, top - 4);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = "#98a4b1";
    context.fillText(trace.words, width - LEGEND_PX + 40, top);
  });
  if (!all.length) {
    context.fillStyle = "#6b7785";
    context.fillText("no motion traces for this clip", x(clip.start) + 10, (PAD.top + bottom) / 2);
  } else if (all.length > SHOWN) {
    context.fillStyle = "#6b7785";
    context.fillText(`${all.length - SHOWN} others in gray`, width - LEGEND_PX + 40, PAD.top + 9 + SHOWN * 18);
  }

  if (proposal) {
    for (const at of [proposal.onset_s, proposal.apex_s, proposal.offset_s]) {
      if (at !== null && at >= clip.start && at <= clip.end) line(x(at), PAD.top, bottom, "#cc79a7", [2, 3], 1.2);
    }
  }
  for (const mark of marks) {
    line(x(mark.t), PAD.top, bottom, mark.color, [], 2);
    context.fillStyle = mark.color;
    context.fillRect(x(mark.t) - 8, 3, 16, 16);
    context.fillStyle = "#14171a";
    context.textAlign = "center";
    context.font = "600 11px system-ui, sans-serif";
    context.fillText(mark.letter, x(mark.t), 15);
  }
  line(x(t), PAD.top - 4, bottom + 5, "#e6ebf0", [], 1.5);
}
