// How a component begins, is drawn again and ends: the same for all of them.

import { watchUnseen } from "./invisible.js";

/**
 * What Streamlit hands to a component at each drawing.
 * @template Data
 * @typedef {object} Component
 * @property {Data} data what Python sent
 * @property {(HTMLElement | ShadowRoot)} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/**
 * The function that a component's script exports. Unseen characters are shown in all that it draws.
 * @template Data, State
 * @param {string} selector of the element to work in
 * @param {object} parts
 * @param {(root: HTMLElement, data: Data) => State} parts.setup what is kept between drawings
 * @param {(state: State, data: Data, component: Component<Data>) => void} parts.draw
 * @param {(state: State) => void} [parts.end] called when the component leaves the page
 */
export function mount(selector, { setup, draw, end }) {
  /** @type {WeakMap<HTMLElement, State>} */
  const states = new WeakMap();
  return (/** @type {Component<Data>} */ component) => {
    watchUnseen(component.parentElement);
    const root = /** @type {HTMLElement | null} */ (component.parentElement.querySelector(selector));
    if (!root || !component.data) return undefined;
    const state = states.get(root) ?? setup(root, component.data);
    states.set(root, state);
    draw(state, component.data, component);
    return () => {
      end?.(state);
      states.delete(root);
    };
  };
}
