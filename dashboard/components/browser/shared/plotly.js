// Plotly's script, which is loaded once a page, and what of it we lean on.

/**
 * @typedef {object} Plotly
 * @property {(plot: Plot, traces: object[], layout: object, config: object) => unknown} react
 * @property {(plot: Plot) => void} purge
 * @property {(plot: Plot, change: object) => void} relayout
 * @property {(figure: object, options: object) => Promise<string>} downloadImage
 */

/**
 * The element that it draws into. Axes and traces as it made them are the only way from pixels to values and back.
 * @typedef {HTMLElement & {_fullLayout?: FullLayout, _fullData?: {visible: unknown, uid: string}[],
 *   on(event: string, act: (event: any) => void): void}} Plot
 */

/** @typedef {{xaxis: FullAxis, yaxis: FullAxis, _reservedMargin?: object}} FullLayout */

/**
 * @typedef {object} FullAxis
 * @property {string} type
 * @property {[unknown, unknown]} range
 * @property {number} _length in pixels
 * @property {number} _offset
 * @property {(pixels: number) => number} p2l
 * @property {(value: number) => number} l2p
 */

/**
 * @param {string} path of the script, relative to the page's base
 * @returns {Promise<Plotly>}
 */
export function library(path) {
  const url = new URL(path, document.baseURI).href;
  const page = /** @type {{lbPlotly?: Promise<Plotly>, Plotly: Plotly}} */ (/** @type {unknown} */ (window));
  page.lbPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(page.Plotly);
    script.onerror = () => reject(new Error(`The chart library did not load from ${url}`));
    document.head.appendChild(script);
  });
  return page.lbPlotly;
}
