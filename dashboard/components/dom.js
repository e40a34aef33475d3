// What several components do alike: nodes from plain values, links that stay in this session, a run's line.

const SVG = "http://www.w3.org/2000/svg";

function el(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// A short line in the run's colour and dash, the same that its curves have.
function swatch(mark, palette) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("viewBox", "0 0 18 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "line");
  for (const [k, v] of Object.entries({ x1: 1, y1: 4, x2: 17, y2: 4, "stroke-width": 3.2, "stroke-linecap": "round" }))
    line.setAttribute(k, v);
  const shown = mark.shades ? mark.shades[palette.dark ? 1 : 0] : palette[mark.slot];
  line.setAttribute("stroke", shown || (mark.slot === -2 ? "var(--st-text-color)" : "var(--st-gray-text-color)"));
  const dash = { dot: "0.2 5", dash: "5 5.4", longdash: "9 6", dashdot: "6 4.6 0.2 4.6" }[mark.dash];
  if (dash) line.setAttribute("stroke-dasharray", dash);
  svg.appendChild(line);
  return svg;
}

// Within this session, as one step of the browser's history that Streamlit notices like going back or forward.
function goTo(href) {
  history.pushState({}, "", new URL(href, document.baseURI).href);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

// A plain click goes there; with a modifier the browser opens the link as it always does.
function follow(event, href) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  goTo(href);
}

function isDark(node) {
  const probe = getComputedStyle(node.host ?? node).getPropertyValue("--st-background-color").trim();
  const hex = /^#([0-9a-f]{6})/i.exec(probe);
  if (!hex) return false;
  const n = parseInt(hex[1], 16);
  return 0.3 * (n >> 16) + 0.6 * ((n >> 8) & 255) + 0.1 * (n & 255) < 128;
}

// The colours of this theme, which know whether it is the dark one.
function shades(node, palette) {
  const dark = isDark(node);
  return Object.assign([...(dark ? palette.dark : palette.light)], { dark });
}
