// On the map of customers: draw around them, or touch one, and the list below says who they are.

const MOST_CORNERS = 48;

function address(changes) {
  const url = new URL(location.href);
  for (const name of ["within", "ids", "cell", "page", "save"]) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
  url.hash = "chosen";
  return url;
}

async function show(url) {
  const headers = { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#chosen" };
  const answer = await fetch(url, { headers });
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  document.getElementById("chosen").replaceWith(made.content);
  window.htmx?.process(document.getElementById("chosen"));
  history.pushState(null, "", url);
  document.getElementById("chosen").scrollIntoView({ block: "nearest" });
  const title = document.getElementById("chosen-title");
  if (title) document.getElementById("live").textContent = title.textContent;
}
addEventListener("popstate", () => location.reload());

// The corner that changes the outline least goes first, until few enough are left.
function simplified(corners) {
  const kept = [...corners];
  const area = (i) => {
    const [a, b, c] = [kept.at(i - 1), kept[i], kept[(i + 1) % kept.length]];
    return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]));
  };
  while (kept.length > MOST_CORNERS) {
    let least = 0;
    for (let i = 1; i < kept.length; i += 1) if (area(i) < area(least)) least = i;
    kept.splice(least, 1);
  }
  return kept;
}

function outline({ lassoPoints, range }) {
  if (lassoPoints) return simplified(lassoPoints.x.map((x, i) => [x, lassoPoints.y[i]]));
  if (!range) return [];
  const [[left, right], [low, high]] = [range.x, range.y];
  return [[left, low], [right, low], [right, high], [left, high]];
}

const inWords = (corners) => corners.flat().map((value) => Number(value.toPrecision(5))).join(",");

function addTool(figure, canvas, mode, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = words;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const chosen = button.getAttribute("aria-pressed") !== "true";
    for (const other of figure.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(chosen));
    window.Plotly.relayout(canvas, { dragmode: chosen ? mode : "pan" });
    figure.querySelector(".chart-said").textContent = chosen ? "Drag around the customers you mean." : "";
  });
  figure.querySelector(".chart-tools").append(button);
}

document.addEventListener("chart:drawn", ({ target: figure }) => {
  if (figure.id !== "pca_map") return;
  const canvas = figure.querySelector(".canvas");
  addTool(figure, canvas, "lasso", "Draw around");
  addTool(figure, canvas, "select", "Box");
  canvas.on("plotly_selected", (chosen) => {
    const corners = chosen ? outline(chosen) : [];
    if (corners.length > 2) show(address({ within: inWords(corners) }));
  });
  canvas.on("plotly_click", ({ points }) => {
    const ids = points.map((point) => point.customdata).filter((id) => typeof id === "string");
    if (ids.length) show(address({ ids: ids.join("\n") }));
  });
});
