// A laptop's network cable. Pulled out, it is as with a real one: nobody is told. What was on its way stays in the
// buffers of both ends and goes on when it is plugged in again, unless an end has given up meanwhile.

export class Cable {
  #isOut = false;
  #links = new Set();

  get isOut() {
    return this.#isOut;
  }

  pull() {
    this.#isOut = true;
  }

  plug() {
    this.#isOut = false;
    for (const link of this.#links) link.goOn();
  }

  /** `fetch` through this cable, for the client. */
  get fetch() {
    return (...given) => (this.#isOut ? Promise.reject(new TypeError("The cable is out")) : fetch(...given));
  }

  /** A WebSocket through this cable, for the client. */
  get WebSocket() {
    const cable = this;
    return function Socket(...given) {
      return new Link(cable, cable.#links, given);
    };
  }
}

// As much of a WebSocket as Hark's client uses.
class Link {
  #cable;
  #links;
  #socket;
  #waiting = []; // what goes on when the cable is in again
  readyState = 0;

  constructor(cable, links, given) {
    this.#cable = cable;
    this.#links = links;
    links.add(this);
    if (cable.isOut) {
      setTimeout(() => this.#end({ code: 1006 }));
      return;
    }
    this.#socket = new WebSocket(...given);
    this.#socket.onopen = () => this.#pass(() => this.#open());
    this.#socket.onmessage = (event) => this.#pass(() => this.onmessage?.(event));
    this.#socket.onerror = () => this.#pass(() => this.onerror?.());
    this.#socket.onclose = (event) => this.#pass(() => this.#end(event));
  }

  send(data) {
    this.#pass(() => this.#socket.readyState === WebSocket.OPEN && this.#socket.send(data));
  }

  close() {
    this.readyState = 3;
    this.#waiting = [];
    // A goodbye does not get through a cable that is out: the hub finds out by itself.
    this.#pass(() => {
      this.#links.delete(this);
      this.#socket?.close();
    });
  }

  goOn() {
    for (const act of this.#waiting.splice(0)) act();
  }

  #pass(act) {
    if (this.#cable.isOut) this.#waiting.push(act);
    else act();
  }

  #open() {
    this.readyState = 1;
    this.onopen?.();
  }

  #end(event) {
    this.readyState = 3;
    this.#links.delete(this);
    this.onclose?.(event);
  }
}
