/** The socket to /ws/inbox/: comes back by itself after any cut, with growing, jittered pauses. */

const FIRST_PAUSE = 500; // milliseconds
const LONGEST_PAUSE = 30_000;
const LOST_AFTER = 4_000; // a cut shorter than this is nobody's business
const POLL_EVERY = 20_000; // while there is no socket: some networks let none through
const SIGNED_OUT = 4401;
const TALKS_TOO_MUCH = 4429;

export class Wire extends EventTarget {
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #lost = 0;
  #ended = false;

  constructor(url) {
    super();
    this.url = url;
    addEventListener("online", () => this.connectNow());
    addEventListener("pagehide", () => this.#socket?.close());
    addEventListener("pageshow", (event) => { if (event.persisted) this.connectNow(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.connectNow(); });
    setInterval(() => { if (!this.isOpen && !document.hidden && !this.#ended) this.#tell("look"); }, POLL_EVERY);
    this.connectNow();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connect without waiting for the pause to end; with an open socket only look whether something was missed. */
  connectNow() {
    if (this.#ended) return;
    if (this.isOpen) return this.#tell("look");
    if (this.#socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  /** A hint was missed although the socket looks open: it is dead, take a new one. */
  renew() {
    this.#socket?.close();
  }

  /** The session is over: say so once, and do not come back. */
  end() {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#tell("signed-out");
  }

  #open() {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", ({ data }) => this.#tell("hint", JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => { if (socket === this.#socket) this.#closed(code); });
  }

  #opened() {
    this.#attempt = 0;
    clearTimeout(this.#lost);
    this.#lost = 0;
    this.#tell("connected");
  }

  #closed(code) {
    if (code === SIGNED_OUT) this.end();
    if (code === TALKS_TOO_MUCH) this.#ended = true;
    if (this.#ended) return;
    this.#lost ||= setTimeout(() => this.#tell("lost"), LOST_AFTER);
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#attempt);
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), pause * (0.5 + Math.random() / 2));
  }

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
