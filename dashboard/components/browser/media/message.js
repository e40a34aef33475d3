/**
 * What `media.py` sends: what was logged under one key, and which keys there are.
 * @typedef {object} MediaData
 * @property {{name: string, kind: string, n: number}[]} keys
 * @property {string} key the one whose items are here
 * @property {number[]} steps at which it was logged, rising
 * @property {Item[]} items in order of steps and places
 * @property {{name: string, href: string}[]} groups runs whose items stand side by side; empty for one run
 * @property {string} folder of their addresses, relative to the page's base
 * @property {string} archive address of all items as one; empty for none
 * @property {string} library where Plotly's script is
 * @property {string} rest what is said of items that are not here
 */

/**
 * One item.
 * @typedef {object} Item
 * @property {number} s place of its step in `steps`
 * @property {string} at its address below the folder
 * @property {string} k kind
 * @property {string} t media type
 * @property {string} c caption
 * @property {number} w pixels, 0 where it has none
 * @property {number} h
 * @property {number} b bytes
 * @property {number} l boxes and masks over it
 * @property {number} g place of its run in `groups`
 */

/**
 * What lies over a picture.
 * @typedef {object} Layers
 * @property {Map<string, Box[]>} boxes
 * @property {Map<string, Mask>} masks
 */

/** @typedef {{box: number[], label?: string, score?: number}} Box corners as parts of the picture */

/** @typedef {{png: string, labels: [string, string][]}} Mask its picture, and names and colours of its classes */

/**
 * What is drawn, and what somebody chose of it.
 * @typedef {object} State
 * @property {HTMLElement} root
 * @property {MediaData} data
 * @property {string} drawn what stands there, to draw nothing twice
 * @property {number | null} wanted the step that somebody chose; null for the newest
 * @property {Set<string>} off layers that are not shown
 * @property {number} timer of the play button; 0 while it does not play
 * @property {(key: string) => void} choose
 * @property {(wanted: number | null) => void} go to a step
 * @property {AbortController} ending
 */

export {};
