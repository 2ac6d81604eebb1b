// Sends every change to the server, in order, once. A change leaves this queue only when the server has it on its disk.

const RETRY_MS = [300, 700, 1500, 3000, 5000];
const HEARTBEAT_MS = 10000;
const MAX_BATCH = 200;

export class Saver {
  // `onAnswer(answer, sent)` is called for each answer, `onStatus(failure)` when the queue or its luck changes; `failure` is
  // null or a text.
  constructor(revision, onAnswer, onStatus) {
    const name = crypto.getRandomValues(new Uint8Array(8));
    this.client = Array.from(name, (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.revision = revision;
    this.onAnswer = onAnswer;
    this.onStatus = onStatus;
    this.pending = [];
    this.count = 0;
    this.failures = 0;
    this.isBusy = false;
    // What is still under way when the page goes away is sent once more: the server does it once.
    addEventListener("pagehide", () => this.pending.length && this.post(this.pending).catch(() => {}));
    addEventListener("beforeunload", (event) => this.failures && this.pending.length && event.preventDefault());
    addEventListener("focus", () => this.flush(true));
    setInterval(() => this.flush(true), HEARTBEAT_MS);
    // A change that the page before this one sent as it went away may have come after our first look.
    setTimeout(() => this.flush(true), 300);
    setTimeout(() => this.flush(true), 1500);
  }

  push(op) {
    this.count += 1;
    this.pending.push({ n: this.count, ...op });
    this.onStatus(null);
    this.flush(false);
  }

  post(ops) {
    return fetch("edit", {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ client: this.client, seen: this.revision, ops }),
    });
  }

  // Sends what is waiting; with `isLook`, asks for news even where nothing is.
  async flush(isLook) {
    if (this.isBusy || (!isLook && !this.pending.length)) return;
    this.isBusy = true;
    const sent = this.pending.slice(0, MAX_BATCH);
    let failure = null;
    try {
      const response = await this.post(sent);
      if (response.ok || response.status === 422) {
        const answer = await response.json();
        this.pending.splice(0, sent.length);
        this.revision = answer.revision;
        this.failures = 0;
        this.onAnswer(answer, sent);
      } else if (response.status === 403) {
        failure = "this page's address is no longer valid: the server was started anew. Open the address that it printed last";
      } else {
        failure = (await response.text()).trim() || `the server said ${response.status}`;
      }
    } catch {
      failure = "the server does not answer: is `onset dataset label` still running?";
    }
    this.isBusy = false;
    if (failure) {
      this.failures += 1;
      setTimeout(() => this.flush(true), RETRY_MS[Math.min(this.failures, RETRY_MS.length) - 1]);
    } else if (this.pending.length) {
      this.flush(false);
    }
    this.onStatus(failure);
  }
}
