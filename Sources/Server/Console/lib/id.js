/** Identifiers that never collide between tabs. `crypto.randomUUID` exists only on secure origins; this works on all. */
export function makeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
