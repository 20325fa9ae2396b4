// Dragging a card to another stage opens the decision form there; the links of the card do the same without a mouse.
"use strict";

(() => {
  const board = document.querySelector(".board");
  if (!board) return;
  let held = null;

  // "transfer=start transfer|on_hold=hold" → Map of stage to the name of the step.
  const steps = (card) => new Map(card.dataset.moves.split("|").filter(Boolean).map((pair) => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  }));

  const say = (text) => {
    const flash = document.getElementById("flash");
    const message = document.createElement("p");
    message.className = "flash-message";
    message.textContent = text;
    flash.replaceChildren(message);
    message.scrollIntoView({ block: "nearest" });
  };

  const clear = () => {
    board.querySelectorAll(".board-open, .board-over").forEach((one) => one.classList.remove("board-open", "board-over"));
    held = null;
  };

  board.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[draggable=true]");
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.key);
    const open = steps(held);
    board.querySelectorAll("[data-stage]").forEach((column) => column.classList.toggle("board-open", open.has(column.dataset.stage)));
  });

  board.addEventListener("dragover", (event) => {
    const column = event.target.closest?.("[data-stage]");
    if (!held || !column) return;
    event.preventDefault();
    board.querySelectorAll(".board-over").forEach((one) => one.classList.toggle("board-over", one === column));
    if (column.classList.contains("board-open")) column.classList.add("board-over");
  });

  board.addEventListener("drop", (event) => {
    const column = event.target.closest?.("[data-stage]");
    if (!held || !column) return;
    event.preventDefault();
    const card = held, step = steps(card).get(column.dataset.stage), stays = column.contains(card);
    clear();
    if (step) location.assign(`${card.dataset.sheet}?move=${encodeURIComponent(step)}#decide`);
    else if (!stays) say(`No step that you may take leads ${card.dataset.key} to ${column.dataset.label} now. Its gate sheet says what it needs.`);
  });

  board.addEventListener("dragend", clear);
})();
