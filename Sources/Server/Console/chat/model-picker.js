/** Chooses the model that answers. One model is only named; none is explained. */
import { h, iconButton } from '../lib/dom.js'
import { keyForm } from '../elements/key-form.js'
import { modelLabel } from './describe.js'
import { t } from '../lib/i18n.js'

export class ModelPicker extends HTMLElement {
  #shown = null

  setUp(chat) { this.chat = chat }

  update() {
    const { models, modelsError, conversation } = this.chat
    const now = JSON.stringify([models, modelsError?.kind, conversation.model])
    if (now === this.#shown) return
    this.#shown = now
    this.replaceChildren(...this.#parts(models, modelsError, conversation.model))
  }

  #parts(models, error, chosen) {
    if (models.length === 0) {
      if (error?.kind === 'unauthorized')
        return [h('span', { class: 'no-model' }, t('models.locked')), keyForm((key) => this.chat.useKey(key))]
      const text = t(error ? 'models.unreachable' : 'models.none')
      const again = iconButton('again', t('action.retry'), () => this.chat.loadModels())
      return [h('span', { class: 'no-model' }, text), again]
    }
    const missing = chosen && !models.some(({ id }) => id === chosen)
    const option = (value, label, rest) => h('option', { value, ...rest }, label)
    const options = models.map((model) => option(model.id, modelLabel(model), { selected: model.id === chosen }))
    const gone = { selected: true, disabled: true }
    if (missing) options.unshift(option(chosen, t('models.gone', { model: chosen }), gone))
    const choose = ({ target }) => this.chat.configure({ model: target.value })
    return [h('select', { 'aria-label': t('models.label'), title: t('models.label'), onchange: choose }, options)]
  }
}
customElements.define('model-picker', ModelPicker)
