"use strict";
(() => {
  const runs = [...document.querySelectorAll("details")];
  const button = document.getElementById("open-all");
  if (!button || runs.length === 0) return;
  const say = () => {
    const closed = runs.some((run) => !run.open);
    button.textContent = closed ? "Open every run" : "Close every run";
    return closed;
  };
  button.hidden = false;
  say();
  button.addEventListener("click", () => {
    const closed = say();
    for (const run of runs) run.open = closed;
    say();
  });
  for (const run of runs) run.addEventListener("toggle", say);
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = runs.filter((run) => !run.open);
    for (const run of opened) run.open = true;
  });
  addEventListener("afterprint", () => {
    for (const run of opened) run.open = false;
  });
})();
