// One box that chooses every row of a page; without it the rows are chosen one by one.
"use strict";

(() => {
  const rows = (all) => [...all.form.querySelectorAll(`input[name="${all.dataset.chooseAll}"]`)];

  const show = (all) => {
    const boxes = rows(all), ticked = boxes.filter((box) => box.checked).length;
    all.hidden = false;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };

  const showAll = () => document.querySelectorAll("[data-choose-all]").forEach(show);
  document.addEventListener("DOMContentLoaded", showAll);
  document.addEventListener("htmx:afterSettle", showAll);
  window.addEventListener("pageshow", showAll);  // a browser that goes back ticks the boxes again

  document.addEventListener("change", (event) => {
    const all = event.target;
    if (all.dataset?.chooseAll) rows(all).forEach((box) => { box.checked = all.checked; });
    showAll();
  });
})();
