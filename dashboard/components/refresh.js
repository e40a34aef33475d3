// When to look again. The clock runs in the browser, so a hidden tab asks for nothing at all, and the age of what is
// shown counts up without a request. Python says how long to wait after each answer.

const states = new WeakMap();

function age(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 2) return "just now";
  return s < 90 ? `${s} s ago` : s < 5400 ? `${Math.round(s / 60)} min ago` : `${Math.round(s / 3600)} h ago`;
}

// What the address leaves open is written into it, so that a copied link shows the same tomorrow. Not into the address
// of another view, which may be there already when the drawing of this one arrives.
function pin(data) {
  const here = new URL(location.href);
  if (here.pathname.split("/").pop() !== data.page) return;
  const names = new Set([...here.searchParams.keys(), ...Object.keys(data.query)]);
  for (const name of names) {
    const asked = data.query[name] || [];
    const stands = here.searchParams.getAll(name);
    const pinned = !asked.length && stands.length === 1 && stands[0] === data.address[name];
    if (!pinned && (asked.length !== stands.length || asked.some((value, n) => value !== stands[n]))) return;
  }
  const missing = Object.entries(data.address).filter(([name]) => !here.searchParams.has(name));
  if (!missing.length) return;
  for (const [name, value] of missing) here.searchParams.set(name, value);
  history.replaceState(history.state, "", here);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".lb-pulse");
  if (!root || !data) return;
  let state = states.get(root);
  if (!state) {
    state = {};
    state.dot = root.querySelector(".dot");
    state.text = root.querySelector(".text");
    state.button = root.querySelector("button");
    states.set(root, state);
    const loop = () => {
      const { data, tell } = state;
      const now = Date.now();
      const quiet = data.paused || !data.every;
      const requests = `${data.requests} request${data.requests === 1 ? "" : "s"}`;
      const text = `${data.lead} · updated ${age(now - state.since)} · ${requests}`;
      if (state.text.textContent !== text) state.text.textContent = text;
      if (quiet || document.visibilityState !== "visible") return;
      // One question at a time; ask again if an answer got lost.
      if (now - state.heard >= data.every && now - state.asked >= Math.max(data.every, 10000)) {
        state.asked = now;
        tell("tick", data.beat);
      }
    };
    state.loop = loop;
    state.timer = setInterval(loop, 500);
    state.seen = () => loop();
    document.addEventListener("visibilitychange", state.seen);
  }
  pin(data);
  state.tell = setTriggerValue;
  if (!state.data || state.data.beat !== data.beat) {
    state.since = Date.now() - (data.age || 0);
    state.heard = Date.now();
    state.asked = -Infinity;
  }
  state.data = data;
  root.dataset.state = data.trouble ? "trouble" : data.paused ? "paused" : data.live ? "live" : "idle";
  root.title = data.title;
  state.button.textContent = data.paused ? "Resume" : "Pause";
  state.button.setAttribute("aria-label", data.paused ? "Resume live refresh" : "Pause live refresh");
  state.button.onclick = () => setTriggerValue("toggle", true);
  state.loop();
  return () => {
    clearInterval(state.timer);
    document.removeEventListener("visibilitychange", state.seen);
    states.delete(root);
  };
}
