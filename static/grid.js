// The grid: a cell is saved when one leaves it, kept as a draft while one types; arrows, Enter and pasting as in a sheet.
"use strict";

(() => {
  const token = () => document.querySelector("meta[name=csrf-token]")?.content || "";
  const table = () => document.querySelector("table[data-grid]");
  const control = (node) => node?.closest?.("table[data-grid] td > input, table[data-grid] td > textarea");
  const QUIET = 2000, AGAIN = 8000;
  const saved = new WeakMap(); // control → the text the server holds
  const drafts = new WeakMap(); // control → timer of its draft
  const queues = new WeakMap(); // row → what is being sent for it, one after another
  const acts = []; // what was done on this page and can be undone, the last one last
  let waiting = 0;

  const say = (text, bad) => {
    const place = document.querySelector(".save-state");
    if (!place) return;
    place.textContent = text;
    place.classList.toggle("save-state-bad", Boolean(bad));
  };

  const send = (path, fields) => {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    const headers = { "X-CSRFToken": token(), "X-Grid": "1" };
    return fetch(table().dataset.base + path, { method: "POST", body, headers, credentials: "same-origin", keepalive: true });
  };

  // What is sent for one row goes one after another, so that each save names the revision the one before made.
  const inTurn = (row, work) => {
    waiting += 1;
    const done = (queues.get(row) || Promise.resolve()).then(work).catch(() => undefined).finally(() => { waiting -= 1; });
    queues.set(row, done);
    return done;
  };

  const ready = () => {
    const grid = table();
    if (!grid) return;
    grid.classList.add("grid-live");
    grid.querySelectorAll("td > input, td > textarea").forEach((cell) => {
      if (!saved.has(cell)) saved.set(cell, cell.closest("td").matches(".cell-kept, .cell-wrong") ? null : cell.value);
    });
  };
  document.addEventListener("DOMContentLoaded", ready);
  document.addEventListener("htmx:afterSettle", ready);

  const mark = (cell, text) => {
    const box = cell.closest("td");
    box.querySelectorAll("p").forEach((old) => old.remove());
    box.classList.remove("cell-kept", "cell-wrong");
    cell.removeAttribute("aria-invalid");
    cell.removeAttribute("aria-describedby");
    if (!text) return;
    box.classList.add("cell-wrong");
    const message = document.createElement("p");
    message.className = "error";
    message.id = `e-${cell.name}-${cell.getAttribute("form")}`;
    message.textContent = text;
    box.append(message);
    cell.setAttribute("aria-invalid", "true");
    cell.setAttribute("aria-describedby", message.id);
  };

  const failed = (cell, status, again) => {
    if (status === 401 || status === 400) say("Not saved: you are signed out. Sign in again in another tab; your text stays here.", true);
    else if (status === 403 || status === 404) say("Not saved: this row is gone, or you may not edit it any more. Open the page again.", true);
    else { say("Not saved yet; trying again.", true); setTimeout(again, AGAIN); }
  };

  const commit = (cell, undoing) => {
    const row = cell.closest("tr");
    clearTimeout(drafts.get(cell));
    if (row.hasAttribute("data-new") || cell.readOnly || saved.get(cell) === cell.value) return undefined;
    return inTurn(row, async () => {
      const text = cell.value;
      if (saved.get(cell) === text || !cell.isConnected) return;
      say("Saving…");
      let answer;
      try {
        answer = await send(`/${row.dataset.uid}/cell`, [["fact", cell.name], ["text", text], ["revision", row.dataset.revision]]);
      } catch { failed(cell, 0, () => commit(cell, undoing)); return; }
      if (answer.status === 200) {
        const said = await answer.json();
        row.dataset.revision = said.revision;
        row.querySelector("input[name=revision]").value = said.revision;
        row.querySelector("th a").textContent = said.named;
        if (typeof saved.get(cell) === "string" && !undoing) acts.push({ uid: row.dataset.uid, fact: cell.name, text: saved.get(cell) });
        saved.set(cell, said.text);
        if (cell.value === text) cell.value = said.text;
        mark(cell, "");
        cell.closest("td").classList.remove("cell-gap");
        say(undoing ? `Taken back. ${said.said}` : said.said);
      } else if (answer.status === 422) {
        const said = await answer.json();
        saved.set(cell, null);
        mark(cell, said.message);
        say("Not saved: a cell is to be mended. What you typed is kept.", true);
      } else if (answer.status === 409) {
        saved.set(cell, null);
        mark(cell, "Somebody else saved this row; choose above which text stands.");
        document.getElementById("apart-place").innerHTML = await answer.text();
        document.getElementById("apart").focus();
        say("Not saved: somebody else saved this row first.", true);
      } else failed(cell, answer.status, () => commit(cell, undoing));
    });
  };

  const draft = (cell) => {
    const row = cell.closest("tr"), record = row.dataset.uid || "new";
    return inTurn(row, async () => {
      if (saved.get(cell) === cell.value) return;
      const answer = await send(`/${record}/draft`, [[cell.name, cell.value], ["revision", row.dataset.revision || "0"]]);
      if (answer.ok) say(await answer.text());
    });
  };

  document.addEventListener("input", (event) => {
    const cell = control(event.target);
    if (!cell) return;
    cell.dataset.touched = "1";
    say("Not saved yet");
    clearTimeout(drafts.get(cell));
    drafts.set(cell, setTimeout(() => draft(cell), QUIET));
  });
  document.addEventListener("change", (event) => { const cell = control(event.target); if (cell) commit(cell); });
  document.addEventListener("focusin", (event) => {
    const cell = control(event.target);
    if (!cell) return;
    delete cell.dataset.touched;
    if (!cell.matches("textarea")) cell.select();
  });

  // Leaving: a text not sent yet goes as a draft; while something is under way the browser asks.
  document.addEventListener("visibilitychange", () => {
    const cell = control(document.activeElement);
    if (document.visibilityState === "hidden" && cell?.dataset.touched) draft(cell);
  });
  window.addEventListener("beforeunload", (event) => { if (waiting) event.preventDefault(); });

  // ---------------------------------------------------------------- two people

  document.addEventListener("click", async (event) => {
    const chosen = event.target.closest?.("[data-take]");
    if (!chosen) return;
    const apart = chosen.closest("#apart"), row = document.getElementById(`r-${apart.dataset.uid}`);
    const cell = row.querySelector(`[name="${apart.dataset.fact}"]`);
    row.dataset.revision = apart.dataset.revision;
    row.querySelector("input[name=revision]").value = apart.dataset.revision;
    const theirs = apart.querySelector("[data-theirs]");
    apart.remove();
    if (chosen.dataset.take === "theirs") {
      if (theirs) { cell.value = theirs.textContent; await commit(cell); }
      await anew();
    } else {
      await commit(cell);
    }
    control(document.getElementById(row.id)?.querySelector(`[name="${cell.name}"]`))?.focus();
  });

  // ---------------------------------------------------------------- rows

  const anew = async () => {
    await window.htmx.ajax("GET", location.pathname + location.search, { target: "#kind", swap: "outerHTML" });
    ready();
  };

  const addRow = (row) => inTurn(row, async () => {
    const cells = [...row.querySelectorAll("td > input, td > textarea")];
    if (!cells.some((cell) => cell.value.trim())) return;
    cells.forEach((cell) => clearTimeout(drafts.get(cell)));
    say("Saving…");
    let answer;
    try { answer = await send("/new", cells.map((cell) => [cell.name, cell.value])); } catch { failed(row, 0, () => addRow(row)); return; }
    if (answer.status === 200) {
      const said = await answer.json();
      const at = document.activeElement, still = at && row.contains(at);
      acts.push({ added: said.uid });
      await anew();
      say(said.said);
      if (still) document.querySelector("#r-new td > input, #r-new td > textarea")?.focus();
    } else if (answer.status === 422) {
      const said = await answer.json();
      cells.forEach((cell) => mark(cell, said.messages[cell.name]));
      say("The row was not added: cells are to be mended. What you typed is kept.", true);
      cells.find((cell) => said.messages[cell.name])?.focus();
    } else failed(row, answer.status, () => addRow(row));
  });

  document.addEventListener("submit", (event) => {
    const row = event.target.closest("tr[data-new]");
    if (!row) return;
    event.preventDefault();
    addRow(row);
  });

  // ---------------------------------------------------------------- keyboard

  const to = (cell, down, right) => {
    const row = cell.closest("tr"), cells = [...row.querySelectorAll("td > input, td > textarea")];
    const rows = [...row.parentElement.rows];
    const target = rows[rows.indexOf(row) + down]?.querySelectorAll("td > input, td > textarea")[cells.indexOf(cell) + right];
    if (!target) return false;
    target.focus();
    if (target.matches("textarea")) target.select();
    return true;
  };

  const atEdge = (cell, forward) => {
    const { selectionStart: start, selectionEnd: end, value } = cell;
    if (start === 0 && end === value.length) return true; // just arrived: all of it is marked
    return start === end && start === (forward ? value.length : 0);
  };

  const MOVES = {
    ArrowUp: (cell) => !(cell.list && cell.dataset.touched) && !cell.value.slice(0, cell.selectionStart).includes("\n") && to(cell, -1, 0),
    ArrowDown: (cell) => !(cell.list && cell.dataset.touched) && !cell.value.slice(cell.selectionEnd).includes("\n") && to(cell, 1, 0),
    ArrowLeft: (cell) => atEdge(cell, false) && to(cell, 0, -1),
    ArrowRight: (cell) => atEdge(cell, true) && to(cell, 0, 1),
    Enter: (cell) => {
      const row = cell.closest("tr");
      if (row.hasAttribute("data-new")) addRow(row);
      else if (!to(cell, 1, 0)) commit(cell);
      return true;
    },
    Escape: (cell) => {
      if (typeof saved.get(cell) !== "string" || saved.get(cell) === cell.value) return false;
      cell.value = saved.get(cell);
      clearTimeout(drafts.get(cell));
      mark(cell, "");
      send(`/${cell.closest("tr").dataset.uid || "new"}/draft`, [[cell.name, cell.value]]);
      say("Taken back");
      return true;
    },
  };

  document.addEventListener("keydown", (event) => {
    const cell = control(event.target);
    if (!cell || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
    if (MOVES[event.key]?.(cell)) event.preventDefault();
  });

  // Ctrl+S saves the cell one types in (the page's own shortcut would send the whole row).
  document.addEventListener("keydown", (event) => {
    const cell = control(event.target);
    if (!cell || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const row = cell.closest("tr");
    if (row.hasAttribute("data-new")) addRow(row); else commit(cell);
  }, true);

  // ---------------------------------------------------------------- paste

  document.addEventListener("paste", async (event) => {
    const cell = control(event.target);
    if (!cell || cell.readOnly) return;
    const text = event.clipboardData.getData("text/plain"), block = text.replace(/\r?\n$/, "");
    if (!block.includes("\t") && !(block.includes("\n") && !cell.matches("textarea"))) return;
    event.preventDefault();
    const row = cell.closest("tr"), rows = [...row.parentElement.rows].slice([...row.parentElement.rows].indexOf(row));
    say("Saving the block…");
    await Promise.all(rows.map((r) => queues.get(r)));
    const fields = [["block", text], ["fact", cell.name], ["back", table().dataset.back]];
    for (const r of rows) if (r.dataset.uid) fields.push(["row", `${r.dataset.uid}:${r.dataset.revision}`]);
    const place = document.getElementById("paste-place");
    let answer;
    try { answer = await send("/paste", fields); } catch { say("The block was not saved: the portal cannot be reached. Paste again in a moment.", true); return; }
    if (answer.ok) {
      const said = await answer.json();
      place.replaceChildren();
      acts.push({ paste: true });
      await anew();
      say(said.said);
      document.getElementById(row.id)?.querySelector(`[name="${cell.name}"]`)?.focus();
    } else if (answer.status === 422) {
      place.innerHTML = await answer.text();
      place.querySelector("[aria-invalid]")?.focus();
      say("The block was not saved: cells are to be mended.", true);
    } else say(await sorry(answer) || "The block was not saved.", true);
  });

  // ---------------------------------------------------------------- undo

  const sorry = async (answer) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("#sorry p, #sorry li")?.textContent || "";
  };

  const undoPaste = async (form) => {
    say("Taking the paste back…");
    await Promise.all([...table().tBodies[0].rows].map((row) => queues.get(row)));
    let answer;
    try { answer = await send(new URL(form.action).pathname.slice(table().dataset.base.length), [["back", table().dataset.back]]); } catch { say("The paste was not taken back: the portal cannot be reached. Try again in a moment.", true); return false; }
    const place = document.getElementById("paste-place");
    if (answer.ok) {
      const said = await answer.json();
      place.replaceChildren();
      await anew();
      say(said.said);
      return true;
    }
    const text = await answer.clone().text();
    if (answer.status === 409 && text.includes('id="overtook"')) {
      place.innerHTML = text;
      document.getElementById("overtook").focus();
      say("Nothing was taken back: somebody changed what the paste put there.", true);
    } else say(await sorry(answer) || "The paste was not taken back.", true);
    return false;
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-undo]");
    if (!form || !table()) return;
    event.preventDefault();
    const at = acts.findLastIndex((act) => act.paste);
    if (!await undoPaste(form)) return;
    if (at >= 0) acts.splice(at, 1);
    table()?.querySelector("td > input, td > textarea")?.focus();
  });

  const unadd = async (uid) => {
    const row = document.getElementById(`r-${uid}`);
    if (!row) { say("The row that was added does not show here; remove it where it shows.", true); return; }
    const answer = await send(`/${uid}/remove`, [["revision", row.dataset.revision]]);
    if (!answer.ok) { say(await sorry(answer) || "The row was not removed.", true); return; }
    await anew();
    say("The row that was added is removed again.");
  };

  const undoLast = async (cell) => {
    const place = [cell.closest("tr").id, cell.name], act = acts.pop();
    if (act.paste) {
      const form = document.querySelector("form[data-undo]");
      if (!form || !await undoPaste(form)) acts.push(act);
    } else if (act.added) await unadd(act.added);
    else {
      const was = document.getElementById(`r-${act.uid}`)?.querySelector(`[name="${act.fact}"]`);
      if (!was) { say("The cell that was changed last does not show here; nothing was undone.", true); return; }
      was.value = act.text;
      place.splice(0, 2, `r-${act.uid}`, act.fact);
      await commit(was, true);
    }
    if (!document.activeElement?.closest("#overtook, #apart")) (document.getElementById(place[0]) || document.querySelector("table[data-grid] tbody tr"))?.querySelector(`[name="${place[1]}"]`)?.focus();
  };

  // Ctrl+Z in a cell one has not typed in undoes the last act; in one that one types in, the browser undoes the typing.
  document.addEventListener("keydown", (event) => {
    const cell = control(event.target);
    if (!cell || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "z") return;
    if (!acts.length || cell.readOnly || saved.get(cell) !== cell.value) return;
    event.preventDefault();
    undoLast(cell);
  });

  // ---------------------------------------------------------------- columns

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".grid-columns button[name]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("li"), list = item.parentElement;
    if (button.name === "earlier") item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    button.focus();
    item.scrollIntoView({ block: "nearest" });
    say(`${item.querySelector("label").textContent.trim()}: place ${[...list.children].indexOf(item) + 1} of ${list.children.length}. Press “Show these columns” to see it.`);
  });
})();
