// Process groups that this process has started. Whatever way it ends, they must not outlive it.
//
// Every child leads a group of its own, so that signalling the group also reaches what the child has started
// itself: rustc below cargo, workerd below wrangler.
const running = new Map();

process.on('exit', endAll);

/** Ends all of them. */
export function endAll() {
  for (const [pid, signal] of running) send(pid, signal);
}

/** Takes care of the group led by `pid`; `signal` is what ends it should this process end first. */
export function adopt(pid, signal) {
  if (pid !== undefined) running.set(pid, signal);
}

/** Says that the leader has ended, and ends what it left behind. */
export function release(pid) {
  signalGroup(pid, 'SIGKILL');
  running.delete(pid);
}

/** Signals a group while its leader runs: an ended program's id may soon belong to another. */
export function signalGroup(pid, signal) {
  if (running.has(pid)) send(pid, signal);
}

/** Lets a Ctrl-C or a kill end this process through `exit`, and with it all it has started. */
export function endOnSignals() {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [signal, code] of Object.entries(codes)) process.once(signal, () => process.exit(code));
}

function send(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: nobody is left in the group. EPERM: macOS says that of a group of ended processes.
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}
