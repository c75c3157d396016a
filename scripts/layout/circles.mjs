// Circles of a graph of files: files each of which uses the others, so that none can be read or moved alone.

/** Gives the sets of files that reach each other, each sorted (Tarjan's strongly connected components). */
export function circlesOf(graph) {
  const [index, low, stack, circles] = [new Map(), new Map(), [], []];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return circles.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** The graph of the rooms that files lie in, from that of the files: a room is a folder, or a file beside the rooms. */
export function roomsOf(graph, roomOf) {
  const rooms = new Map();
  for (const [file, used] of graph) {
    const room = rooms.get(roomOf(file)) ?? new Set();
    for (const other of used) if (roomOf(other) !== roomOf(file)) room.add(roomOf(other));
    rooms.set(roomOf(file), room);
  }
  return rooms;
}
