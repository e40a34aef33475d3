// Links that stay in this session.

/**
 * Within this session, as one step of the browser's history that Streamlit notices like going back or forward.
 * @param {string} href
 */
export function goTo(href) {
  history.pushState({}, "", new URL(href, document.baseURI).href);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

/**
 * A plain click goes there; with a modifier the browser opens the link as it always does.
 * @param {MouseEvent} event
 * @param {string} href
 */
export function follow(event, href) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  goTo(href);
}

/**
 * Call back each time that somebody goes back or forward in the browser, or follows a link of ours.
 * @param {() => void} act
 * @param {AbortSignal} signal ends it
 */
export function onNavigation(act, signal) {
  window.addEventListener("popstate", act, { signal });
}
