// One chart over the whole window, without leaving the page: what stands in it, its menu and its zoom stay. Page Up and
// Page Down, or the arrows beside its title, go through the charts; Escape or a click beside it leads back.

const isLarge = (kept) => kept.node.classList.contains("lb-big");
const largeOf = (state) => [...state.cards.values()].find(isLarge);

// What is left for a plot of the window's height.
const largeHeight = (kept) => Math.max(260, Math.round(innerHeight * 0.92) - kept.head.offsetHeight - 30);

function enlarge(state, kept) {
  const before = largeOf(state);
  if (before) shrink(state, before);
  kept.node.classList.add("lb-big");
  // The top layer: nothing of the page can lie above it, and the chart keeps its place in the document.
  kept.node.popover = "manual";
  kept.node.showPopover();
  labelLarge(state, kept);
  draw(state, kept);
  kept.plot.focus({ preventScroll: true });
}

function shrink(state, kept) {
  const inside = kept.node.contains(document.activeElement);
  kept.node.classList.remove("lb-big");
  if (kept.node.matches(":popover-open")) kept.node.hidePopover();
  kept.node.removeAttribute("popover");
  labelLarge(state, kept);
  hideHover(kept);
  draw(state, kept);
  if (inside) kept.wide.focus({ preventScroll: true });
}

function labelLarge(state, kept) {
  const large = isLarge(kept);
  const { title } = kept.chart;
  kept.wide.replaceChildren(icon(large ? "close" : "large"));
  kept.wide.setAttribute("aria-label", `${large ? "Shrink" : "Enlarge"} ${title}`);
  kept.wide.title = large ? "Back to all charts (Escape)" : "Enlarge";
  const several = state.cards.size > 1;
  kept.before.hidden = kept.after.hidden = !large || !several;
}

function stepLarge(state, kept, by) {
  const every = [...state.cards.values()].filter((each) => !each.node.closest("[hidden]"));
  const next = every[(every.indexOf(kept) + by + every.length) % every.length];
  if (!next || next === kept) return;
  shrink(state, kept);
  // Those that are far below are computed when they come into view.
  next.node.scrollIntoView({ block: "nearest" });
  enlarge(state, next);
}

function bindLarge(state, kept) {
  const { signal } = kept.ending;
  kept.wide.onclick = () => (isLarge(kept) ? shrink : enlarge)(state, kept);
  kept.before.onclick = () => stepLarge(state, kept, -1);
  kept.after.onclick = () => stepLarge(state, kept, 1);
  addEventListener(
    "keydown",
    (event) => {
      if (!isLarge(kept) || event.defaultPrevented) return;
      const by = { PageUp: -1, PageDown: 1 }[event.key];
      if (by) {
        event.preventDefault();
        stepLarge(state, kept, by);
      } else if (event.key === "Escape" && kept.menu.hidden && !event.lbClosed) shrink(state, kept);
    },
    { signal },
  );
  addEventListener(
    "pointerdown",
    (event) => {
      // A click on what dims the page hits the chart's own element, outside of its box.
      if (!isLarge(kept)) return;
      const box = kept.node.getBoundingClientRect();
      const within = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!within && event.target === kept.node) shrink(state, kept);
    },
    { signal },
  );
  addEventListener("resize", () => isLarge(kept) && draw(state, kept), { signal });
}
