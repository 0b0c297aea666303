// Browsers stay while an EventSource waits to come back; Node would end.
globalThis.EventSource = class extends EventSource {
  constructor(...told) {
    super(...told);
    const awake = setInterval(() => {
      if (this.readyState === EventSource.CLOSED) clearInterval(awake);
    }, 50);
  }
};
