// What the servers of the stack have in common: one process each, that can be paused, ended and started again.
import { Service } from '../process/service.mjs';

/** A server; `launch` of whoever extends it starts its process by `run`. */
export class Server {
  #service;

  /** Starts the process; options as in `Service.start`. */
  async run(options) {
    this.#service = await Service.start(options);
  }

  get pid() {
    return this.#service.pid;
  }

  get log() {
    return this.#service.log;
  }

  get ended() {
    return this.#service.ended;
  }

  pause() {
    this.#service.pause();
  }

  resume() {
    this.#service.resume();
  }

  /** Ends it in order; `restart` still works. */
  async stop() {
    await this.#service.stop();
  }

  /** Ends it as a crash would; `restart` still works. */
  async kill() {
    await this.#service.kill();
  }

  /** Starts it again on the port it had. */
  async restart() {
    await this.stop();
    await this.launch();
  }
}
