/** A person's inbox as this tab knows it: a cursor, a count, and the changes as they come.

    The socket only hints. Whatever it says, the truth is read from the database after our cursor, so a lost, merged
    or repeated hint does no harm. */

export class Inbox extends EventTarget {
  #cursor;
  #wanted;
  #pulling = null;

  /**
   * @param {{head: number, unread: number}} state as the page was rendered
   * @param {(after: number) => Promise<{head: number, unread: number, items: object[], more: boolean}>} readAfter
   */
  constructor({ head, unread }, readAfter) {
    super();
    this.#cursor = head;
    this.#wanted = head;
    this.unread = unread;
    this.readAfter = readAfter;
  }

  get cursor() {
    return this.#cursor;
  }

  /** A hint from the socket. @returns whether it told of something new. */
  hint({ head, unread }) {
    if (head < this.#wanted) return false;
    this.#wanted = head;
    this.#count(unread);
    if (head === this.#cursor) return false;
    this.catchUp().catch(() => {});
    return true;
  }

  /** Read what changed after the cursor; calls that come meanwhile share the reading.
      Rejects without network, and says `stalled` so that somebody tries again. */
  catchUp() {
    if (this.#pulling) return this.#pulling;
    this.#pulling = this.#pull().finally(() => { this.#pulling = null; });
    this.#pulling.catch(() => this.dispatchEvent(new Event("stalled")));
    return this.#pulling;
  }

  async #pull() {
    let more = true;
    while (more) {
      const before = this.#cursor;
      const hinted = this.#wanted;
      const delta = await this.readAfter(before);
      const items = delta.items.filter((item) => item.seq > before);
      const last = items.at(-1)?.seq ?? before;
      this.#cursor = delta.more ? last : Math.max(last, delta.head);
      this.#wanted = Math.max(this.#wanted, this.#cursor);
      if (delta.head >= this.#cursor) this.#count(delta.unread);
      if (items.length) this.dispatchEvent(new CustomEvent("changed", { detail: items }));
      // A hint that came while the answer was under way counts: the answer may be older than the hint.
      const moved = this.#cursor > before || this.#wanted > hinted;
      more = delta.more || (moved && this.#wanted > this.#cursor);
    }
    if (this.#wanted > this.#cursor) throw new Error("The inbox is behind its hints.");
  }

  #count(unread) {
    if (unread === this.unread) return;
    this.unread = unread;
    this.dispatchEvent(new CustomEvent("counted", { detail: unread }));
  }
}
