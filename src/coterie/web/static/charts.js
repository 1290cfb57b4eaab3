// Turns the pictures of charts into drawings to touch; a page works as well without it.
// Plotly is asked for once a page, when the first chart is touched, or when one is scrolled to.

const root = document.documentElement;
const bundle = document.querySelector("[data-plotly]")?.dataset.plotly;
const few = matchMedia("(max-width: 44rem)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const sparing = navigator.connection?.saveData || matchMedia("(prefers-reduced-data: reduce)").matches;

let loading;
function plotly() {
  loading ??= new Promise((resolve, reject) => {
    // Plotly writes no style of its own into the page where it finds this: ours has what it needs.
    const mark = document.createElement("link");
    mark.id = "plotly.js-style-global";
    mark.className = "no-inline-styles";
    const script = document.createElement("script");
    script.src = bundle;
    // A style set as an attribute is refused by our policy, the same set by script is not.
    SVGElement.prototype.setAttribute = function setAttribute(name, value) {
      if (name === "style") this.style.cssText = value;
      else Element.prototype.setAttribute.call(this, name, value);
    };
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("not loaded"));
    document.head.append(mark, script);
  });
  return loading;
}

// Colours as the page has them now, light or dark.
function tokens() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const found = {};
  for (const name of ["ink", "quiet", "line", "edge", "surface", "accent"]) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return { ...found, font: getComputedStyle(document.body).fontFamily };
}

// The seams of marks are of the paper they lie on; names on a map stand out from what lies below them.
function dressedData(data) {
  const { surface, ink } = tokens();
  return data.map((trace) => {
    const solid = trace.type === "scatter3d";
    const dress = { ...trace };
    if (trace.marker?.line) {
      const line = { ...trace.marker.line, color: surface, width: solid ? 0 : trace.marker.line.width };
      dress.marker = { ...trace.marker, line, size: solid ? trace.marker.size * 0.7 : trace.marker.size };
    }
    if (trace.mode === "markers+text") {
      dress.textfont = { color: ink, weight: 700, ...(solid ? {} : { shadow: "auto" }) };
      if (!solid) dress.unselected = { marker: { opacity: 1 }, textfont: { color: ink } };
    }
    return dress;
  });
}

function dressed(layout, height) {
  const look = tokens();
  const narrow = few.matches;
  const axis = { gridcolor: look.line, linecolor: look.edge, zerolinecolor: look.edge, tickcolor: look.edge };
  const dress = { ...layout, title: undefined, autosize: true, height };
  dress.font = { family: look.font, color: look.ink, size: narrow ? 12 : 13.5 };
  dress.hoverlabel = {
    ...layout.hoverlabel,
    bgcolor: look.surface,
    bordercolor: look.edge,
    font: { color: look.ink, family: look.font, size: 14 },
  };
  dress.legend = { ...layout.legend, font: { color: look.ink } };
  if (narrow) dress.legend = { ...dress.legend, orientation: "h", title: undefined, x: 0, y: 1.02, yanchor: "bottom" };
  dress.margin = layout.scene ? { l: 0, r: 0, t: 0, b: 0 } : { l: narrow ? 44 : 64, r: 12, t: 16, b: 52, ...layout.margin };
  dress.dragmode = "pan";
  dress.transition = still.matches ? { duration: 0 } : undefined;
  for (const name of Object.keys(layout)) {
    if (/^[xy]axis\d*$/.test(name)) dress[name] = { ...axis, ...layout[name], title: titled(layout[name].title, narrow) };
    if (/^scene\d*$/.test(name)) dress[name] = inSpace(layout[name], { ...axis, color: look.ink });
  }
  return dress;
}

function titled(title, narrow) {
  return title && narrow ? { ...title, font: { size: 11 } } : title;
}

// Seen as in the picture, from the right and a little above.
const EYE = { x: 1.1, y: -1.8, z: 0.85 };

function inSpace(scene, axis) {
  const small = { tickfont: { size: 11 } };
  const sides = ["xaxis", "yaxis", "zaxis"].map((name) => {
    const title = { ...scene[name]?.title, font: { size: 12 } };
    return [name, { ...axis, ...small, ...scene[name], title }];
  });
  return { camera: { eye: EYE }, ...scene, ...Object.fromEntries(sides) };
}

const SETTINGS = { responsive: true, displayModeBar: false, displaylogo: false, doubleClick: "reset" };

async function draw(figure) {
  if (figure.dataset.state) return;
  figure.dataset.state = "loading";
  const button = figure.querySelector(".explore");
  button.setAttribute("aria-busy", "true");
  try {
    const [Plotly, chart] = await Promise.all([plotly(), fetch(figure.dataset.drawing).then(asJson)]);
    await place(Plotly, figure, chart);
    figure.dataset.state = "drawn";
    figure.querySelector(".chart-tools").hidden = false;
    button.hidden = true;
    figure.dispatchEvent(new CustomEvent("chart:drawn", { bubbles: true, detail: { chart } }));
  } catch {
    delete figure.dataset.state;
    say(figure, "The drawing could not be fetched. The picture stays; try again.");
  }
  button.removeAttribute("aria-busy");
}

function asJson(answer) {
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function place(Plotly, figure, chart) {
  const frame = figure.querySelector(".picture");
  const picture = frame.querySelector("img");
  const canvas = document.createElement("div");
  canvas.className = "canvas";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", `${picture.alt}. Arrow keys move it, plus and minus zoom, 0 shows all.`);
  canvas.setAttribute("aria-describedby", picture.getAttribute("aria-describedby"));
  frame.classList.add("drawn");
  frame.append(canvas);
  const ratio = (few.matches ? 1.45 : 0) || picture.height / picture.width || 0.62;
  const height = Math.round(Math.max(340, Math.min(frame.clientWidth * ratio, 760)));
  await Plotly.newPlot(canvas, dressedData(chart.data), dressed(chart.layout, height), SETTINGS);
  picture.hidden = true;
  const sample = /\(a sample of [^)]*\)/.exec(chart.layout.title?.text ?? "");
  if (sample) say(figure, `Drawn is ${sample[0].slice(1, -1)}.`);
}

function say(figure, words) {
  const place = figure.querySelector(".chart-said");
  place.textContent = words;
}

// Moving and zooming by keys and by buttons, all axes of a chart at once.
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ZOOMS = { "+": 0.8, "=": 0.8, "-": 1.25 };

function moved(canvas, change) {
  const full = canvas._fullLayout;
  const update = {};
  for (const name of Object.keys(full)) {
    if (!/^[xy]axis\d*$/.test(name) || full[name].fixedrange || full[name].matches) continue;
    const [from, to] = full[name].range.map(Number);
    if (Number.isFinite(from + to)) update[`${name}.range`] = change(name[0], from, to);
  }
  if (full.scene) Object.assign(update, turned(full.scene.camera, change));
  window.Plotly.relayout(canvas, update);
}

function turned(camera, change) {
  const [from, to] = change("x", -1, 1);
  const [low, high] = change("y", -1, 1);
  const far = (to - from) / 2;
  const turn = ((from + to) / 2) * 1.6;
  const { x, y, z } = camera.eye;
  const eye = { x: x * Math.cos(turn) - y * Math.sin(turn), y: x * Math.sin(turn) + y * Math.cos(turn), z: z + (low + high) / 2 };
  return { "scene.camera.eye": { x: eye.x * far, y: eye.y * far, z: eye.z * far } };
}

function shift(canvas, across, up) {
  moved(canvas, (letter, from, to) => {
    const step = (to - from) * 0.12 * (letter === "x" ? across : up);
    return [from + step, to + step];
  });
}

function zoom(canvas, factor) {
  moved(canvas, (_, from, to) => {
    const middle = (from + to) / 2;
    return [middle + (from - middle) * factor, middle + (to - middle) * factor];
  });
}

async function reset(figure) {
  const chart = await fetch(figure.dataset.drawing).then(asJson);
  const canvas = figure.querySelector(".canvas");
  await window.Plotly.react(canvas, dressedData(chart.data), dressed(chart.layout, canvas._fullLayout.height), SETTINGS);
}

document.addEventListener("keydown", (event) => {
  const canvas = event.target.closest?.(".canvas");
  if (!canvas || event.ctrlKey || event.metaKey || event.altKey) return;
  if (KEYS[event.key]) shift(canvas, ...KEYS[event.key]);
  else if (ZOOMS[event.key]) zoom(canvas, ZOOMS[event.key]);
  else if (event.key === "0" || event.key === "Home") reset(canvas.closest("figure"));
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const figure = event.target.closest("figure[data-drawing]");
  if (!figure) return;
  const tool = event.target.closest("[data-tool]")?.dataset.tool;
  const canvas = figure.querySelector(".canvas");
  if (tool === "in") zoom(canvas, 0.7);
  else if (tool === "out") zoom(canvas, 1.4);
  else if (tool === "reset") reset(figure);
  else if (event.target.closest(".explore, .picture img")) draw(figure).then(() => focusOn(figure, event));
});

function focusOn(figure, event) {
  if (event.detail === 0) figure.querySelector(".canvas")?.focus(); // pressed by key
}

// What is scrolled to is drawn, but only for somebody who scrolls: a page that is only opened loads no Plotly.
const figures = document.querySelectorAll("figure[data-drawing]");
for (const figure of figures) figure.querySelector(".explore").hidden = false;
const watch = new IntersectionObserver(
  (seen) => {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting) draw(target).then(() => watch.unobserve(target));
    }
  },
  { threshold: 0.35 },
);
const moves = ["wheel", "touchmove", "keydown"];
function begin(event) {
  if (event.type === "keydown" && !/^(Page|Arrow|Home|End| )/.test(event.key)) return;
  for (const kind of moves) removeEventListener(kind, begin);
  for (const figure of figures) watch.observe(figure);
}
if (!sparing && figures.length) for (const kind of moves) addEventListener(kind, begin, { passive: true });

// Day and night come while a page is open.
async function redress() {
  for (const canvas of document.querySelectorAll(".canvas")) {
    const chart = await fetch(canvas.closest("figure").dataset.drawing).then(asJson);
    window.Plotly.react(canvas, dressedData(chart.data), dressed(chart.layout, canvas._fullLayout.height), SETTINGS);
  }
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redress);
root.classList.add("touchable");
