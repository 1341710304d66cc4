// Asks for a key where the worker wants one.

import { get, key } from './api.js';
import { el, say, show } from './dom.js';

/** Asks until a key is let in. */
export function signIn(reason) {
  return new Promise((resolve) => {
    const input = el('input', { type: 'password', id: 'key', autocomplete: 'current-password', required: true, spellcheck: 'false' });
    const error = el('p', { class: 'error', role: 'alert', hidden: !reason }, reason ?? '');
    const form = el('form', { method: 'dialog' },
      el('h2', { id: 'sign-in-title' }, 'Sign in'),
      el('p', {}, 'This worker wants to know who you are: by a key, or by a token of your identity provider. It is kept until the tab is closed.'),
      el('div', { class: 'field' }, el('label', { for: 'key' }, 'Key or token'), input), error,
      el('div', { class: 'buttons' }, el('button', { type: 'submit', class: 'primary' }, 'Sign in')));
    const dialog = el('dialog', { 'aria-labelledby': 'sign-in-title' }, form);
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      key.set(input.value.trim());
      try {
        await get('/about');
        dialog.close();
        dialog.remove();
        resolve();
      } catch (problem) {
        key.forget();
        say(error, problem.status === 401 ? 'This worker does not know that key.' : problem.message);
        show(error, true);
        input.select();
      }
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
