// Comfort on top of pages that work without it. No inline scripts, no storage in the browser.
"use strict";

(() => {
  const token = document.querySelector("meta[name=csrf-token]");

  // htmx sends the token that plain forms carry in a hidden field.
  document.addEventListener("htmx:configRequest", (event) => {
    if (token) event.detail.headers["X-CSRFToken"] = token.content;
  });

  // After a swap the focus goes to what asks for it; otherwise it stays where htmx kept it.
  const focusIn = (root) => {
    const wanted = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus]");
    if (!wanted) return false;
    wanted.focus({ preventScroll: false });
    return true;
  };
  document.addEventListener("htmx:afterSettle", (event) => focusIn(event.detail.elt));
  document.addEventListener("DOMContentLoaded", () => {
    if (focusIn(document)) return;
    // A link to a field (#f-name) puts the cursor into it.
    const field = location.hash.startsWith("#f-") && document.getElementById(location.hash.slice(1));
    if (field) field.focus();
  });

  // A table or a picture that is wider than its place can be reached and moved with the keyboard.
  const reachable = () => document.querySelectorAll(".table-scroll, .card:has(> .drawing)").forEach((box) => {
    if (box.scrollWidth <= box.clientWidth || box.tabIndex >= 0) return;
    box.tabIndex = 0;
    if (box.hasAttribute("aria-labelledby")) return;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", box.querySelector("caption")?.textContent.trim() || "Table");
  });
  document.addEventListener("DOMContentLoaded", reachable);
  document.addEventListener("htmx:afterSettle", reachable);
  document.addEventListener("toggle", reachable, true);
  window.addEventListener("resize", reachable);

  // A request that could not be made at all says so where messages are read.
  const say = (text) => {
    const flash = document.getElementById("flash");
    if (!flash) return;
    const message = document.createElement("p");
    message.className = "flash-message flash-bad";
    message.textContent = text;
    flash.replaceChildren(message);
  };
  document.addEventListener("htmx:sendError", () => say("The portal cannot be reached. What you typed is still here; try again in a moment."));

  // Ctrl+S (or Cmd+S) sends the form one types in.
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
    const form = document.activeElement?.closest?.("form");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });

  // data-confirm: a sentence asked before a button does what it says.
  document.addEventListener("click", (event) => {
    const asked = event.target.closest?.("[data-confirm]");
    if (asked && !window.confirm(asked.dataset.confirm)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  // data-autosave="URL": the form is kept on the server two seconds after the last key, and at the latest every eight.
  const QUIET = 2000, LONGEST = 8000;
  const states = new WeakMap();

  const show = (form, text, bad) => {
    const place = form.querySelector(".save-state") || document.querySelector(".save-state");
    if (!place) return;
    place.textContent = text;
    place.classList.toggle("save-state-bad", Boolean(bad));
  };

  const keep = async (form) => {
    const state = states.get(form);
    clearTimeout(state.timer);
    if (state.sending) { state.again = true; return; }
    state.sending = true;
    state.dirty = false;
    state.since = 0;
    show(form, "Saving…");
    try {
      const headers = { "X-CSRFToken": token ? token.content : "", "X-Autosave": "1" };
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers, credentials: "same-origin" });
      const text = answer.ok ? (await answer.text()).slice(0, 200) : "";
      if (!answer.ok) throw new Error(String(answer.status));
      show(form, text || "Saved");
      document.body.dispatchEvent(new Event("kept"));  // what is shown beside the form may read it anew
    } catch (why) {
      state.dirty = true;
      const signedOut = why.message === "401" || why.message === "400";
      show(form, signedOut ? "Not saved: you are signed out. Sign in again in another tab; your text stays here." : "Not saved yet; trying again.", true);
      state.timer = setTimeout(() => keep(form), LONGEST);
    } finally {
      state.sending = false;
      if (state.again) { state.again = false; keep(form); }
    }
  };

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-autosave], form[data-guard]");
    if (!form) return;
    const state = states.get(form) || { since: 0 };
    states.set(form, state);
    state.dirty = true;
    if (!form.dataset.autosave) return;
    clearTimeout(state.timer);
    state.since = state.since || Date.now();
    show(form, "Not saved yet");
    state.timer = setTimeout(() => keep(form), Math.max(0, Math.min(QUIET, state.since + LONGEST - Date.now())));
  });

  document.addEventListener("submit", (event) => {
    const state = states.get(event.target);
    if (!state) return;
    clearTimeout(state.timer);
    state.dirty = false;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const state = states.get(event.detail.elt);
    if (state && !event.detail.successful) state.dirty = true;
  });

  // Leaving a page: what an autosaving form has not sent yet goes now; other guarded forms ask.
  const unsaved = () => [...document.querySelectorAll("form[data-autosave], form[data-guard]")].filter((form) => states.get(form)?.dirty);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    unsaved().filter((form) => form.dataset.autosave).forEach(keep);
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved().length) event.preventDefault();
  });

  // A menu closes when one clicks beside it or presses Escape.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });
})();
