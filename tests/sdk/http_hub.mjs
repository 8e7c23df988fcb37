// A hub from the point of view of a client that asks over HTTP: each request waits until a test answers it.

export class HttpHub {
  #arrived = [];
  #waiting = [];

  /** What a client asks with. */
  fetch = (url, { method = "GET", headers = {}, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const request = new Request(method, new URL(url), headers, body && JSON.parse(body), resolve);
      signal?.addEventListener("abort", () => {
        request.isLeft = true;
        request.stream?.error(new DOMException("left", "AbortError"));
        reject(new DOMException("left", "AbortError"));
      });
      const waiting = this.#waiting.shift();
      if (waiting) waiting(request);
      else this.#arrived.push(request);
    });

  /** The next request, which has to be of this path. */
  async asked(path) {
    const request = this.#arrived.shift() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    if (request.url.pathname !== path) throw new Error(`${request.method} ${request.url} instead of ${path}`);
    return request;
  }
}

class Request {
  isLeft = false;

  constructor(method, url, headers, body, resolve) {
    Object.assign(this, { method, url, headers, body, resolve });
  }

  get query() {
    return Object.fromEntries(this.url.searchParams);
  }

  /** As the hub answers. */
  answer(content) {
    this.resolve(Response.json(content));
  }

  /** As the hub refuses; or a proxy, whose page is HTML. */
  refuse(status, { by = "hub", ...headers } = {}) {
    const type = by === "hub" ? "application/problem+json" : "text/html";
    this.resolve(new Response("{}", { status, headers: { "Content-Type": type, ...headers } }));
  }

  /** Begins a stream of events. */
  open() {
    this.resolve(new Response(new ReadableStream({ start: (stream) => (this.stream = stream) })));
    return this;
  }

  say(t, fields = {}) {
    this.stream.enqueue(new TextEncoder().encode(`event: ${t}\ndata: ${JSON.stringify({ t, ...fields })}\n\n`));
  }
}
