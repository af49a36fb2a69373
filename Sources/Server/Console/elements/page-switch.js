/** The way from one page of the console to another: links, the one shown being marked. */
import { h, icon } from '../lib/dom.js'
import { t } from '../lib/i18n.js'

/** `pages` are `[{ name, icon, address }]`; `address()` is asked when somebody goes. `current` is the page shown. */
export const pageSwitch = (pages, current) =>
  h('nav', { class: 'page-switch', 'aria-label': t('page.switch') }, pages.map(({ name, icon: drawing, address }) =>
    h('a', { href: address(), 'aria-current': name === current ? 'page' : null,
      onclick: ({ currentTarget }) => { currentTarget.href = address() } },
      icon(drawing), t(`page.${name}`))))
