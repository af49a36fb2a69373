/** A table that is wider than the column scrolls by itself; the page does not. */
export function dressTables(root) {
  for (const table of root.querySelectorAll('table')) {
    const frame = document.createElement('div')
    frame.className = 'wide-table'
    frame.tabIndex = 0
    table.replaceWith(frame)
    frame.append(table)
  }
}
