/** Light, dark, or as the system has it. */

export const themes = ['auto', 'light', 'dark']

export function applyTheme(theme) {
  const root = document.documentElement
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
  else delete root.dataset.theme
}

export const nextTheme = (theme) => themes[(themes.indexOf(theme ?? 'auto') + 1) % themes.length]
