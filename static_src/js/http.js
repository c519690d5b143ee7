/** Requests to our own server: session cookie, CSRF token, JSON. */

/** An answer that is not 2xx. `problem` is the RFC 9457 body when there is one; of a field at fault it says what is. */
export class Refused extends Error {
  constructor(status, problem) {
    const [first] = Array.isArray(problem.errors) ? problem.errors : [];
    super(first?.message || problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** @returns {Promise<object>} the JSON body; throws Refused or, without network, TypeError. */
export async function getJson(url) {
  return bodyOf(await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" }));
}

/** @returns {Promise<object>} like getJson. `keepalive` lets the request survive a page change. */
export async function postJson(url, data = {}, { keepalive = false } = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(data),
    keepalive,
  });
  return bodyOf(response);
}

/** @returns {Promise<DocumentFragment>} a piece of a page, asked for as htmx would. */
export async function getFragment(url) {
  const response = await fetch(url, { headers: { Accept: "text/html", "HX-Request": "true" }, cache: "no-store" });
  if (!response.ok || response.redirected) throw new Refused(response.status, {});
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  return template.content;
}

async function bodyOf(response) {
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const body = isJson && response.status !== 204 ? await response.json() : {};
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}
