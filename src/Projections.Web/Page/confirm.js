// Asks before anything is done, and says what will happen.

import { command, newId } from './api.js';
import { el, notice, announce, set, show, say, fill } from './dom.js';

// Ids of what dialogs are made of.
let fieldNumber = 0;

/**
 * Opens a dialog, and sends the command when it is confirmed.
 * @param what { projection, verb, title, button, danger, effects: [text], fields: [field], body, done,
 *   load: async (body) => ({ effects, gates, fields }), beside: async () => [element], unsure, needsReason } where load finds out what the command would do as it is
 *   filled in now, beside what is to be known before, and the button is not the first choice where somebody had better look first (unsure).
 */
export function confirm(what) {
  const before = document.activeElement;
  // One dialog may be asked for in another.
  const [title, reason] = ['title', 'why'].map((name) => `${name}-${++fieldNumber}`);
  // One id for all tries of this one decision: a second click, or a retry after a lost answer, does nothing twice.
  const id = newId();
  const fields = [...(what.fields ?? [])];
  const said = (text) => el('li', {}, text);
  const effects = el('ul', { class: 'effects' }, ...what.effects.map(said));
  const gates = el('div', { class: 'gates', hidden: true });
  const beside = el('div', { class: 'beside', hidden: !what.beside, 'aria-busy': 'true' }, el('p', { class: 'note' }, 'Looking at both versions…'));
  const rows = el('div', { class: 'fields' }, ...fields.map((field) => field.element));
  const why = el('input', { type: 'text', id: reason, maxlength: 500, autocomplete: 'off', required: what.needsReason });
  const error = el('p', { class: 'error', role: 'alert', hidden: true });
  const go = el('button', { type: 'submit', class: what.danger ? 'danger' : what.unsure ? 'quiet' : 'primary' }, what.button);
  let looks = 0;
  const cancel = el('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel');
  const form = el('form', { method: 'dialog' },
    el('h2', { id: title }, what.title), effects, gates, beside, rows,
    el('div', { class: 'field' }, el('label', { for: reason }, what.needsReason ? 'Reason, kept in the history' : 'Reason, kept in the history (optional)'), why),
    error, el('div', { class: 'buttons' }, cancel, go));
  const dialog = el('dialog', { 'aria-labelledby': title, class: what.beside ? 'wide' : null }, form);
  const body = () => Object.assign({}, what.body, ...fields.map((field) => field.read()), why.value.trim() ? { why: why.value.trim() } : {});

  form.addEventListener('submit', send);
  rows.addEventListener('change', look);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  look();
  lookBeside();

  async function send(event) {
    event.preventDefault();
    go.disabled = true;
    show(error, false);
    try {
      const answer = await command(what.projection, what.verb, body(), id);
      dialog.close();
      notice(answer.outcome);
      announce(answer.outcome);
      what.done?.(answer);
    } catch (problem) {
      if (problem.gates?.length) showGates(problem.gates);
      const refused = problem.gates?.length ? 'It was refused for the reasons above; nothing was changed.' : problem.message;
      complain(problem.kind === 'unknown' ? `${problem.message} If you press the button again, what is done is not done twice.` : refused);
      go.disabled = false;
    }
  }

  async function look() {
    if (!what.load) return;
    // What was chosen before may be answered after what is chosen now.
    const mine = ++looks;
    try {
      const loaded = await what.load(body());
      if (mine !== looks) return;
      effects.replaceChildren(...[...what.effects, ...loaded.effects].map(said));
      showGates(loaded.gates);
      for (const field of loaded.fields.filter((one) => !fields.some((other) => other.name === one.name))) {
        fields.push(field);
        rows.append(field.element);
      }
    } catch (problem) {
      if (mine === looks) complain(problem.message);
    }
  }

  async function lookBeside() {
    if (!what.beside) return;
    beside.replaceChildren(...await what.beside().catch((problem) => [el('p', { class: 'error' }, problem.message)]));
    set(beside, 'aria-busy', 'false');
  }

  function showGates(shut) {
    fill(gates, [el('p', {}, shut.length === 1 ? 'It would be refused at present:' : 'It would be refused at present, for these reasons:'),
      el('ul', {}, ...shut.map((gate) => el('li', {}, el('strong', {}, gate.gate), ` ${gate.problem} ${gate.wayOut}`)))]);
    show(gates, shut.length > 0);
  }

  function complain(text) {
    say(error, text);
    show(error, true);
  }
}

/**
 * Opens a dialog that asks nothing of anybody but what is to be looked at, and shows it.
 * @param what { title, text, button, fields: [field], read: async (body) => [element] }
 */
export function look(what) {
  const before = document.activeElement;
  const title = `title-${++fieldNumber}`;
  const found = el('div', { class: 'beside', role: 'region', 'aria-live': 'polite', 'aria-label': 'What was found', hidden: true });
  const error = el('p', { class: 'error', role: 'alert', hidden: true });
  const go = el('button', { type: 'submit', class: 'primary' }, what.button);
  const form = el('form', { method: 'dialog' }, el('h2', { id: title }, what.title), el('p', { class: 'note' }, what.text),
    el('div', { class: 'fields' }, ...what.fields.map((field) => field.element)), error, found,
    el('div', { class: 'buttons' }, el('button', { type: 'button', onclick: () => dialog.close() }, 'Close'), go));
  const dialog = el('dialog', { 'aria-labelledby': title, class: 'wide' }, form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    go.disabled = true;
    show(error, false);
    try {
      found.replaceChildren(...await what.read(Object.assign({}, ...what.fields.map((field) => field.read()))));
      show(found, true);
    } catch (problem) {
      show(found, false);
      say(error, problem.message);
      show(error, true);
    }
    go.disabled = false;
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** A field of a dialog: a label with an input, and how it goes into the command's body. */
function field(name, label, input, read, hint) {
  const id = `field-${++fieldNumber}`;
  input.id = id;
  const note = hint ? el('p', { class: 'hint', id: `${id}-hint` }, hint) : null;
  if (note) input.setAttribute('aria-describedby', note.id);
  const caption = el('label', { for: id }, label);
  const parts = input.type === 'checkbox' ? [el('div', { class: 'check' }, input, caption), note] : [caption, input, note];
  return { name, element: el('div', { class: 'field' }, ...parts), read: () => read(input) };
}

export const checkbox = (name, label, hint, checked = false, value = true) =>
  field(name, label, el('input', { type: 'checkbox', checked }), (input) => (input.checked ? { [name]: value } : {}), hint);

/** Several of what there is: a list of the values that were ticked. */
export function several(name, label, options, hint) {
  const boxes = options.map((option) => ({ option, box: el('input', { type: 'checkbox' }) }));
  const element = el('fieldset', { class: 'field' }, el('legend', {}, label),
    ...boxes.map(({ option, box }) => el('label', { class: 'check' }, box, ` ${option.text}`)), hint ? el('p', { class: 'hint' }, hint) : null);
  return { name, element, read: () => ({ [name]: boxes.filter(({ box }) => box.checked).map(({ option }) => option.value) }) };
}

export const number = (name, label, hint, value) =>
  field(name, label, el('input', { type: 'number', min: 1, step: 1, inputmode: 'numeric', value }), (input) => (input.value ? { [name]: Number(input.value) } : {}), hint);

export const choice = (name, label, options, value) =>
  field(name, label, el('select', {}, ...options.map((option) => el('option', { value: option.value, selected: option.value === value }, option.text))),
    (input) => ({ [name]: Number(input.value) }));

export const line = (name, label, hint, required = false) =>
  field(name, label, el('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', required }), (input) => (input.value.trim() ? { [name]: input.value.trim() } : {}), hint);
