/** Identifiers that never collide between tabs. `crypto.randomUUID` needs a secure origin; this does not. */
export function makeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
