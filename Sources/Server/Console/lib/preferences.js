/** Small settings of this browser, shared by its tabs: theme, language, drafts. Survives storage that is forbidden. */
export class Preferences extends EventTarget {
  #memory = new Map()

  constructor(storage = safeStorage(), prefix = 'yuyan.') {
    super()
    this.storage = storage
    this.prefix = prefix
    globalThis.addEventListener?.('storage', ({ key }) => {
      if (key?.startsWith(prefix)) this.dispatchEvent(new CustomEvent('change', { detail: key.slice(prefix.length) }))
    })
  }

  get(name) {
    try {
      return JSON.parse(this.storage?.getItem(this.prefix + name) ?? null) ?? this.#memory.get(name) ?? null
    } catch {
      return null
    }
  }

  /** Null takes the setting away. */
  set(name, value) {
    this.#memory.set(name, value)
    try {
      if (value === null) this.storage?.removeItem(this.prefix + name)
      else this.storage?.setItem(this.prefix + name, JSON.stringify(value))
    } catch {
      // Full or forbidden: the setting lasts as long as the page.
    }
    this.dispatchEvent(new CustomEvent('change', { detail: name }))
  }

  names() {
    const all = Array.from({ length: this.storage?.length ?? 0 }, (_, index) => this.storage.key(index))
    return all.filter((key) => key.startsWith(this.prefix)).map((key) => key.slice(this.prefix.length))
  }
}

function safeStorage() {
  try {
    return globalThis.localStorage ?? null
  } catch {
    return null
  }
}
