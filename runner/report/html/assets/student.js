"use strict";
(() => {
  // Left and right lead to the neighbours, unless they move a cursor or scroll something.
  addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target !== document.body && !event.target.closest("a, summary")) return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const link = rel && document.querySelector(`a[rel=${rel}]`);
    if (link) location.href = link.href;
  });

  // A check that is linked to is shown, open.
  const open = () => {
    const check = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (check && check.matches("details")) { check.open = true; check.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();

  // What is printed is printed open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });

  // Recordings: their moments appear when they did.
  for (const button of document.querySelectorAll(".play")) {
    const moments = Array.from(button.closest(".recording").querySelectorAll("[data-at]"));
    let timers = [];
    const stop = () => {
      timers.forEach(clearTimeout);
      timers = [];
      for (const moment of moments) moment.hidden = false;
      button.textContent = "Play";
    };
    button.addEventListener("click", () => {
      if (timers.length) { stop(); return; }
      button.textContent = "Stop";
      const last = moments.length - 1;
      timers = moments.map((moment, at) => {
        moment.hidden = true;
        return setTimeout(() => { moment.hidden = false; if (at === last) stop(); }, Number(moment.dataset.at));
      });
    });
    button.hidden = moments.length === 0;
  }
  performance.mark("rdgrade-ready");
})();
