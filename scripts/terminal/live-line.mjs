// The last line of a terminal, which tells what is being done; what is printed meanwhile goes above it.
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
const ERASE = '\r\x1b[2K';

export class LiveLine {
  #stream;
  #dim;
  #parts = new Set();
  #timer;
  #frame = 0;

  /** `dim` makes a text less prominent. */
  constructor(stream, dim = (text) => text) {
    this.#stream = stream;
    this.#dim = dim;
  }

  /** Adds a part; its function `head` gives its name and how long it has taken. */
  begin(head) {
    const part = { head, latest: '' };
    this.#parts.add(part);
    this.#timer ??= setInterval(() => this.#draw(), FRAME_MS);
    this.#draw();
    return {
      report: (line) => {
        // Control characters of another program's progress bar would tear this line.
        part.latest = line.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').replace(/[\x00-\x1f]/g, ' ').trim();
        // The one that spoke last is the one whose words are shown.
        if (this.#parts.delete(part)) this.#parts.add(part);
      },
      end: (line) => {
        this.#parts.delete(part);
        if (this.#parts.size === 0) {
          clearInterval(this.#timer);
          this.#timer = undefined;
        }
        this.#write(`${ERASE}${line}\n`);
      },
    };
  }

  /** Prints whole lines. */
  print(text) {
    this.#write(this.#parts.size > 0 ? `${ERASE}${text}` : text);
  }

  #write(text) {
    this.#stream.write(text);
    if (this.#parts.size > 0) this.#draw();
  }

  #draw() {
    this.#frame = (this.#frame + 1) % SPINNER.length;
    const parts = [...this.#parts];
    // Some terminals do not tell their width.
    const room = Math.max(0, (this.#stream.columns || 80) - 4);
    const head = `${SPINNER[this.#frame]} ${parts.map((part) => part.head()).join(', ')}`.slice(0, room);
    this.#stream.write(`${ERASE}${head}  ${this.#dim(parts.at(-1).latest.slice(0, room - head.length))}`);
  }
}
