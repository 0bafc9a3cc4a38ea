// Draws the figures and plays the descents: each path's trail grows to the iterate that is shown.
"use strict";
const { figures, paths, moves, frames, rest } = JSON.parse(document.getElementById("content").textContent);
const [player, play, place, words] = ["player", "play", "place", "words"].map((id) =>
  document.getElementById(id),
);
const divs = figures.map(() =>
  document.getElementById("figures").appendChild(document.createElement("div")),
);
const last = Math.max(0, frames.length - 1);
let timer = null;

// The columns of a trace in a frame: of all iterates so far, or of the current one alone.
function moved(move, frame) {
  const path = paths[move.path];
  const end = frame[move.path] + 1;
  const begin = move.trail ? 0 : end - 1;
  const columns = {};
  for (const [name, column] of Object.entries(move.columns)) {
    columns[name] = path[column].slice(begin, end);
  }
  return columns;
}

function caption(now) {
  place.value = now;
  words.textContent = paths
    .map((path, number) => path.words[frames[now][number]].join("   "))
    .join("\n");
}

function show(now) {
  caption(now);
  const drawn = divs.map((div, number) => {
    const own = moves.filter((move) => move.figure === number);
    const update = {};
    for (const columns of own.map((move) => moved(move, frames[now]))) {
      for (const [name, values] of Object.entries(columns)) (update[name] ??= []).push(values);
    }
    return Plotly.restyle(div, update, own.map((move) => move.trace));
  });
  return Promise.all(drawn);
}

function stop() {
  clearTimeout(timer);
  timer = null;
  play.textContent = "\u25b6 Play";
}

// Shows the next iterate once it is due and the one before has been drawn.
async function next() {
  const now = Number(place.value) + 1;
  const due = performance.now() + rest;
  await show(now);
  if (timer === null) return;
  if (now >= last) stop();
  else timer = setTimeout(next, Math.max(0, due - performance.now()));
}

play.addEventListener("click", async () => {
  if (timer !== null) return stop();
  play.textContent = "\u23f8 Pause";
  timer = setTimeout(next, rest);
  if (Number(place.value) >= last) await show(0);
});
place.addEventListener("input", () => {
  stop();
  show(Number(place.value));
});

const config = {
  responsive: true,
  displaylogo: false,
  plotlyServerURL: "",
  modeBarButtonsToRemove: ["sendChartToCloud", "sendDataToCloud", "select2d", "lasso2d"],
};
Promise.all(
  figures.map(({ data, layout }, number) => Plotly.newPlot(divs[number], data, layout, config)),
).then(() => {
  if (moves.length && last) {
    place.max = last;
    player.hidden = words.hidden = false;
    caption(last);
  }
  document.body.dataset.drawn = "yes";
});
